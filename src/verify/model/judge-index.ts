import { type DynamoDBClient, IndexStatus, type TableDescription } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { canonicalItem, canonicalKey } from "../../dynamo/canonical-item.ts";
import { describeTable } from "../../dynamo/describe.ts";
import { entryOf, membershipOf } from "../../dynamo/index-entry.ts";
import { type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import { type IndexDesign, primaryKeyNames, type TableDesign } from "../../dynamo/table-design.ts";
import { createPatience } from "../patience.ts";
import { lineOf } from "../plain-value.ts";
import { fail, PASS, type Problem, type Verdict } from "../verdict.ts";
import { shownLines } from "./shown-lines.ts";

/** Where a table and its indexes are read. */
export interface TableReading {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly design: TableDesign;
  readonly indexDeadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The indexes of a design by name, local ones too: these have the table's partition key. */
export function indexesOf({
  indexes,
  localIndexes = {},
  partitionKey,
}: TableDesign): Map<string, IndexDesign> {
  const local = Object.entries(localIndexes).map(
    ([name, index]) => [name, { partitionKey, ...index }] as const,
  );
  return new Map([...Object.entries(indexes), ...local]);
}

/** Every item of a table by a consistent scan, or every entry of an index. */
export async function readAll(
  { client, table, signal }: Pick<TableReading, "client" | "table" | "signal">,
  index?: string,
): Promise<StoredItem[]> {
  const found: StoredItem[] = [];
  const where = index === undefined ? {} : { index, consistent: false };
  await scanSegments(client, { table, ...where, signal }, (page) => {
    found.push(...page);
  });
  return found;
}

/** One thing that is wrong with an index. */
export interface EntryProblem {
  readonly problem: "missing" | "extra" | "twice" | "different";
  /** The primary key of the item, in one line. */
  readonly key: string;
}

/**
 * Compares an index with the items that it is made from: each that has the index's keys must be in it once, as it is
 * now, and nothing else.
 */
export function compareEntries(
  items: readonly StoredItem[],
  entries: readonly StoredItem[],
  index: IndexDesign,
  keyNames: readonly string[],
): EntryProblem[] {
  const keyLine = (item: StoredItem) =>
    lineOf(
      unmarshall(Object.fromEntries(keyNames.flatMap((name) => (item[name] ? [[name, item[name]]] : [])))),
    );
  const wanted = new Map(
    items
      .filter((item) => membershipOf(item, index).state === "entry")
      .map((item) => [canonicalKey(item, keyNames), item]),
  );
  const problems: EntryProblem[] = [];
  const seen = new Set<string>();
  for (const entry of entries) {
    const key = canonicalKey(entry, keyNames);
    const item = wanted.get(key);
    if (seen.has(key)) problems.push({ problem: "twice", key: keyLine(entry) });
    else if (!item) problems.push({ problem: "extra", key: keyLine(entry) });
    else if (canonicalItem(entryOf(item, index, keyNames)) !== canonicalItem(entry)) {
      problems.push({ problem: "different", key: keyLine(entry) });
    }
    seen.add(key);
  }
  for (const [key, item] of wanted)
    if (!seen.has(key)) problems.push({ problem: "missing", key: keyLine(item) });
  return problems;
}

const SAID: Record<EntryProblem["problem"], string> = {
  missing: "missing from the index",
  extra: "in the index, and not in the table with its keys",
  twice: "in the index more than once",
  different: "in the index other than in the table",
};

function failProblems(problems: readonly EntryProblem[], entries: number): Problem {
  const first = `${problems.length} of its entries are wrong or missing; it has ${entries}`;
  const lines = problems.map(({ problem, key }) => `${key} is ${SAID[problem]}`);
  return {
    ...fail(first, ...shownLines(lines)),
    masked: [first, ...shownLines(problems.map(({ problem }) => `an item is ${SAID[problem]}`))],
  };
}

/** What a table's description says of an index; undefined where it has none of that name. */
function statusOf(
  { GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] }: TableDescription,
  name: string,
) {
  const global = GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === name);
  if (global) return { ready: global.IndexStatus === IndexStatus.ACTIVE && global.Backfilling !== true };
  return LocalSecondaryIndexes.some(({ IndexName }) => IndexName === name) ? { ready: true } : undefined;
}

/**
 * Judges the entries of an index. It is eventually consistent, so one that is not equal is read again, with the table;
 * what is still not equal at the deadline may be on its way: nobody knows.
 */
export async function judgeIndex(reading: TableReading, name: string, index: IndexDesign): Promise<Verdict> {
  const { client, table, design, indexDeadlineMs, signal } = reading;
  const keyNames = primaryKeyNames(design);
  const description = await describeTable(client, table, signal);
  const status = description && statusOf(description, name);
  if (!status) return fail(`the table has no index ${name}`);
  if (!status.ready) return { status: "indeterminate", lines: [`the index ${name} is still being built`] };
  const patience = createPatience(indexDeadlineMs, signal);
  const { verdict } = await patience(async () => {
    const [items, entries] = [await readAll(reading), await readAll(reading, name)];
    const problems = compareEntries(items, entries, index, keyNames);
    return { verdict: problems.length === 0 ? PASS : failProblems(problems, entries.length) };
  });
  if (verdict.status !== "fail") return verdict;
  const last = `still so after ${indexDeadlineMs} ms: it may be behind the table, or somebody writes to it`;
  return {
    status: "indeterminate",
    lines: [...verdict.lines, last],
    masked: [...(verdict.masked ?? verdict.lines), last],
  };
}
