import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { applyReconcile } from "../../src/deploy/apply-reconcile.ts";
import { applyStep } from "../../src/deploy/apply-step.ts";
import { StuckIndexError, UnmendableDriftError } from "../../src/deploy/errors.ts";
import { readLiveTable } from "../../src/deploy/live-table.ts";
import { planReconcile } from "../../src/deploy/plan-reconcile.ts";
import { describeStep } from "../../src/deploy/steps.ts";
import type { DeclaredTable } from "../../src/deploy/table-state.ts";
import { createClient } from "../../src/dynamo/client.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import { startEngine } from "../../src/engine/start-engine.ts";
import { silentLog } from "../../src/log.ts";
import { uniqueName } from "../support/tables.ts";
import { declare, invertedIndex } from "./declare.ts";

const log = silentLog();
const onDemand = { billingMode: "PAY_PER_REQUEST" };
const provisioned = (read: number, write: number) => ({
  billingMode: "PROVISIONED",
  readCapacity: read,
  writeCapacity: write,
});
const withIndex = { globalSecondaryIndexes: [invertedIndex] };
const withStream = (streamViewType: string) => ({ streamEnabled: true, streamViewType });
const withTtl = (attributeName: string) => ({ ttl: { attributeName, enabled: true } });

// Engines of their own: on DynamoDB Local 3.3.0, tables with expiry and indexes that are being created get
// in each other's way, and then no index of any table is ever ready. So expiry comes last here.
describe.each(["dynamodb-local", "dynoxide"] as const)("reconcile on %s", (engineName) => {
  let client: DynamoDBClient;

  beforeAll(async () => {
    const engine = await startEngine({ engine: engineName });
    client = createClient(localTarget(engine.endpoint)).client;
    return async () => {
      client.destroy();
      await engine.stop();
    };
  });

  const apply = async (declared: DeclaredTable, prune = false) => {
    const { done, ...rest } = await applyReconcile(client, declared, { log, prune });
    return { kinds: done.map(({ kind }) => kind), ...rest };
  };
  const planAgain = async (declared: DeclaredTable, prune = false) => {
    const live = await readLiveTable(client, declared.name);
    return planReconcile(declared, live?.state, { prune, capabilities: live?.capabilities });
  };

  /** From one declaration to the next, and the steps that this takes. */
  const CHANGES: [string, object, object, string[]][] = [
    ["an index is added", {}, withIndex, ["createIndex"]],
    [
      "two indexes are added, one a request",
      {},
      {
        globalSecondaryIndexes: [
          invertedIndex,
          { ...invertedIndex, name: "Keys", projectionType: "KEYS_ONLY" },
        ],
      },
      ["createIndex", "createIndex"],
    ],
    ["on-demand becomes provisioned", onDemand, provisioned(2, 3), ["setBilling"]],
    ["provisioned becomes on-demand", provisioned(2, 3), onDemand, ["setBilling"]],
    ["capacity grows", provisioned(2, 3), provisioned(7, 3), ["setBilling"]],
    [
      "on-demand becomes provisioned, with an index",
      withIndex,
      {
        ...provisioned(2, 3),
        globalSecondaryIndexes: [{ ...invertedIndex, readCapacity: 4, writeCapacity: 5 }],
      },
      ["setBilling"],
    ],
    [
      "an index is added to a provisioned table",
      provisioned(2, 3),
      {
        ...provisioned(2, 3),
        globalSecondaryIndexes: [{ ...invertedIndex, readCapacity: 4, writeCapacity: 5 }],
      },
      ["createIndex"],
    ],
    ["a stream is turned on", {}, withStream("NEW_AND_OLD_IMAGES"), ["enableStream"]],
    ["a stream is turned off", withStream("NEW_IMAGE"), {}, ["disableStream"]],
    [
      "a stream's view changes",
      withStream("NEW_IMAGE"),
      withStream("OLD_IMAGE"),
      ["disableStream", "enableStream"],
    ],
    ["deletion protection is turned on", {}, { deletionProtectionEnabled: true }, ["setDeletionProtection"]],
    ["deletion protection is turned off", { deletionProtectionEnabled: true }, {}, ["setDeletionProtection"]],
  ];

  const expectSteps = async (before: object, after: object, steps: string[]) => {
    const name = uniqueName();
    await apply(declare(name, { ...before }));
    expect((await apply(declare(name, { ...after }))).kinds).toEqual(steps);
    expect(await planAgain(declare(name, { ...after }))).toMatchObject({ steps: [], drift: [] });
  };

  // At the same time: each waits for its own tables. The longest comes first.
  describe.concurrent("without expiry", () => {
    // An attribute of its own for each index: with one in common, some are stuck once they are deleted.
    const arbitraryIndex = fc.record({
      name: fc.constantFrom("One", "Two"),
      hashKey: fc.constantFrom("SK", "own"),
      rangeKey: fc.constantFrom(undefined, "PK"),
      projectionType: fc.constantFrom("ALL", "KEYS_ONLY"),
      readCapacity: fc.integer({ min: 1, max: 3 }),
      writeCapacity: fc.integer({ min: 1, max: 3 }),
    });
    const arbitraryTable = fc
      .record({
        billing: fc.constantFrom(onDemand, provisioned(1, 1), provisioned(2, 5)),
        indexes: fc
          .uniqueArray(arbitraryIndex, { maxLength: 2, selector: ({ name }) => name })
          .map((indexes) =>
            indexes.map((index) => ({
              ...index,
              hashKey: index.hashKey === "own" ? `${index.name}Key` : index.hashKey,
            })),
          ),
        stream: fc.constantFrom({}, withStream("NEW_IMAGE"), withStream("KEYS_ONLY")),
        deletionProtectionEnabled: fc.boolean(),
      })
      .map(({ billing, indexes, stream, ...rest }) => ({
        ...billing,
        ...stream,
        ...rest,
        globalSecondaryIndexes: indexes,
        attributes: [...new Set(["PK", "SK", ...indexes.map(({ hashKey }) => hashKey)])].map((name) => ({
          name,
          type: "S",
        })),
      }));

    it("from any table to any other: what a plan leaves to do after it was carried out is nothing", async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryTable, arbitraryTable, fc.boolean(), async (before, after, prune) => {
          const name = uniqueName();
          await apply(declare(name, before));
          const declared = declare(name, after);
          const planned = await planAgain(declared, prune);
          const { kinds, drift } = await apply(declared, prune);
          expect(kinds).toEqual(planned.steps.map(({ kind }) => kind));
          expect(drift).toEqual(planned.drift);
          const left = await planAgain(declared, prune);
          expect(left.steps.map(describeStep)).toEqual([]);
          if (prune) expect(left.drift.every(({ undeletable }) => undeletable)).toBe(true);
        }),
        { numRuns: 4 },
      );
    }, 180_000);

    it.each(CHANGES)("%s", (_title, before, after, steps) => expectSteps(before, after, steps));

    it("refuses other keys, naming both sides, and changes nothing", async () => {
      const name = uniqueName();
      await apply(declare(name));
      const before = await readLiveTable(client, name);
      const declared = declare(name, {
        hashKey: "id",
        rangeKey: "SK",
        attributes: [
          { name: "id", type: "N" },
          { name: "SK", type: "S" },
        ],
        ...provisioned(1, 1),
      });
      const refused = apply(declared);
      await expect(refused).rejects.toThrow(UnmendableDriftError);
      await expect(refused).rejects.toThrow("partitionKey: declared id (N), found PK (S)");
      expect(await readLiveTable(client, name)).toEqual(before);
    });

    it("refuses a sort key where there is none, and a local index that is not there", async () => {
      const name = uniqueName();
      const attributes = [{ name: "PK", type: "S" }];
      await apply(declare(name, { attributes, rangeKey: undefined }));
      await expect(apply(declare(name))).rejects.toThrow("sortKey: declared SK (S), found none");
      const localSecondaryIndexes = [{ name: "Local", rangeKey: "SK", projectionType: "ALL" }];
      const other = uniqueName();
      await apply(declare(other));
      await expect(apply(declare(other, { localSecondaryIndexes }))).rejects.toThrow(
        "local index Local: declared present, found none",
      );
    });

    const other = { ...invertedIndex, hashKey: "other" };
    const withOther = (projectionType: string) => ({
      globalSecondaryIndexes: [{ ...other, projectionType }],
      attributes: ["PK", "SK", "other"].map((attribute) => ({ name: attribute, type: "S" })),
    });

    it("leaves an undeclared index, says so, and deletes it only with prune", async () => {
      const name = uniqueName();
      await apply(declare(name, withOther("ALL")));
      const declared = declare(name, withStream("KEYS_ONLY"));
      expect(await apply(declared)).toMatchObject({
        kinds: ["enableStream"],
        drift: [{ kind: "extraIndex", index: "InvertedIndex" }],
      });
      expect(await apply(declared)).toMatchObject({ kinds: [], drift: [{ kind: "extraIndex" }] });
      expect(await apply(declared, true)).toMatchObject({ kinds: ["deleteIndex"], drift: [] });
      expect((await readLiveTable(client, name))?.state.indexes).toEqual({});
    });

    it("leaves an index that differs, says how, and makes it anew only with prune", async () => {
      const name = uniqueName();
      await apply(declare(name, withOther("KEYS_ONLY")));
      const declared = declare(name, withOther("ALL"));
      const [drift] = (await apply(declared)).drift;
      expect(drift).toEqual({
        kind: "differentIndex",
        index: "InvertedIndex",
        differences: [{ field: "projection", declared: "ALL", found: "KEYS_ONLY" }],
      });
      expect((await apply(declared, true)).kinds).toEqual(["deleteIndex", "createIndex"]);
      expect(await planAgain(declared)).toMatchObject({ steps: [], drift: [] });
    });

    it("prunes an index on the table's own keys, or says that the engine cannot", async () => {
      const name = uniqueName();
      const { live } = await apply(declare(name, withIndex));
      const { kinds, drift } = await apply(declare(name), true);
      if (live.capabilities.deletesIndexOnTableKeys) {
        expect({ kinds, drift }).toEqual({ kinds: ["deleteIndex"], drift: [] });
        return;
      }
      expect({ kinds, drift }).toMatchObject({
        kinds: [],
        drift: [{ index: "InvertedIndex", undeletable: true }],
      });
      // The gap is real: the index stays in DELETING, and the table takes no more changes.
      await applyStep(client, name, { kind: "deleteIndex", name: "InvertedIndex" });
      await expect(apply(declare(name))).rejects.toThrow(StuckIndexError);
    });

    it("prunes two indexes that share a key, or refuses the table that the engine leaves stuck", async () => {
      const name = uniqueName();
      const shared = { ...invertedIndex, hashKey: "other", rangeKey: "PK" };
      const { live } = await apply(
        declare(name, {
          globalSecondaryIndexes: ["One", "Two"].map((index) => ({ ...shared, name: index })),
          attributes: ["PK", "SK", "other"].map((attribute) => ({ name: attribute, type: "S" })),
        }),
      );
      const pruned = apply(declare(name), true);
      if (live.capabilities.deletesIndexOnTableKeys) {
        expect((await pruned).kinds).toEqual(["deleteIndex", "deleteIndex"]);
      } else await expect(pruned).rejects.toThrow(StuckIndexError);
    });

    it("waits for an index on the table's own keys that is being deleted and can be", async () => {
      const name = uniqueName();
      await apply(declare(name));
      await apply(declare(name, withIndex));
      await applyStep(client, name, { kind: "deleteIndex", name: "InvertedIndex" });
      expect(await apply(declare(name))).toMatchObject({ kinds: [], drift: [] });
    });

    it("sets an index's capacity, or says that the engine cannot", async () => {
      const name = uniqueName();
      const table = (read: number) =>
        declare(name, {
          ...provisioned(2, 3),
          globalSecondaryIndexes: [{ ...invertedIndex, readCapacity: read, writeCapacity: 5 }],
        });
      const { live } = await apply(table(4));
      const { kinds, notApplied } = await apply(table(9));
      if (live.capabilities.indexCapacityUpdates) {
        expect({ kinds, notApplied }).toEqual({ kinds: ["setBilling"], notApplied: [] });
        return;
      }
      expect({ kinds, notApplied }).toEqual({ kinds: [], notApplied: ["capacity of index InvertedIndex"] });
      // The gap is real: the request is accepted and forgotten.
      const indexes = { InvertedIndex: { read: 9, write: 5 } };
      await applyStep(client, name, { kind: "setBilling", indexes });
      const again = await readLiveTable(client, name);
      expect(again?.state.indexes.InvertedIndex?.capacity).toEqual({ read: 4, write: 5 });
    });

    it("goes from provisioned to on-demand and back, whatever capacity the engine kept of each index", async () => {
      const name = uniqueName();
      const table = (read: number) =>
        declare(name, {
          ...provisioned(2, 3),
          globalSecondaryIndexes: [
            { ...invertedIndex, readCapacity: 4, writeCapacity: 5 },
            {
              ...invertedIndex,
              name: "Keys",
              projectionType: "KEYS_ONLY",
              readCapacity: read,
              writeCapacity: 5,
            },
          ],
        });
      const indexes = [invertedIndex, { ...invertedIndex, name: "Keys", projectionType: "KEYS_ONLY" }];
      await apply(table(6));
      await apply(declare(name, { ...onDemand, globalSecondaryIndexes: indexes }));
      expect((await apply(table(6))).kinds).toEqual(["setBilling"]);
      await apply(declare(name, { ...onDemand, globalSecondaryIndexes: indexes }));
      expect((await apply(table(7))).kinds).toEqual(["setBilling"]);
      expect(await planAgain(table(7))).toMatchObject({ steps: [], drift: [] });
    });

    it("takes an index that a migration made for no drift where ignoreChanges covers it, pruning or not", async () => {
      const name = uniqueName();
      await apply(declare(name, withIndex));
      const declared = declare(name, {}, ["globalSecondaryIndexes", "attributes"]);
      expect(await apply(declared, true)).toMatchObject({ kinds: [], drift: [] });
      // And such an index gets a capacity when the table becomes provisioned, as it must have one.
      const billed = declare(name, provisioned(5, 6), ["globalSecondaryIndexes", "attributes"]);
      const { kinds, live } = await apply(billed);
      expect(kinds).toEqual(["setBilling"]);
      const found = live.state.indexes.InvertedIndex?.capacity;
      expect(found).toEqual(
        live.capabilities.indexCapacityUpdates ? { read: 5, write: 6 } : { read: 0, write: 0 },
      );
    });

    it("three at once change one table", async () => {
      const name = uniqueName();
      await apply(declare(name));
      const changed = { ...provisioned(3, 3), ...withStream("KEYS_ONLY") };
      const indexes = [1, 2, 3].map((number) => ({
        ...invertedIndex,
        name: `Index${number}`,
        readCapacity: 1,
        writeCapacity: 1,
      }));
      const declared = declare(name, { ...changed, globalSecondaryIndexes: indexes });
      await Promise.all([apply(declared), apply(declared), apply(declared)]);
      expect(await planAgain(declared)).toMatchObject({ steps: [], drift: [] });
    });
  });

  it("creates a table with all that is declared, and then changes nothing", async () => {
    const declared = declare(uniqueName(), {
      ...provisioned(3, 4),
      globalSecondaryIndexes: [{ ...invertedIndex, readCapacity: 5, writeCapacity: 6 }],
      localSecondaryIndexes: [
        { name: "ByAge", rangeKey: "age", projectionType: "INCLUDE", nonKeyAttributes: ["b", "a"] },
      ],
      attributes: [
        { name: "PK", type: "S" },
        { name: "SK", type: "S" },
        { name: "age", type: "N" },
      ],
      ...withStream("KEYS_ONLY"),
      ...withTtl("expiresAt"),
      deletionProtectionEnabled: true,
    });
    const first = await apply(declared);
    expect(first.kinds).toEqual(["createTable", "enableTtl"]);
    expect(first.live.state).toMatchObject({
      billing: { mode: "PROVISIONED", capacity: { read: 3, write: 4 } },
      indexes: { InvertedIndex: { capacity: { read: 5, write: 6 }, design: { projection: "ALL" } } },
      localIndexes: { ByAge: { sortKey: { name: "age", type: "N" } } },
      streamView: "KEYS_ONLY",
      ttlAttribute: "expiresAt",
      deletionProtection: true,
    });
    expect(first.live.streamArn).toContain(declared.name);
    expect(await apply(declared)).toMatchObject({ kinds: [], drift: [] });
  });

  it("three at once make one table", async () => {
    const name = uniqueName();
    const declared = declare(name, { ...withIndex, ...withTtl("expiresAt") });
    const runs = await Promise.all([apply(declared), apply(declared), apply(declared)]);
    const kinds = runs.flatMap((run) => run.kinds);
    expect(kinds.filter((kind) => kind === "createTable")).toHaveLength(1);
    expect(await planAgain(declared)).toMatchObject({ steps: [], drift: [] });
  });

  it("leaves alone what ignoreChanges names", async () => {
    const name = uniqueName();
    await apply(declare(name, { ...provisioned(2, 3), ...withStream("NEW_IMAGE"), ...withTtl("a") }));
    const other = {
      ...provisioned(8, 9),
      ...withStream("OLD_IMAGE"),
      ...withTtl("b"),
      deletionProtectionEnabled: true,
    };
    const ignored = ["readCapacity", "streamViewType", "ttl", "deletionProtectionEnabled"];
    expect((await apply(declare(name, other, ignored))).kinds).toEqual(["setBilling"]);
    expect((await readLiveTable(client, name))?.state.billing).toMatchObject({
      capacity: { read: 2, write: 9 },
    });
    expect((await planAgain(declare(name, { ...onDemand, ...withIndex }, ["*"]))).steps).toEqual([]);
  });

  const EXPIRY_CHANGES: [string, object, object, string[]][] = [
    ["expiry is turned on", {}, withTtl("expiresAt"), ["enableTtl"]],
    ["expiry is turned off", withTtl("expiresAt"), {}, ["disableTtl"]],
    ["expiry moves to another attribute", withTtl("a"), withTtl("b"), ["disableTtl", "enableTtl"]],
  ];

  it.each(EXPIRY_CHANGES)("%s", (_title, before, after, steps) => expectSteps(before, after, steps));
});
