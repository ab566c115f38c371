import { it } from "vitest";
import { fuzzReader, SUBJECTS } from "./fuzz-reader.ts";

it.each(Object.keys(SUBJECTS))("mutated input, written as %s, never gives a wrong item", (name) =>
  fuzzReader(name, 400),
);
