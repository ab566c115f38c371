import { describe, expect, it } from "vitest";
import { readDeclaredTable, readDeclaredTables } from "../../src/deploy/declared-tables.ts";
import { DuplicateTableNameError, UnsupportedDeclarationError } from "../../src/deploy/errors.ts";
import type { Properties } from "../../src/deploy/resource-values.ts";
import { declare, invertedIndex, plainInputs, resource } from "./declare.ts";

const read = (inputs: Properties) => readDeclaredTable(resource({ ...plainInputs("photos"), ...inputs }));

describe("a declared table", () => {
  it("lists what only AWS has", () => {
    const table = read({
      pointInTimeRecovery: { enabled: true },
      tags: { team: "a" },
      serverSideEncryption: { enabled: true },
      tableClass: "STANDARD",
      globalSecondaryIndexes: [{ ...invertedIndex, warmThroughput: { readUnitsPerSecond: 1 } }],
    });
    expect([...table.notAppliedLocally].sort()).toEqual([
      "pointInTimeRecovery",
      "serverSideEncryption",
      "tableClass",
      "tags",
      "warmThroughput of index InvertedIndex",
    ]);
  });

  it("names every problem at once", () => {
    const attempt = () =>
      read({
        attributes: [
          { name: "PK", type: "S" },
          { name: "unused", type: "N" },
        ],
        billingMode: "PROVISIONED",
        readCapacity: 1,
        streamEnabled: true,
        ttl: { enabled: true },
        globalSecondaryIndexes: [{ name: "Index", projectionType: "ALL" }],
      });
    expect(attempt).toThrow(UnsupportedDeclarationError);
    for (const problem of [
      "table: the key SK is not among attributes",
      "attributes: unused is the key of nothing",
      "table: billingMode is PROVISIONED, so readCapacity and writeCapacity are needed",
      "index Index: has no partition key",
      "index Index: billingMode is PROVISIONED",
      "streamEnabled needs streamViewType",
      "ttl needs attributeName",
    ]) {
      expect(attempt).toThrow(problem);
    }
  });

  it.each([
    ["a property that is not known", { colour: "red" }, 'Unrecognized key: "colour"'],
    [
      "an index's property that is not known",
      { globalSecondaryIndexes: [{ ...invertedIndex, x: 1 }] },
      '"x"',
    ],
    ["a sort key that is empty", { rangeKey: "" }, "rangeKey"],
    ["a table without a name of its own", { name: undefined }, "name"],
    ["a capacity of 0", { billingMode: "PROVISIONED", readCapacity: 0, writeCapacity: 1 }, "readCapacity"],
  ])("%s is refused", (_title, inputs, part) => {
    expect(() => read(inputs)).toThrow(UnsupportedDeclarationError);
    expect(() => read(inputs)).toThrow(part);
  });

  const attributes = ["PK", "SK"].map((name) => ({ name, type: "S" }));
  const local = (name: string) => ({ name, rangeKey: "SK", projectionType: "ALL" });
  it.each([
    ["a name of 2 characters", { name: "ab" }, 'name: "ab" must be 3 to 255 letters, digits, dots, dashes'],
    ["a name of 256 characters", { name: "x".repeat(256) }, "must be 3 to 255"],
    ["a name with a blank", { name: "a b" }, '"a b" must be 3 to 255'],
    [
      "an index's name with a slash",
      { globalSecondaryIndexes: [{ ...invertedIndex, name: "By/date" }] },
      'index: "By/date" must be 3 to 255',
    ],
    [
      "two indexes of one name",
      { globalSecondaryIndexes: [invertedIndex, invertedIndex] },
      "two indexes are called InvertedIndex",
    ],
    [
      "a local index called like a global one",
      { globalSecondaryIndexes: [invertedIndex], localSecondaryIndexes: [local("InvertedIndex")] },
      "two indexes are called InvertedIndex",
    ],
    [
      "21 global indexes",
      {
        globalSecondaryIndexes: Array.from({ length: 21 }, (_, at) => ({
          ...invertedIndex,
          name: `Index${at}`,
        })),
      },
      "globalSecondaryIndexes: 21 indexes; a table may have 20",
    ],
    [
      "6 local indexes",
      { attributes, localSecondaryIndexes: [1, 2, 3, 4, 5, 6].map((at) => local(`Local${at}`)) },
      "localSecondaryIndexes: 6 indexes; a table may have 5",
    ],
  ])("%s is refused, as AWS would", (_title, inputs, part) => {
    expect(() => read(inputs)).toThrow(UnsupportedDeclarationError);
    expect(() => read(inputs)).toThrow(part);
  });

  it("takes an index's keys from keySchemas too, but not several attributes for one key", () => {
    const schema = (...names: string[]) => names.map((attributeName) => ({ attributeName, keyType: "HASH" }));
    const index = (keySchemas: object[]) => ({
      globalSecondaryIndexes: [{ name: "Index", projectionType: "ALL", keySchemas }],
    });
    const table = read(index([...schema("SK"), { attributeName: "PK", keyType: "RANGE" }]));
    expect(table.indexes.Index?.design).toMatchObject({
      partitionKey: { name: "SK" },
      sortKey: { name: "PK" },
    });
    expect(() => read(index(schema("SK", "PK")))).toThrow("keys of several attributes");
  });

  it("has the provider's own default of billing, provisioned", () => {
    const { billingMode: _, ...inputs } = plainInputs("photos");
    expect(() => readDeclaredTable(resource(inputs))).toThrow("billingMode is PROVISIONED");
  });

  it("obeys the ignoreChanges it knows, and lists those it does not", () => {
    const paths = ["ttl", "globalSecondaryIndexes[*].readCapacity", "tags", "replicas", "replicas[0]"];
    const { ignored, notAppliedLocally } = declare("photos", {}, paths);
    expect([...ignored]).toEqual(["ttl", "indexCapacity"]);
    expect(notAppliedLocally).toEqual(["ignoreChanges tags", "ignoreChanges replicas[0]"]);
    expect(declare("photos", {}, ["*"]).ignored.size).toBe(10);
  });
});

describe("the tables of a program", () => {
  it("are those it manages, not those it looks up, nor other resources", () => {
    const tables = readDeclaredTables([
      resource(plainInputs("one")),
      resource({}, { read: true }),
      resource({}, { type: "aws:sqs/queue:Queue" }),
    ]);
    expect(tables.map(({ name }) => name)).toEqual(["one"]);
  });

  it("each have a name of their own", () => {
    const twice = [resource(plainInputs("one")), resource(plainInputs("one"), { urn: "urn:other" })];
    expect(() => readDeclaredTables(twice)).toThrow(DuplicateTableNameError);
    expect(() => readDeclaredTables(twice)).toThrow("the table name one is declared 2 times");
  });
});
