import { it } from "vitest";
import { proveRoundTrips } from "./round-trip.ts";

it("any items, written in any format, come back equal from the engine", () => proveRoundTrips(18));
