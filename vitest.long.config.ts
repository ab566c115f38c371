import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The long proofs: `npm run test:long`. */
const long = mergeConfig(base, { test: { testTimeout: 1_800_000 } });
long.test.include = ["test/**/*.long.test.ts"];
long.test.exclude = [];
export default long;
