import { describe, expect, it } from "vitest";
import type { AwsSettings } from "../../../src/deploy/aws-settings.ts";
import { readAwsSettings } from "../../../src/deploy/aws-settings.ts";
import { readDeclaredTable } from "../../../src/deploy/declared-tables.ts";
import { diffTable, type LiveSide } from "../../../src/deploy/diff/diff-table.ts";
import { ignoringPath } from "../../../src/deploy/diff/ignored-path.ts";
import type { DeclaredResource } from "../../../src/deploy/monitor.ts";
import type { Properties } from "../../../src/deploy/resource-values.ts";
import { readScalingRanges } from "../../../src/deploy/scaling-ranges.ts";
import { readTableReplicas } from "../../../src/deploy/table-replicas.ts";
import type { TableState } from "../../../src/deploy/table-state.ts";
import { invertedIndex } from "../declare.ts";
import { autoscaledTable, photosReplica, photosTable } from "../stack.ts";

function sides(resources: readonly DeclaredResource[], ignoreChanges?: readonly string[]) {
  const resource = resources.find(({ custom }) => custom) as DeclaredResource;
  const aws = readAwsSettings(resource, readTableReplicas(resources));
  const table = readDeclaredTable(resource);
  const ignored = ignoreChanges ?? resource.ignoreChanges;
  const declared = { table, aws, ignoreChanges: ignored, scaling: readScalingRanges(resources) };
  /** A live table as declared, but for what is changed. */
  const live = (changes: Partial<TableState> = {}, awsChanges?: Partial<AwsSettings>): LiveSide => ({
    state: { ...table, ...changes },
    ...(awsChanges && { aws: { ...aws, ...awsChanges } }),
  });
  return { declared, live };
}

/** The paths at which a table differs, after some change of the live one. */
function pathsOf(
  inputs: Properties,
  changes: Partial<TableState>,
  awsChanges?: Partial<AwsSettings>,
  ignoreChanges?: string[],
): string[] {
  const { declared, live } = sides(photosTable(inputs), ignoreChanges);
  return diffTable(declared, live(changes, awsChanges)).drift.map(({ path }) => path);
}

const KEY = "arn:aws:kms:us-east-1:123456789012:key/one";
const other = { design: { partitionKey: { name: "PK", type: "S" }, projection: "ALL" } } as const;

describe("a table that is as declared", () => {
  it("has no drift", () => {
    const { declared, live } = sides(photosTable({ tags: { team: "a" } }));
    expect(diffTable(declared, live({}, {}))).toEqual({ drift: [], notes: [], notCompared: [] });
  });
});

describe("each difference is told by its path", () => {
  it.each<[string, Properties, Partial<TableState>, Partial<AwsSettings> | undefined, string[]]>([
    ["keys", {}, { partitionKey: { name: "id", type: "S" } }, undefined, ["hashKey"]],
    ["a missing sort key", {}, { sortKey: undefined }, undefined, ["rangeKey"]],
    ["a missing index", {}, { indexes: {} }, undefined, ["globalSecondaryIndexes.InvertedIndex"]],
    [
      "an index too many, and one of another shape",
      {},
      { indexes: { InvertedIndex: other, More: other } },
      undefined,
      [
        "globalSecondaryIndexes.InvertedIndex.hashKey",
        "globalSecondaryIndexes.InvertedIndex.rangeKey",
        "globalSecondaryIndexes.More",
      ],
    ],
    [
      "billing, without the capacity that follows from it",
      {},
      { billing: { mode: "PROVISIONED", capacity: { read: 1, write: 1 } } },
      undefined,
      ["billingMode"],
    ],
    ["a stream", {}, { streamView: "KEYS_ONLY" }, undefined, ["streamEnabled"]],
    [
      "a stream's view",
      { streamEnabled: true, streamViewType: "NEW_IMAGE" },
      { streamView: "KEYS_ONLY" },
      undefined,
      ["streamViewType"],
    ],
    ["expiry", {}, { ttlAttribute: "expiresAt" }, undefined, ["ttl.attributeName"]],
    ["deletion protection", {}, { deletionProtection: true }, undefined, ["deletionProtectionEnabled"]],
    [
      "recovery that is off",
      { pointInTimeRecovery: { enabled: true } },
      {},
      { recoveryDays: 0 },
      ["pointInTimeRecovery.enabled"],
    ],
    [
      "the days of recovery",
      { pointInTimeRecovery: { enabled: true } },
      {},
      { recoveryDays: 7 },
      ["pointInTimeRecovery.recoveryPeriodInDays"],
    ],
    ["the class", {}, {}, { tableClass: "STANDARD_INFREQUENT_ACCESS" }, ["tableClass"]],
    [
      "on-demand limits",
      { onDemandThroughput: { maxReadRequestUnits: 5 } },
      {},
      { onDemandLimits: {}, indexOnDemandLimits: { InvertedIndex: { write: 3 } } },
      [
        "onDemandThroughput.maxReadRequestUnits",
        "globalSecondaryIndexes.InvertedIndex.onDemandThroughput.maxWriteRequestUnits",
      ],
    ],
    [
      "replicas",
      { replicas: [{ regionName: "eu-west-1" }] },
      {},
      { replicas: [{ region: "us-west-2", pointInTimeRecovery: false }] },
      ["replicas.eu-west-1", "replicas.us-west-2"],
    ],
    [
      "a replica's key",
      { replicas: [{ regionName: "eu-west-1", kmsKeyArn: KEY }] },
      {},
      { replicas: [{ region: "eu-west-1", keyArn: "other", pointInTimeRecovery: false }] },
      ["replicas.eu-west-1.kmsKeyArn"],
    ],
    ["tags", { tags: { a: "1", b: "2" } }, {}, { tags: { a: "2", c: "3" } }, ["tags.a", "tags.b", "tags.c"]],
    [
      "a key where there should be none",
      {},
      {},
      { encryption: { kind: "customer-key", keyArn: KEY } },
      ["serverSideEncryption"],
    ],
    [
      "no key where there should be one",
      { serverSideEncryption: { enabled: true } },
      {},
      { encryption: { kind: "aws-owned" } },
      ["serverSideEncryption"],
    ],
    [
      "another key",
      { serverSideEncryption: { enabled: true, kmsKeyArn: KEY } },
      {},
      { encryption: { kind: "customer-key", keyArn: `${KEY}2` } },
      ["serverSideEncryption"],
    ],
    [
      "warm throughput that is too low",
      { warmThroughput: { readUnitsPerSecond: 100, writeUnitsPerSecond: 100 } },
      {},
      { warmThroughput: { read: 12_000, write: 50 } },
      ["warmThroughput.writeUnitsPerSecond"],
    ],
  ])("%s", (_title, inputs, changes, awsChanges, paths) => {
    expect(pathsOf(inputs, changes, awsChanges)).toEqual(paths);
  });

  it("with both values", () => {
    const { declared, live } = sides(photosTable());
    expect(diffTable(declared, live({ ttlAttribute: "expiresAt", indexes: {} })).drift).toEqual([
      { path: "globalSecondaryIndexes.InvertedIndex", declared: "SK (S), PK (S); ALL", live: "none" },
      { path: "ttl.attributeName", declared: "none", live: "expiresAt" },
    ]);
  });
});

describe("what AWS owns", () => {
  it("is warm throughput above the declared, which it raises by itself", () => {
    const warm = { warmThroughput: { readUnitsPerSecond: 100, writeUnitsPerSecond: 100 } };
    expect(pathsOf(warm, {}, { warmThroughput: { read: 40_000, write: 40_000 } })).toEqual([]);
    expect(pathsOf({}, {}, { warmThroughput: { read: 12_000, write: 4_000 } })).toEqual([]);
  });

  it("is which key the account's own is, and one that the stack makes: said, not guessed", () => {
    for (const kmsKeyArn of [undefined, "arn:aws:kms:us-east-1:000000000000:key/photos", `${KEY}:alias/x`]) {
      const sse = { enabled: true, ...(kmsKeyArn && { kmsKeyArn }) };
      const { declared, live } = sides(photosTable({ serverSideEncryption: sse }));
      const found = diffTable(declared, live({}, { encryption: { kind: "customer-key", keyArn: KEY } }));
      expect(found).toMatchObject({ drift: [], notCompared: [expect.stringContaining(KEY)] });
    }
  });
});

describe("what a local engine lacks", () => {
  it("is named, and not compared", () => {
    const inputs = { tags: { a: "b" }, pointInTimeRecovery: { enabled: true } };
    const { declared, live } = sides(photosTable(inputs));
    expect(diffTable(declared, live())).toEqual({
      drift: [],
      notes: [],
      notCompared: ["pointInTimeRecovery", "tags"],
    });
  });
});

describe("ignoreChanges", () => {
  it("makes a difference a note that says who allows it", () => {
    const { declared, live } = sides(photosTable(), ["globalSecondaryIndexes", "attributes"]);
    expect(diffTable(declared, live({ indexes: {} }))).toMatchObject({
      drift: [],
      notes: [
        "globalSecondaryIndexes.InvertedIndex: declared SK (S), PK (S); ALL, live none; left alone by ignoreChanges globalSecondaryIndexes",
      ],
    });
  });

  it("says nothing of a capacity in the range of its autoscaler, and something of one outside", () => {
    const { declared, live } = sides(autoscaledTable(5, 100));
    const at = (read: number) =>
      diffTable(declared, live({ billing: { mode: "PROVISIONED", capacity: { read, write: 5 } } }));
    expect(at(70)).toMatchObject({ drift: [], notes: [] });
    expect(at(3)).toMatchObject({
      drift: [],
      notes: [expect.stringContaining("readCapacity: declared 5, live 3, outside the autoscaler's 5 to 100")],
    });
  });

  it("of one property leaves the others", () => {
    expect(pathsOf({}, { ttlAttribute: "x", indexes: {} }, undefined, ["ttl"])).toEqual([
      "globalSecondaryIndexes.InvertedIndex",
    ]);
    expect(pathsOf({ tags: { a: "1" } }, {}, { tags: {} }, ["*"])).toEqual([]);
  });

  it.each([
    ["globalSecondaryIndexes.A.readCapacity", "globalSecondaryIndexes", true],
    ["globalSecondaryIndexes.A.readCapacity", "globalSecondaryIndexes[*].readCapacity", true],
    ["globalSecondaryIndexes.A.readCapacity", "globalSecondaryIndexes[0].readCapacity", true],
    ["globalSecondaryIndexes.A.writeCapacity", "globalSecondaryIndexes[*].readCapacity", false],
    ["readCapacity", "globalSecondaryIndexes[*].readCapacity", false],
    ["tags.team", 'tags["team"]', true],
    ["tags.team", "tags.other", false],
    ["ttl.attributeName", "ttl", true],
    ["ttl.attributeName", "*", true],
  ])("%s is covered by %s: %s", (path, entry, covered) => {
    expect(ignoringPath(path, [entry])).toBe(covered ? entry : undefined);
  });
});

it("a copy that is a resource of its own is compared, though the table leaves its copies to others", () => {
  const table = photosTable({}, { ignoreChanges: ["replicas"] });
  const { declared, live } = sides([...table, photosReplica("eu-west-1", { kmsKeyArn: KEY })]);
  const differing = (...replicas: AwsSettings["replicas"]) => {
    const { drift, notes } = diffTable(declared, live({}, { replicas }));
    return [...drift.map(({ path, live: found }) => `${path}=${found}`), ...notes];
  };
  const copy = { region: "eu-west-1", keyArn: KEY, pointInTimeRecovery: false };
  expect(differing(copy)).toEqual([]);
  expect(differing()).toEqual(["replicas.eu-west-1=none"]);
  expect(differing({ ...copy, keyArn: "other" })).toEqual(["replicas.eu-west-1.kmsKeyArn=other"]);
  expect(differing(copy, { ...copy, region: "us-west-2" })).toEqual([
    "replicas.us-west-2: declared none, live present; left alone by ignoreChanges replicas",
  ]);
});

it("an index's own capacity is compared by itself", () => {
  const capacity = { readCapacity: 5, writeCapacity: 5 };
  const inputs = {
    billingMode: "PROVISIONED",
    ...capacity,
    globalSecondaryIndexes: [{ ...invertedIndex, ...capacity }],
  };
  const { declared, live } = sides(photosTable(inputs));
  const design = declared.table.indexes.InvertedIndex?.design;
  const indexes = {
    InvertedIndex: { design: design as typeof other.design, capacity: { read: 6, write: 5 } },
  };
  expect(diffTable(declared, live({ indexes })).drift).toEqual([
    { path: "globalSecondaryIndexes.InvertedIndex.readCapacity", declared: "5", live: "6" },
  ]);
});
