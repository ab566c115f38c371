import { afterAll } from "vitest";
import { dropTables } from "./tables.ts";

// Runs for every test file: see vitest.config.ts.
afterAll(dropTables);
