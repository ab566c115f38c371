import fc from "fast-check";
import { expect, test } from "vitest";
import { compareUtf8 } from "../../src/query/utf8-order.ts";
import { compareRows, compareSubset } from "../../src/verify/compare-rows.ts";
import { describeDifference } from "../../src/verify/describe-difference.ts";
import { pageSizes } from "../../src/verify/judge-pages.ts";
import { createRandom } from "../../src/verify/random.ts";
import { shortenRequest, withLeftOut } from "../../src/verify/short-pages.ts";

const row = fc.record({
  name: fc.string(),
  count: fc.integer(),
  tags: fc.array(fc.string(), { maxLength: 3 }),
});
const rows = fc.array(row, { maxLength: 8 });

test("equal rows are equal, in order and in any order", () => {
  fc.assert(
    fc.property(rows, fc.integer(), (list, seed) => {
      const copy = structuredClone(list);
      const shuffled = createRandom(seed >>> 0).sample(copy, copy.length);
      expect(compareRows(list, copy, "ordered")).toBeUndefined();
      expect(compareRows(list, shuffled, "bag")).toBeUndefined();
    }),
  );
});

test("a row dropped, doubled or changed is always found, whichever way is compared", () => {
  fc.assert(
    fc.property(rows, row, fc.nat(), fc.constantFrom("ordered", "bag"), (list, extra, place, compare) => {
      const at = place % (list.length + 1);
      const more = list.toSpliced(at, 0, extra);
      expect(compareRows(list, more, compare)).toMatchObject({ extra: [extra], missing: [] });
      expect(compareRows(more, list, compare)).toMatchObject({ extra: [], missing: [extra] });
      const changed = list.toSpliced(at, 0, { ...extra, count: extra.count + 1 });
      const difference = compareRows(more, changed, compare);
      expect(difference).toBeDefined();
      if (difference) expect(describeDifference(difference).length).toBeGreaterThan(1);
    }),
  );
});

test("a subset has as many rows as it must, each of the candidates at most once", () => {
  fc.assert(
    fc.property(rows, fc.nat(), row, (list, some, stranger) => {
      const count = some % (list.length + 1);
      const chosen = createRandom(some).sample(structuredClone(list), count);
      expect(compareSubset(list, chosen, count)).toBeUndefined();
      expect(compareSubset(list, chosen, count + 1)).toMatchObject({ expectedCount: count + 1, extra: [] });
      const strange = [...chosen, { ...stranger, isStrange: true }];
      expect(compareSubset(list, strange, count + 1)?.extra).toHaveLength(1);
    }),
  );
  const twice = compareSubset([{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 1 }], 2);
  expect(twice && describeDifference(twice)).toEqual([
    "expected any 2 of 2 rows, got 2: 1 that should not be there",
    "  extra   { a: 1 }",
  ]);
});

test("two rows that change places are found where the order counts", () => {
  const list = [{ a: 1 }, { a: 2 }, { a: 3 }];
  const swapped = [{ a: 1 }, { a: 3 }, { a: 2 }];
  expect(compareRows(list, swapped, "bag")).toBeUndefined();
  expect(compareRows(list, swapped, "ordered")).toMatchObject({
    missing: [],
    extra: [],
    outOfOrder: { position: 1, expected: { a: 2 }, actual: { a: 3 } },
  });
});

test("undefined counts as absent; types count: 1 is not '1', null is not absent, a set is not a list", () => {
  expect(compareRows([{ a: 1, b: undefined }], [{ a: 1 }], "ordered")).toBeUndefined();
  for (const [one, other] of [
    [{ a: 1 }, { a: "1" }],
    [{ a: null }, {}],
    [{ a: new Set(["x"]) }, { a: ["x"] }],
    [{ a: [1, 2] }, { a: [2, 1] }],
  ]) {
    expect(compareRows([one], [other], "bag")).toBeDefined();
  }
});

test("a difference shows the attribute, and hides what would be too long", () => {
  const lines = (expected: unknown[], actual: unknown[]) =>
    describeDifference(compareRows(expected, actual, "ordered") ?? expect.fail("no difference"));
  const photo = { username: "david25", timestamp: "2019-03-02T09:11:30", reactions: { heart: 3 } };
  expect(lines([{ photo }], [{ photo: { ...photo, reactions: { heart: 4 } } }])).toContain(
    "    photo.reactions.heart: expected 3, got 4",
  );
  const many = Array.from({ length: 500 }, (_, index) => ({ name: "x".repeat(1000), index }));
  const shown = lines(many, []);
  expect(shown).toHaveLength(5);
  expect(shown.at(-1)).toBe("  and 497 more rows");
  expect(Math.max(...shown.map((line) => line.length))).toBeLessThan(200);
});

test("text is ordered by its UTF-8 bytes, where JavaScript's order differs", () => {
  expect("\u{1f600}" < "\uff5e").toBe(true);
  expect(compareUtf8("\u{1f600}", "\uff5e")).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test("random: the same seed draws the same, in different places, without doubles", () => {
  fc.assert(
    fc.property(fc.nat(), fc.uniqueArray(fc.integer()), fc.nat(20), (seed, list, count) => {
      const draw = () => createRandom(seed, "find-followers").sample(list, count);
      const drawn = draw();
      expect(drawn).toEqual(draw());
      expect(drawn).toHaveLength(Math.min(count, list.length));
      expect(new Set(drawn).size).toBe(drawn.length);
    }),
  );
  const numbers = Array.from({ length: 1000 }, (_, index) => index);
  const firsts = new Set(numbers.map((seed) => createRandom(seed).sample(numbers, 1)[0]));
  expect(firsts.size).toBeGreaterThan(500);
});

test("page sizes: one and two for a short answer, about a dozen pages for a long one", () => {
  expect(pageSizes(0)).toEqual([1, 2]);
  expect(pageSizes(12)).toEqual([1, 2]);
  expect(pageSizes(120)).toEqual([10, 20]);
});

test("a shortened request asks for less, never for more, and no key of a batch is lost", () => {
  expect(shortenRequest("QueryCommand", {}, 3).input).toEqual({ Limit: 3 });
  expect(shortenRequest("QueryCommand", { Limit: 1 }, 3).input).toEqual({ Limit: 1 });
  expect(shortenRequest("GetItemCommand", {}, 3).input).toEqual({});
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(), { minLength: 1 }), fc.array(fc.nat()), (keys, unprocessed) => {
      const { input, leftOut } = shortenRequest(
        "BatchGetItemCommand",
        { RequestItems: { t: { Keys: keys } } },
        1,
      );
      const sent = input.RequestItems?.t?.Keys ?? [];
      expect(sent.length).toBeGreaterThan(0);
      expect([...sent, ...(leftOut.t?.Keys ?? [])]).toEqual(keys);
      const all = withLeftOut({ t: { Keys: unprocessed } }, leftOut);
      expect(all.t?.Keys).toEqual([...unprocessed, ...(leftOut.t?.Keys ?? [])]);
    }),
  );
});
