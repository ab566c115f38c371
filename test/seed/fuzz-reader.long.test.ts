import { it } from "vitest";
import { fuzzReader, SUBJECTS } from "./fuzz-reader.ts";

it.each(Object.keys(SUBJECTS))("200,000 mutated inputs, written as %s, never give a wrong item", (name) =>
  fuzzReader(name, 200_000),
);
