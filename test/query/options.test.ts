import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { inputFromOptions } from "../../src/query/option-values.ts";
import { kebabCase, optionsOf } from "../../src/query/pattern-options.ts";

const input = z.strictObject({
  reactingUser: z.string().describe("who"),
  limit: z.int().default(20),
  exact: z.boolean().optional(),
  kind: z.enum(["a", "b"]).optional(),
  sizes: z.array(z.number()).default([]),
  set: z.strictObject({ name: z.string(), age: z.number(), interests: z.array(z.string()) }).partial(),
  nested: z.array(z.object({ x: z.number() })).optional(),
});
const options = optionsOf({ input });

test("options are derived from the schema: names, forms, what must be given", () => {
  expect(options.map(({ name, kind, required }) => [name, kind, required])).toEqual([
    ["reacting-user", "text", true],
    ["limit", "number", false],
    ["exact", "boolean", false],
    ["kind", "text", false],
    ["sizes", "list", false],
    ["set", "attributes", true],
    ["nested", "document", false],
  ]);
  expect(options[0]?.describe).toBe("who");
  expect(kebabCase("photoTimestamp")).toBe("photo-timestamp");
});

const read = (typed: Record<string, unknown>, document = {}) => inputFromOptions(options, typed, document);

test("texts become what their fields are", () => {
  const set = ["name=John = Perry", "age=5", "interests=a", "interests=b"];
  const typed = { "reacting-user": "007", limit: "5", exact: "true", sizes: ["1", "2.5"], set };
  expect(read(typed)).toEqual({
    mistakes: [],
    input: {
      reactingUser: "007",
      limit: 5,
      exact: true,
      sizes: [1, 2.5],
      set: { name: "John = Perry", age: 5, interests: ["a", "b"] },
    },
  });
  expect(read({ sizes: "1" }).input).toEqual({ sizes: [1] });
  expect(read({ set: "interests=a" }).input).toEqual({ set: { interests: ["a"] } });
});

test("what does not read as its field's type stays text, for the schema to refuse", () => {
  const typed = { limit: "many", exact: "yes", sizes: ["1", "0x10", ""], set: ["age=old", "unknown=1"] };
  expect(read(typed).input).toEqual({
    limit: "many",
    exact: "yes",
    sizes: [1, "0x10", ""],
    set: { age: "old", unknown: "1" },
  });
});

test("mistakes of form are all named", () => {
  const typed = { limit: ["1", "2"], set: ["name=a", "name=b", "age", "=5"], nested: "x" };
  expect(read(typed).mistakes).toEqual([
    "--limit is given 2 times",
    '--set: "age" is not name=value',
    '--set: "=5" is not name=value',
    "--set name is given 2 times",
    "--nested can only be given with --input",
  ]);
});

test("a document gives what is not typed, and what is typed wins", () => {
  const document = { reactingUser: "a", limit: 3, nested: [{ x: 1 }], more: true };
  expect(read({ "reacting-user": "b" }, document).input).toEqual({ ...document, reactingUser: "b" });
});

test("an attribute that is called like a part of every object is an attribute", () => {
  const { input: made } = read({ set: ["__proto__=x"] });
  expect(Object.keys(made.set as object)).toEqual(["__proto__"]);
});

test("any input survives being written as options and read again", () => {
  const inputs = fc.record({
    reactingUser: fc.string(),
    limit: fc.integer(),
    exact: fc.boolean(),
    sizes: fc.array(
      fc.float({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      { minLength: 1 },
    ),
    set: fc.record({
      name: fc.string(),
      age: fc.integer(),
      interests: fc.array(fc.string(), { minLength: 1 }),
    }),
  });
  fc.assert(
    fc.property(inputs, (given) => {
      const { name, age, interests } = given.set;
      const typed = {
        "reacting-user": given.reactingUser,
        limit: String(given.limit),
        exact: String(given.exact),
        sizes: given.sizes.map(String),
        set: [`name=${name}`, `age=${age}`, ...interests.map((interest) => `interests=${interest}`)],
      };
      expect(read(typed)).toEqual({ input: given, mistakes: [] });
    }),
  );
});
