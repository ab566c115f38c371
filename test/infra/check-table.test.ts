import { describe, expect, it } from "vitest";
import { tableMistakes } from "../../infra/components/table-store/check-table.ts";
import design from "../../infra/tables/quick-photos.ts";
import type { TableDesign } from "../../src/dynamo/table-design.ts";

describe("a table that AWS would refuse", () => {
  const mistakesOf = (changes: Partial<TableDesign>, physicalName = "quick-photos", ttlAttribute?: string) =>
    tableMistakes({ design: { ...design, ...changes }, physicalName, ttlAttribute });
  const text = (name: string) => ({ name, type: "S" as const });
  const index = { partitionKey: text("SK"), sortKey: text("PK"), projection: "ALL" as const };
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, place) => [`Index${place}`, index]));

  it("is none where the design is right", () => {
    expect(mistakesOf({})).toEqual([]);
    expect(mistakesOf({ indexes: many(20) }, "a.b_c-D1", "expiresAt")).toEqual([]);
    expect(
      mistakesOf({ localIndexes: { ByDate: { sortKey: text("date"), projection: "KEYS_ONLY" } } }),
    ).toEqual([]);
  });

  it.each([
    [{}, "ab", /the table's name "ab" must be 3 to 255/],
    [{}, "x".repeat(256), /must be 3 to 255/],
    [{}, "a b", /"a b" must be/],
    [{ indexes: { ab: index } }, undefined, /the index name "ab" must be 3 to 255/],
    [{ indexes: many(21) }, undefined, /has 21 global indexes; a table may have 20/],
    [
      {
        localIndexes: Object.fromEntries(
          ["a", "b", "c", "d", "e", "f"].map((name) => [
            `By${name}`,
            { sortKey: text(name), projection: "ALL" },
          ]),
        ),
      },
      undefined,
      /has 6 local indexes; a table may have 5/,
    ],
    [
      { localIndexes: { InvertedIndex: { sortKey: text("date"), projection: "ALL" } } },
      undefined,
      /two indexes are called InvertedIndex/,
    ],
    [
      { indexes: { Odd: { partitionKey: { name: "PK", type: "N" }, projection: "ALL" } } },
      undefined,
      /PK is of type S in the table and N in index Odd/,
    ],
    [
      { indexes: { Odd: { ...index, sortKey: JSON.parse('{"name":"PK","type":"string"}') } } },
      undefined,
      /PK of index Odd is of type "string"; a key is of type S, N or B/,
    ],
    [{ partitionKey: JSON.parse('{"name":"PK"}') }, undefined, /PK of the table is of no type; a key is of/],
    [{ partitionKey: text("") }, undefined, /the key name "" of the table must have 1 to 255 bytes/],
    [
      { indexes: { Odd: { ...index, partitionKey: text("ä".repeat(128)) } } },
      undefined,
      /ä" of index Odd must/,
    ],
    [
      { indexes: { Odd: { ...index, projection: JSON.parse('"MOST"') } } },
      undefined,
      /index Odd has the projection "MOST"; it must be ALL, KEYS_ONLY or \{ include: \[names\] \}/,
    ],
    [
      { indexes: { Odd: { partitionKey: text("SK"), sortKey: text("SK"), projection: "ALL" } } },
      undefined,
      /index Odd has SK as partition key and as sort key/,
    ],
    [
      {
        indexes: {
          Wide: { ...index, projection: { include: Array.from({ length: 101 }, (_, place) => `a${place}`) } },
        },
      },
      undefined,
      /include 101 attributes; all together may include 100/,
    ],
  ] satisfies [Partial<TableDesign>, string | undefined, RegExp][])(
    "is said: %#",
    (changes, name, expected) => {
      const mistakes = mistakesOf(changes, name);
      expect(mistakes).toEqual([expect.stringMatching(expected)]);
      expect(mistakes[0]).toMatch(/^infra\/tables\/quick-photos\.ts: /);
    },
  );

  it("has a text key that is to expire, or local indexes without a sort key", () => {
    expect(mistakesOf({}, undefined, "PK")).toEqual([expect.stringMatching(/expiry times are numbers/)]);
    const { sortKey: _sortKey, ...unsorted } = design;
    const localIndexes = { ByDate: { sortKey: text("date"), projection: "ALL" as const } };
    expect(tableMistakes({ design: { ...unsorted, localIndexes }, physicalName: "photos" })).toEqual([
      expect.stringMatching(/want a table with a sort key/),
    ]);
  });
});
