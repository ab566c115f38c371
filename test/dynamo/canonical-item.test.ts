import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalItem,
  canonicalKey,
  canonicalNumber,
  canonicalValue,
} from "../../src/dynamo/canonical-item.ts";

describe("canonicalNumber", () => {
  it.each([
    ["1.50", "1.5"],
    ["15e-1", "1.5"],
    ["+1", "1"],
    ["-0.0", "0"],
    ["100", "1e2"],
    ["0.001", "1E-3"],
    [".5", "0.5"],
    ["12345678901234567890123456789012345678", "12345678901234567890123456789012345678.0"],
  ])("%s equals %s", (a, b) => expect(canonicalNumber(a)).toBe(canonicalNumber(b)));

  it.each([
    ["9007199254740993", "9007199254740992"],
    ["1", "-1"],
    ["1e125", "1e124"],
    ["10", "1"],
  ])("%s differs from %s", (a, b) => expect(canonicalNumber(a)).not.toBe(canonicalNumber(b)));

  it.each(["", ".", "1e", "abc", "NaN", "1 2"])("refuses %j", (text) =>
    expect(() => canonicalNumber(text)).toThrow(TypeError),
  );

  it("is equal exactly where JavaScript's numbers are, as far as those are exact", () => {
    const exact = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
    fc.assert(
      fc.property(exact, exact, fc.integer({ min: 0, max: 8 }), (a, b, places) => {
        const zeros = "0".repeat(places);
        expect(canonicalNumber(`${a}.${zeros}`)).toBe(canonicalNumber(`${a}${zeros}e-${places}`));
        expect(canonicalNumber(String(a)) === canonicalNumber(String(b))).toBe(a === b);
      }),
    );
  });
});

describe("canonicalValue", () => {
  it("takes sets as unordered and lists as ordered", () => {
    expect(canonicalValue({ SS: ["b", "a"] })).toBe(canonicalValue({ SS: ["a", "b"] }));
    expect(canonicalValue({ NS: ["10", "2.0"] })).toBe(canonicalValue({ NS: ["2", "1e1"] }));
    expect(canonicalValue({ BS: [new Uint8Array([2]), new Uint8Array([1])] })).toBe(
      canonicalValue({ BS: [new Uint8Array([1]), new Uint8Array([2])] }),
    );
    expect(canonicalValue({ L: [{ S: "b" }, { S: "a" }] })).not.toBe(
      canonicalValue({ L: [{ S: "a" }, { S: "b" }] }),
    );
  });

  it("tells the types apart", () => {
    const values = [
      { S: "1" },
      { N: "1" },
      { SS: ["1"] },
      { NS: ["1"] },
      { L: [{ N: "1" }] },
      { BOOL: true },
      { NULL: true as const },
    ];
    expect(new Set(values.map((value) => canonicalValue(value))).size).toBe(values.length);
  });

  it("reads a view of bytes, not the buffer behind it", () => {
    const bytes = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
    expect(canonicalValue({ B: bytes })).toBe(canonicalValue({ B: new Uint8Array([1, 2]) }));
  });
});

describe("canonicalItem", () => {
  it("does not depend on the order of attributes", () => {
    expect(canonicalItem({ b: { S: "2" }, a: { M: { y: { N: "1" }, x: { BOOL: true } } } })).toBe(
      canonicalItem({ a: { M: { x: { BOOL: true }, y: { N: "1.0" } } }, b: { S: "2" } }),
    );
  });

  it("keeps keys with separators in their values apart", () => {
    expect(canonicalKey({ PK: { S: 'a","b' }, SK: { S: "c" } }, ["PK", "SK"])).not.toBe(
      canonicalKey({ PK: { S: "a" }, SK: { S: 'b","c' } }, ["PK", "SK"]),
    );
  });
});
