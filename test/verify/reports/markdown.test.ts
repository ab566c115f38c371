import { expect, test } from "vitest";
import { keysOfPlace, sentConditions, splitKeyCondition } from "../../../src/verify/reports/key-condition.ts";
import { renderPatternTable } from "../../../src/verify/reports/markdown.ts";
import { changeOf, MARKS, replaceMarkedPart } from "../../../src/verify/reports/marked-part.ts";
import { design } from "../quick-photos.ts";
import { madeUpInput, madeUpPattern, madeUpReport } from "./made-up.ts";

const split = (text: string, index?: string) => splitKeyCondition(text, keysOfPlace(design, index));

test("a key condition is taken apart by the keys of its place", () => {
  expect(split("PK = USER#<username>, SK begins_with PHOTO#<username>#, backwards")).toEqual({
    partition: "PK = USER#<username>",
    sort: "SK begins_with PHOTO#<username>#",
    others: ["backwards"],
  });
  expect(split("SK = #FRIEND#<username>; then the keys of the profiles", "InvertedIndex")).toEqual({
    partition: "SK = #FRIEND#<username>",
    sort: "",
    others: ["then the keys of the profiles"],
  });
  // A name that only begins like a key is none.
  expect(split("PKX = a, PK = b")).toEqual({ partition: "PK = b", sort: "", others: ["PKX = a"] });
  expect(split("anything")).toEqual({ partition: "", sort: "", others: ["anything"] });
});

test("conditions and filters are those that were sent, with the names of attributes", () => {
  const input = madeUpInput(1, false);
  const sent = {
    TransactItems: [
      {
        Update: {
          ConditionExpression: "attribute_exists(#a) AND #ab = :v",
          ExpressionAttributeNames: { "#a": "PK", "#ab": "counted" },
        },
      },
      { Put: { ConditionExpression: "attribute_not_exists(PK)" } },
      { Put: { ConditionExpression: "attribute_not_exists(PK)" } },
    ],
  };
  const request = { operation: "TransactWriteItems", input: sent };
  const pattern = madeUpPattern("write", 0, { evidence: [{ ...input, request }] });
  expect(sentConditions(pattern)).toEqual([
    "Update: attribute_exists(PK) AND counted = :v",
    "Put: attribute_not_exists(PK)",
  ]);
  const filtered = { operation: "Query", input: { FilterExpression: "attribute_exists(photo)" } };
  expect(sentConditions(madeUpPattern("read", 0, { evidence: [{ ...input, request: filtered }] }))).toEqual([
    "filter: attribute_exists(photo)",
  ]);
});

test("the table is the same for another seed and time, and no cell breaks it", () => {
  const patterns = [
    madeUpPattern("odd", 3, {
      title: "a | b <i> *c*",
      keyCondition: "PK = a|b, SK = `c`",
      largest: { rows: 3, requests: 1, readUnits: 1.5 },
    }),
  ];
  const table = renderPatternTable(madeUpReport(patterns), design);
  expect(table.split("\n").at(-1)).toBe(
    "| `odd` | a \\| b \\<i\\> \\*c\\* | base table | Query | `PK = a\\|b` | `SK = 'c'` |  | 1.5 of 2 | pass |",
  );
  const [slow] = patterns.map((pattern) => ({ ...pattern, milliseconds: 999, requests: 99 }));
  const later = madeUpReport(slow ? [slow] : [], { seed: 7, startedAt: "2027-01-01T00:00:00.000Z" });
  expect(renderPatternTable(later, design)).toBe(table);
});

test("only what stands between the marks is replaced, and only there", () => {
  const file = `# Title\r\n${MARKS.begin}\r\nold\r\n${MARKS.end}\r\nrest $& $1\r\n`;
  const after = replaceMarkedPart(file, "new $& |\nline", "README.md");
  expect(after).toBe(`# Title\r\n${MARKS.begin}\r\nnew $& |\r\nline\r\n${MARKS.end}\r\nrest $& $1\r\n`);
  expect(replaceMarkedPart(after, "new $& |\nline", "README.md")).toBe(after);
  expect(changeOf("README.md", after, after)).toBeUndefined();
  expect(changeOf("README.md", file, after)).toMatch(/^-old\r?$/m);
  for (const wrong of [
    "no marks",
    MARKS.begin,
    `${MARKS.end}\n${MARKS.begin}`,
    `${MARKS.begin}\n${MARKS.begin}\n${MARKS.end}`,
  ]) {
    expect(() => replaceMarkedPart(wrong, "x", "README.md")).toThrow(
      expect.objectContaining({ code: "file-unmarked" }),
    );
  }
});
