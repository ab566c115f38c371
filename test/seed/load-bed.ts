import { join } from "node:path";
import { inject } from "vitest";
import { type CheckOptions, checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import type { SeedInput } from "../../src/seed/file/read-seed-file.ts";
import { type FileLoad, type FileLoadOptions, loadFile } from "../../src/seed/load/load-file.ts";
import { type FaultRule, type RecordedRequest, startFaultProxy } from "../faults/proxy.ts";
import { allItems, createTestTable, testClient, testWire } from "../support/tables.ts";
import { design, temporaryFolder } from "./support.ts";

/** Waits short enough for tests. */
export const QUICK = { baseMs: 1, capMs: 20 };

/** `count` lines of items that are told apart by their partition key. */
export const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => `{"PK":"key-${index}","SK":${index},"owner":"o${index % 7}"}`);

/** A table behind a fault proxy, and the load of a file into it. */
export async function loadBed(
  rules: FaultRule[] = [],
  seed = 1,
  rejectsFile = join(temporaryFolder(), "rejects.jsonl"),
) {
  const { client: direct } = testClient();
  const table = await createTestTable(direct, design);
  const proxy = await startFaultProxy(inject("endpoint"), { rules, seed });
  const writer = testWire(proxy.endpoint);
  const load = async (
    file: string | SeedInput,
    options: FileLoadOptions = {},
    checks: CheckOptions = {},
    {
      onChecked,
      ...manner
    }: Pick<FileLoad, "mode" | "lookAhead" | "leftOut"> & { onChecked?: () => void } = {},
  ) => {
    const checked = await checkSeedFile(file, design, checks);
    onChecked?.();
    const request = { writer, table, keys: design, file, checked, rejectsFile, ...manner };
    return loadFile(request, { backoff: QUICK, ...options });
  };
  const stored = async () => (await allItems(direct, table)).map((item) => item.PK?.S ?? "").sort();
  return { load, stored, proxy, table, direct, writer, rejectsFile };
}

/** The partition keys of that many items, sorted. */
export const names = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`).sort();
/** How many items each request carried. */
export const batches = (requests: readonly RecordedRequest[], table: string) =>
  requests.map((request) => ((request.body.RequestItems?.[table] ?? []) as unknown[]).length);
