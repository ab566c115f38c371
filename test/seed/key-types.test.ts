import { join } from "node:path";
import { expect, inject, it } from "vitest";
import type { KeyType, TableDesign } from "../../src/dynamo/table-design.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import { readSeedFile } from "../../src/seed/file/read-seed-file.ts";
import { loadFile } from "../../src/seed/load/load-file.ts";
import type { SeedMode } from "../../src/seed/load/seed-mode.ts";
import { proveTable } from "../../src/seed/prove/prove-table.ts";
import { deleteOthers } from "../../src/seed/replace/delete-others.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { allItems, createTestTable, putItems, testClient, testWire } from "../support/tables.ts";
import { QUICK } from "./load-bed.ts";
import { seedFile, temporaryFolder } from "./support.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
/** Keys of each type, in spellings that DynamoDB does not keep, or that must not be taken for text. */
const KEYS: Record<KeyType, (index: number) => string> = {
  S: (index) => JSON.stringify(`ключ-${index}\u0001"`),
  N: (index) => `${index + 1}.50`,
  B: (index) => JSON.stringify({ $binary: base64(`\u00ff\u0000${index}`) }),
};
const OTHERS = {
  S: (index: number) => ({ S: `other-${index}` }),
  N: (index: number) => ({ N: `-${index + 1}.5` }),
  B: (index: number) => ({ B: Buffer.from(`other-${index}`) }),
};

it.each([
  ["S", "B"],
  ["N", "N"],
] as const)(
  "through what comes back, keys of %s and %s are known again, in every mode",
  async (partition, sort) => {
    const design: TableDesign = {
      model: "keys",
      partitionKey: { name: "PK", type: partition },
      sortKey: { name: "SK", type: sort },
      indexes: {},
    };
    const { client: direct } = testClient();
    const table = await createTestTable(direct, design);
    const rules = [
      { operation: "BatchWriteItem", probability: 0.7, fault: { kind: "unprocessedItems", share: 0.5 } },
      { operation: ["PutItem", "DeleteItem"], probability: 0.2, fault: { kind: "loseAnswer" } },
    ] as const;
    const proxy = await startFaultProxy(inject("endpoint"), { rules: [...rules], seed: 1 });
    const writer = testWire(proxy.endpoint);
    const others = Array.from({ length: 30 }, (_, at) => ({
      PK: OTHERS[partition](at),
      SK: OTHERS[sort](at),
    }));
    await putItems(direct, table, others);
    const lines = Array.from(
      { length: 30 },
      (_, at) => `{"PK":${KEYS[partition](at)},"SK":${KEYS[sort](at)},"n":${at}}`,
    );
    const file = seedFile(lines.join("\n"));
    const checked = await checkSeedFile(file, design);
    const rejectsFile = join(temporaryFolder(), "rejects.jsonl");
    const place = { writer, table, keys: design, file, checked, rejectsFile };
    const load = (mode: SeedMode, lookAhead?: typeof direct) =>
      loadFile({ ...place, mode, lookAhead }, { backoff: QUICK });
    expect(await load("upsert")).toMatchObject({ written: 30, stop: undefined });
    expect(await load("insert")).toMatchObject({ rejected: 0, unwritten: 0, unknown: 0, stop: undefined });
    expect(await load("upsert", direct)).toMatchObject({ identical: 30, stop: undefined });
    const subject = {
      client: direct,
      table,
      keys: design,
      readFile: () => readSeedFile(file, design),
      checked,
    };
    expect(await deleteOthers(writer, subject, { backoff: QUICK })).toMatchObject({
      deleted: 30,
      undeleted: 0,
      stop: undefined,
    });
    expect(await allItems(direct, table)).toHaveLength(30);
    expect(await proveTable(subject, { scope: "exact" })).toMatchObject({ status: "equal" });
  },
);
