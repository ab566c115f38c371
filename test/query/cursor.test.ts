import fc from "fast-check";
import { expect, test } from "vitest";
import { type CursorScope, decodeCursor, encodeCursor } from "../../src/query/cursor.ts";

const scope: CursorScope = { pattern: "find-followers", table: "t", input: { username: "u", limit: 2 } };
const key = { PK: "USER#u", SK: "#FRIEND#żółw 🐢" };
const refusal = (problem: string) =>
  expect.objectContaining({
    code: "invalid-cursor",
    exitCode: 4,
    facts: { pattern: scope.pattern, problem },
  });

const keys = fc.dictionary(
  fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => name !== "__proto__"),
  fc.oneof(fc.string({ unit: "grapheme" }), fc.integer()),
  { minKeys: 1, noNullPrototype: true },
);

test("a cursor gives back its key, whatever the key, the pattern and the input are", () => {
  const inputs = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer()), { noNullPrototype: true });
  fc.assert(
    fc.property(keys, fc.string(), fc.string(), inputs, (lastKey, pattern, table, input) => {
      const cursor = encodeCursor({ pattern, table, input }, lastKey);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(decodeCursor({ pattern, table, input }, cursor)).toEqual(lastKey);
    }),
  );
});

test("a cursor goes on with another page size, another order of fields and an undefined field", () => {
  const made = encodeCursor({ ...scope, input: { a: 1, b: "x", limit: 2 } }, key);
  const input = { cursor: made, limit: 50, c: undefined, b: "x", a: 1 };
  expect(decodeCursor({ ...scope, input }, made)).toEqual(key);
});

test("a cursor of which any character was changed, lost or added is damaged", () => {
  const cursor = encodeCursor(scope, key);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ #";
  fc.assert(
    fc.property(
      fc.nat(cursor.length),
      fc.constantFrom("change", "drop", "insert"),
      fc.constantFrom(...alphabet),
      (at, how, letter) => {
        const rest = cursor.slice(how === "insert" ? at : at + 1);
        const damaged = `${cursor.slice(0, at)}${how === "drop" ? "" : letter}${rest}`;
        fc.pre(damaged !== cursor);
        expect(() => decodeCursor(scope, damaged)).toThrow(refusal("is damaged"));
      },
    ),
    { numRuns: 1000 },
  );
});

test.each(["", "x", "not a cursor", "{}", Buffer.from("[]").toString("base64url")])(
  "%j is no cursor",
  (text) => {
    expect(() => decodeCursor(scope, text)).toThrow(refusal("is damaged"));
  },
);

test("a cursor of another pattern, table or input is refused by its cause", () => {
  const other = (change: Partial<CursorScope>) => encodeCursor({ ...scope, ...change }, key);
  expect(() => decodeCursor(scope, other({ pattern: "find-following" }))).toThrow(
    refusal("is of another pattern"),
  );
  expect(() => decodeCursor(scope, other({ table: "t2" }))).toThrow(refusal("is of another table"));
  expect(() => decodeCursor(scope, other({ input: { username: "v" } }))).toThrow(
    refusal("is of another input"),
  );
});
