import { CreateTableCommand, type DynamoDBClient, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { canonicalItem, canonicalKey } from "../dynamo/canonical-item.ts";
import { type StoredItem, scanSegments } from "../dynamo/scan.ts";
import { primaryKeyNames, type TableDesign } from "../dynamo/table-design.ts";
import { waitUntilActive } from "../dynamo/waits.ts";
import type { Log } from "../log.ts";
import { scratchName, scratchRequest } from "./scratch-request.ts";
import { deleteScratch, sweepScratch } from "./sweep-scratch.ts";
import { writeAll } from "./write-batches.ts";

/** A table that a run makes for itself and deletes. */
export interface ScratchTable {
  readonly name: string;
  /** Makes the table hold exactly these items. */
  fill(items: readonly StoredItem[]): Promise<void>;
  /** Every item, by a consistent scan. */
  items(): Promise<StoredItem[]>;
}

/** How a scratch table is made. */
export interface ScratchOptions {
  readonly client: DynamoDBClient;
  readonly design: TableDesign;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}

/** The puts and deletes that turn what a table holds into what it should hold. */
export function fillRequests(
  held: readonly StoredItem[],
  wanted: readonly StoredItem[],
  keyNames: readonly string[],
): WriteRequest[] {
  const found = new Map(held.map((item) => [canonicalKey(item, keyNames), item]));
  const puts: WriteRequest[] = [];
  for (const item of wanted) {
    const key = canonicalKey(item, keyNames);
    const same = found.get(key);
    if (!same || canonicalItem(same) !== canonicalItem(item)) puts.push({ PutRequest: { Item: item } });
    found.delete(key);
  }
  const deletes = [...found.values()].map((item) => ({
    DeleteRequest: {
      Key: Object.fromEntries(keyNames.flatMap((name) => (item[name] ? [[name, item[name]]] : []))),
    },
  }));
  return [...puts, ...deletes];
}

/** A scratch table that is there already. */
export function scratchTable(name: string, { client, design, signal }: ScratchOptions): ScratchTable {
  const items = async () => {
    const found: StoredItem[] = [];
    await scanSegments(client, { table: name, segments: 1, signal }, (page) => {
      found.push(...page);
    });
    return found;
  };
  const fill = async (wanted: readonly StoredItem[]) => {
    await writeAll(client, name, fillRequests(await items(), wanted, primaryKeyNames(design)), signal);
  };
  return { name, items, fill };
}

/** Sweeping is a courtesy: where it fails, such as for want of the right to list tables, the run goes on. */
async function sweep({ client, log }: ScratchOptions): Promise<void> {
  try {
    for (const name of await sweepScratch(client)) log.info(`deleted ${name}, left behind by an earlier run`);
  } catch (error) {
    log.warn(
      `could not look for scratch tables of earlier runs: ${error instanceof Error ? error.message : error}`,
    );
  }
}

async function remove(name: string, { client, log }: ScratchOptions): Promise<void> {
  try {
    await deleteScratch(client, name);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    log.warn(`could not delete the scratch table ${name} (${reason}); a run an hour from now will`);
  }
}

/**
 * Makes a scratch table, which the caller deletes.
 * @param onName told the name before the table is made
 */
export async function openScratch(
  options: ScratchOptions,
  onName: (name: string) => void,
): Promise<ScratchTable> {
  const { client, design, signal } = options;
  await sweep(options);
  signal?.throwIfAborted();
  const name = scratchName();
  onName(name);
  await client.send(new CreateTableCommand(scratchRequest(name, design)));
  await waitUntilActive(client, name, { signal });
  return scratchTable(name, options);
}

/**
 * Makes a scratch table, lends it to `use` and deletes it on every way out; only a killed process leaves one
 * behind, which a later run sweeps.
 */
export async function withScratchTable<T>(
  options: ScratchOptions,
  use: (scratch: ScratchTable) => Promise<T>,
): Promise<T> {
  let made: string | undefined;
  try {
    // Inside the try: a create whose answer was lost may still have made the table.
    const scratch = await openScratch(options, (name) => {
      made = name;
    });
    return await use(scratch);
  } finally {
    if (made !== undefined) await remove(made, options);
  }
}
