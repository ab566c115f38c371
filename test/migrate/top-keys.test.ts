import fc from "fast-check";
import { expect, test } from "vitest";
import { TopKeys } from "../../src/migrate/steps/top-keys.ts";

const countOf = (keys: readonly string[], key: string) => keys.filter((other) => other === key).length;

test("finds every key above a thousandth, and never counts one too high", () => {
  const hot = fc.array(
    fc.record({ key: fc.constantFrom("a", "b", "c"), times: fc.integer({ min: 1, max: 400 }) }),
    {
      maxLength: 4,
    },
  );
  const property = fc.property(hot, fc.integer({ min: 0, max: 3_000 }), fc.nat(), (keys, others, at) => {
    const stream = [
      ...keys.flatMap(({ key, times }) => Array.from({ length: times }, () => key)),
      ...Array.from({ length: others }, (_, n) => `other ${n}`),
    ];
    // Some of the others come first.
    const turned = [...stream.slice(at % (stream.length + 1)), ...stream.slice(0, at % (stream.length + 1))];
    const top = new TopKeys();
    for (const key of turned) top.add(key);
    const listed = top.list(5_000);
    for (const { key, entries } of listed) expect(entries).toBeLessThanOrEqual(countOf(stream, key));
    for (const key of ["a", "b", "c"]) {
      const truth = countOf(stream, key);
      const found = listed.find((entry) => entry.key === key)?.entries ?? 0;
      expect(found).toBeGreaterThanOrEqual(truth - stream.length / 1_000);
    }
    expect(listed.map(({ entries }) => entries)).toEqual(
      listed.map(({ entries }) => entries).sort((a, b) => b - a),
    );
  });
  fc.assert(property, { numRuns: 30 });
});
