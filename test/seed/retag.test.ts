import fc from "fast-check";
import { parse } from "lossless-json";
import { expect, it } from "vitest";
import { canonicalItem, canonicalKey } from "../../src/dynamo/canonical-item.ts";
import { itemBytes } from "../../src/dynamo/item-size.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import type { TableDesign } from "../../src/dynamo/table-design.ts";
import { Retagger } from "../../src/seed/file/retag/retag-item.ts";
import { writeUnitsOf } from "../../src/seed/file/write-units.ts";
import { attributeOf, design, itemOf, jsonText, NumberText } from "./support.ts";

const retag = (text: string | Buffer, isTagged = false, keys: TableDesign = design) =>
  new Retagger(keys).retag({ line: 7, column: undefined, bytes: Buffer.from(text) }, isTagged, undefined);

/** What is known of an item, by the rules that say it of any item. */
const factsOf = (item: StoredItem, keys: TableDesign = design) => {
  const bytes = itemBytes(item);
  return {
    partition: canonicalKey(item, ["PK"]),
    key: canonicalKey(item, ["PK", "SK"]),
    bytes,
    writeUnits: writeUnitsOf({ item, bytes }, keys),
  };
};

/** Text that means the same, with white space wherever it may be. */
function spaced(text: string, spaces: string): string {
  let isInString = false;
  return [...text]
    .map((character, index, all) => {
      if (character === '"' && all[index - 1] !== "\\") isInString = !isInString;
      return !isInString && "{}[]:,".includes(character) ? `${spaces}${character}${spaces}` : character;
    })
    .join("");
}

const simpleNumber = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.stringMatching(/^(0|[1-9][0-9]{0,20})$/),
    fc.stringMatching(/^(\.[0-9]{1,16})?$/),
  )
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction}`)
  .filter((text) => !/^-[0.]*$/.test(text))
  .map((text) => new NumberText(text));

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string({ unit: "grapheme" }),
    simpleNumber,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-zé]{1,6}$/), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const simpleItems = fc
  .record({
    PK: fc.stringMatching(/^[a-zA-Z0-9#é😀 ]{1,20}$/u),
    SK: simpleNumber,
    rest: fc.dictionary(fc.stringMatching(/^[a-z]{3,9}$/), value, { maxKeys: 8, noNullPrototype: true }),
    owner: fc.option(fc.stringMatching(/^[a-z]{1,9}$/), { nil: undefined }),
  })
  .map(({ PK, SK, rest, owner }) => ({ ...rest, ...(owner !== undefined && { owner }), PK, SK }));

it("plain items without anything unusual are taken, and are what the text says", () => {
  let taken = 0;
  const [runs, least] = [600, 500];
  fc.assert(
    fc.property(simpleItems, fc.constantFrom("", " ", "\t \r"), (plain, spaces) => {
      const found = retag(spaced(jsonText(plain), spaces));
      if (!found) return;
      taken += 1;
      const item = itemOf(plain);
      expect(found.item).toEqual(item);
      expect(found).toMatchObject({ line: 7, ...factsOf(item) });
    }),
    { numRuns: runs },
  );
  // Escapes of control characters are left to the parser.
  expect(taken).toBeGreaterThan(least);
});

it("the same as DynamoDB JSON, bare and in an envelope", () => {
  let taken = 0;
  fc.assert(
    fc.property(simpleItems, fc.boolean(), fc.constantFrom("", " "), (plain, inEnvelope, spaces) => {
      const item = itemOf(plain);
      const text = JSON.stringify(inEnvelope ? { Item: item } : item);
      const found = retag(spaced(text, spaces), true);
      if (!found) return;
      taken += 1;
      expect(found.item).toEqual(item);
      expect(found).toMatchObject(factsOf(item));
    }),
    { numRuns: 300 },
  );
  expect(taken).toBeGreaterThan(250);
});

/** A strict reading by another parser; undefined where it is no JSON object, or has a name twice. */
function strictly(text: string): StoredItem | undefined {
  try {
    const read = parse(text, undefined, {
      parseNumber: (number) => new NumberText(number),
      onDuplicateKey: ({ key }) => {
        throw new Error(`${key} stands there twice`);
      },
    });
    return attributeOf(read).M;
  } catch {
    return undefined;
  }
}

it("whatever is done to a text, what is taken is what a strict parser reads", () => {
  const alphabet = fc.constantFrom(...'{}[]",:\\-+.eE019 atf\u0000\u001f$_é\n', '"PK":', '"$binary"', "null");
  let taken = 0;
  fc.assert(
    fc.property(
      simpleItems,
      fc.array(fc.tuple(fc.nat(), fc.nat(2), alphabet), { maxLength: 2 }),
      (plain, edits) => {
        let text = jsonText(plain);
        for (const [position, removed, added] of edits) {
          const at = position % (text.length + 1);
          text = text.slice(0, at) + added + text.slice(at + removed);
        }
        // Half of a surrogate pair has no bytes.
        text = Buffer.from(text).toString();
        const found = retag(text);
        if (!found) return;
        taken += 1;
        expect(strictly(text)).toBeDefined();
        expect(canonicalItem(found.item)).toBe(canonicalItem(strictly(text) ?? {}));
        expect(found).toMatchObject(factsOf(found.item));
      },
    ),
    { numRuns: 2_000 },
  );
  expect(taken).toBeGreaterThan(200);
});

const sound = '"PK":"a","SK":1';
it.each([
  ["a key that is missing", '{"PK":"a"}'],
  ["a key of another type", '{"PK":1,"SK":1}'],
  ["an empty key", '{"PK":"","SK":1}'],
  ["a key that is too long", `{"PK":"${"a".repeat(2_049)}","SK":1}`],
  ["an index key of another type", `{${sound},"owner":3}`],
  ["an empty index key", `{${sound},"owner":""}`],
  ["a name twice", `{${sound},"a":1,"a":2}`],
  ["a name twice in a map", `{${sound},"m":{"a":1,"a":2}}`],
  ["an empty name", `{${sound},"":1}`],
  ["a name that JavaScript cannot carry", `{${sound},"__proto__":1}`],
  ["an escaped name", `{${sound},"\\u0061":1}`],
  ["an escape in Unicode", `{${sound},"a":"\\ud800"}`],
  ["an escape that is none", `{${sound},"a":"\\x"}`],
  ["a control character", `{${sound},"a":"\u0001"}`],
  ["bytes that are no UTF-8", Buffer.from(`{${sound},"a":"\xff"}`, "latin1")],
  ["an exponent", `{${sound},"n":1e5}`],
  ["39 digits", `{${sound},"n":${"1".repeat(39)}}`],
  ["a leading zero", `{${sound},"n":01}`],
  ["a negative zero", `{${sound},"n":-0.0}`],
  ["a number that ends at its point", `{${sound},"n":1.}`],
  ["a number with two points", `{${sound},"n":1.2.3}`],
  ["a lone minus", `{${sound},"n":-}`],
  ["a set", `{${sound},"s":{"$stringSet":["a"]}}`],
  ["33 levels", `{${sound},"l":${"[".repeat(33)}${"]".repeat(33)}}`],
  ["more than 400 KB", `{${sound},"a":"${"a".repeat(400 * 1024)}"}`],
  ["something behind the object", `{${sound}} 1`],
  ["a comma too many", `{${sound},}`],
  ["a comma too many in a list", `{${sound},"l":[1,]}`],
  ["an object that does not end", `{${sound}`],
  ["a string that does not end", `{${sound},"a":"`],
  ["a list", `[{${sound}}]`],
  ["nothing", ""],
])("%s is left to the parser", (_name, text) => {
  expect(retag(text)).toBeUndefined();
});

it.each([
  ["a tag with two values", '{"PK":{"S":"a","N":"1"},"SK":{"N":"1"}}'],
  ["no tag", '{"PK":"a","SK":{"N":"1"}}'],
  ["a number without quotes", '{"PK":{"S":"a"},"SK":{"N":1}}'],
  ["a null that is false", '{"PK":{"S":"a"},"SK":{"N":"1"},"z":{"NULL":false}}'],
  ["something beside the envelope", '{"Item":{"PK":{"S":"a"},"SK":{"N":"1"}},"x":1}'],
  ["a set", '{"PK":{"S":"a"},"SK":{"N":"1"},"s":{"SS":["a"]}}'],
])("in DynamoDB JSON %s is left to the parser", (_name, text) => {
  expect(retag(text, true)).toBeUndefined();
});

it("the deepest item that DynamoDB takes, and one of 400 KB, are taken", () => {
  const deep = `{${sound},"l":${"[".repeat(30)}${"]".repeat(30)}}`;
  expect(retag(deep)?.item).toEqual(strictly(deep));
  const value = "é".repeat(200 * 1024 - 10);
  expect(retag(`{${sound},"a":"${value}"}`)?.item.a).toEqual({ S: value });
});

it("an index that copies some attributes costs what these take", () => {
  const keys: TableDesign = {
    ...design,
    indexes: {
      KeysOnly: { partitionKey: { name: "owner", type: "S" }, projection: "KEYS_ONLY" },
      Some: { partitionKey: { name: "owner", type: "S" }, projection: { include: ["wide", "absent"] } },
    },
  };
  for (const plain of [
    { PK: "a", SK: new NumberText("1"), owner: "o", wide: "x".repeat(3_000), other: "y".repeat(9_000) },
    { PK: "a", SK: new NumberText("1"), wide: ["x".repeat(3_000)] },
  ]) {
    const item = itemOf(plain);
    expect(retag(jsonText(plain), false, keys)).toMatchObject(factsOf(item, keys));
  }
});
