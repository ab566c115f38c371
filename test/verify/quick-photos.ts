import { join } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll } from "vitest";
import design from "../../infra/tables/quick-photos.ts";
import querySet from "../../queries/quick-photos/index.ts";
import oracles from "../../queries/quick-photos/oracles/index.ts";
import { createClient } from "../../src/dynamo/client.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { silentLog } from "../../src/log.ts";
import type { AnyAccessPattern } from "../../src/query/access-pattern.ts";
import type { OracleSet, PlainItem } from "../../src/query/oracle.ts";
import { fileSource, readSourceFile } from "../../src/verify/read-source.ts";
import type { PatternResult, VerifyReport } from "../../src/verify/report.ts";
import { type VerifyOptions, verify } from "../../src/verify/verify.ts";
import { createTestTable, putItems, sharedTarget } from "../support/tables.ts";

export { design, oracles, querySet };

/** The real seed file. */
export const SEEDS = join(import.meta.dirname, "../../seeds/quick-photos/items.json");

const isUser = (item: PlainItem) => item.email !== undefined;
const isPhoto = (item: PlainItem) => item.location !== undefined && !isUser(item);
const countOf = (items: readonly PlainItem[], wanted: PlainItem) =>
  items.filter((item) => Object.entries(wanted).every(([name, value]) => item[name] === value)).length;

/** An item as the migrations leave it; spelled here again, so that the oracles do not judge themselves. */
function migrate(items: readonly PlainItem[], item: PlainItem): PlainItem {
  if (isUser(item)) {
    const followers = countOf(items, { followedUser: item.username });
    const following = countOf(items, { followingUser: item.username });
    return { ...item, followers, following };
  }
  if (!isPhoto(item)) return { ...item, counted: true };
  const counts = ["+1", "smiley", "sunglasses", "heart"].map((reactionType) => [
    reactionType,
    countOf(items, { photo: item.SK, reactionType }),
  ]);
  return { ...item, reactions: Object.fromEntries(counts) };
}

/** The items of the seed file as they are in a table that every migration has run on. */
export function migrated(items: readonly PlainItem[]): StoredItem[] {
  return items.map((item) => marshall(migrate(items, item)));
}

/** Makes a table with its index that holds the seed file, migrated. */
export async function migratedTable(client: DynamoDBClient, items: readonly PlainItem[]): Promise<string> {
  const table = await createTestTable(client, design);
  await putItems(client, table, migrated(items));
  return table;
}

/** Runs the real patterns and oracles on a table, quickly; `changes` says what this test does otherwise. */
export async function verifyTable(
  table: string,
  changes: Partial<VerifyOptions> & { readonly items?: readonly PlainItem[] } = {},
): Promise<VerifyReport> {
  const { items, ...others } = changes;
  return verify({
    target: sharedTarget(),
    table,
    design,
    querySet,
    oracles: oracles as OracleSet,
    source: items ? { name: "the test's items", read: async () => items } : fileSource(SEEDS),
    seed: 1,
    indexDeadlineMs: 200,
    edges: false,
    log: silentLog(),
    ...others,
  });
}

/** The real query set with some of its patterns changed. */
export function withPattern<Pattern extends AnyAccessPattern>(
  pattern: Pattern,
  change: Partial<Pattern>,
): VerifyOptions["querySet"] {
  const patterns = querySet.patterns.map((candidate) =>
    candidate.id === pattern.id ? { ...pattern, ...change } : (candidate as AnyAccessPattern),
  );
  return { model: querySet.model, patterns };
}

/** A pattern's line of a report. */
export function resultOf(report: VerifyReport, id: string): PatternResult {
  const result = report.patterns.find((candidate) => candidate.id === id);
  if (!result) throw new Error(`${id} is not in the report`);
  return result;
}

/** The seed file's items, and a loaded and migrated table of them on the shared engine, for a whole test file. */
export async function fileTable() {
  const { client } = createClient(sharedTarget());
  afterAll(() => client.destroy());
  const items = await readSourceFile(SEEDS);
  return { client, items, table: await migratedTable(client, items) };
}
