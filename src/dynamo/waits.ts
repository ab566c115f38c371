import { type AttributeValue, QueryCommand, type TableDescription } from "@aws-sdk/client-dynamodb";
import { classifyFailure, type FailureKind } from "./classify.ts";
import { describeTable, type Sender } from "./describe.ts";
import { IndexSilentError, NotReadyError } from "./errors.ts";
import type { KeyAttribute, KeyType } from "./table-design.ts";
import { type Look, type WaitOptions, waitUntil } from "./wait-until.ts";

/** A part of a table that cannot be used yet, in words. */
type Unready = Omit<Exclude<Look<never>, { state: "ready" }>, "state">;

/** What a table's description is judged to say. */
export type Verdict = { readonly state: "ready" } | Exclude<Look<never>, { state: "ready" }>;

const PROBE_TIMEOUT_SECONDS = 60;

/** What of a table is not usable yet; undefined where everything is. */
export function findUnready({
  TableName: table,
  TableStatus,
  GlobalSecondaryIndexes: indexes = [],
}: TableDescription): Unready | undefined {
  if (TableStatus !== "ACTIVE") return { what: `table ${table}`, status: TableStatus ?? "unknown" };
  for (const { IndexName, IndexStatus = "unknown", Backfilling } of indexes) {
    // TableStatus may be ACTIVE while an index is still CREATING (aws-cli#3399).
    if (IndexStatus === "ACTIVE" && !Backfilling) continue;
    return {
      what: `index ${IndexName} of ${table}`,
      status: Backfilling ? `${IndexStatus} (backfilling)` : IndexStatus,
    };
  }
  return undefined;
}

/**
 * Waits until a judgement of the table's description says that it is ready, and returns the description.
 * @throws what {@link waitUntil} throws.
 */
export function waitUntilTable(
  client: Sender,
  table: string,
  judge: (description: TableDescription) => Verdict | Promise<Verdict>,
  options: WaitOptions = {},
): Promise<TableDescription> {
  return waitUntil<TableDescription>(async () => {
    const description = await describeTable(client, table, options.signal);
    if (!description) return { state: "unseen", what: `table ${table}`, status: "absent" };
    const verdict = await judge(description);
    return verdict.state === "ready" ? { state: "ready", value: description } : verdict;
  }, options);
}

/** Waits until all of a table is usable and `missing` finds nothing that should be in its description and is not. */
function waitForTable(
  client: Sender,
  table: string,
  missing: (description: TableDescription) => Unready | undefined,
  options: WaitOptions,
): Promise<TableDescription> {
  const judge = (description: TableDescription): Verdict => {
    const unready = findUnready(description);
    if (unready) return { state: "changing", ...unready };
    const unseen = missing(description);
    return unseen ? { state: "unseen", ...unseen } : { state: "ready" };
  };
  return waitUntilTable(client, table, judge, options);
}

/**
 * Waits until a table and each of its indexes can be used, and returns its description. The table may not
 * show for `graceMs`, as just after CreateTable.
 * @throws what {@link waitUntil} throws.
 */
export function waitUntilActive(
  client: Sender,
  table: string,
  options: WaitOptions = {},
): Promise<TableDescription> {
  return waitForTable(client, table, () => undefined, options);
}

const isListed = ({ GlobalSecondaryIndexes: indexes = [] }: TableDescription, index: string) =>
  indexes.some(({ IndexName }) => IndexName === index);

const PROBE_VALUES: Record<KeyType, AttributeValue> = {
  S: { S: "tablewright probe" },
  N: { N: "0" },
  B: { B: Uint8Array.of(0) },
};

/** Refusals of a Query that do not mean that the index is not ready. */
const NOT_THE_INDEX: readonly FailureKind[] = ["accessDenied", "credentials"];

/**
 * Asks an index until it answers: a description may say ACTIVE before it does.
 * @throws {IndexSilentError} when it does not answer, and what {@link waitUntil} throws.
 */
export async function probeIndex(
  client: Sender,
  table: string,
  { name: index, partitionKey }: QueryableIndex,
  options: WaitOptions,
): Promise<void> {
  const request = new QueryCommand({
    TableName: table,
    IndexName: index,
    KeyConditionExpression: "#key = :probe",
    ExpressionAttributeNames: { "#key": partitionKey.name },
    ExpressionAttributeValues: { ":probe": PROBE_VALUES[partitionKey.type] },
    Limit: 1,
  });
  let refusal: unknown;
  const look = async (): Promise<Look<void>> => {
    try {
      await client.send(request, { abortSignal: options.signal });
      return { state: "ready", value: undefined };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (NOT_THE_INDEX.includes(classifyFailure(error))) throw error;
      refusal = error;
      return { state: "changing", what: `index ${index} of ${table}`, status: "without an answer" };
    }
  };
  try {
    await waitUntil(look, { ...options, timeoutSeconds: PROBE_TIMEOUT_SECONDS });
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    throw new IndexSilentError(table, index, PROBE_TIMEOUT_SECONDS, refusal);
  }
}

/**
 * Waits until an index that was asked for is there and filled, and nothing else of the table changes; returns
 * the table's description.
 * @throws what {@link waitUntil} throws.
 */
export function waitUntilIndexActive(
  client: Sender,
  table: string,
  index: string,
  options: WaitOptions = {},
): Promise<TableDescription> {
  const absent = { what: `index ${index} of ${table}`, status: "absent" };
  return waitForTable(client, table, (found) => (isListed(found, index) ? undefined : absent), options);
}

/** An index by its name and the key that a Query of it needs. */
export interface QueryableIndex {
  readonly name: string;
  readonly partitionKey: KeyAttribute;
}

/**
 * Waits until an index that was asked for is there and filled, and answers a Query.
 * @throws {IndexSilentError} when it is active but does not answer, and what {@link waitUntil} throws.
 */
export async function waitUntilIndexAnswers(
  client: Sender,
  table: string,
  index: QueryableIndex,
  options: WaitOptions = {},
): Promise<void> {
  await waitUntilIndexActive(client, table, index.name, options);
  await probeIndex(client, table, index, options);
}

/**
 * Waits until an index whose deletion was asked for is gone, and nothing else of the table changes.
 * @throws what {@link waitUntil} throws.
 */
export async function waitUntilIndexGone(
  client: Sender,
  table: string,
  index: string,
  options: WaitOptions = {},
): Promise<void> {
  const still = { what: `index ${index} of ${table}`, status: "there" };
  await waitForTable(client, table, (found) => (isListed(found, index) ? still : undefined), options);
}

/**
 * Waits until a table whose deletion was asked for is gone.
 * @throws what {@link waitUntil} throws.
 */
export function waitUntilTableGone(client: Sender, table: string, options: WaitOptions = {}): Promise<void> {
  return waitUntil<void>(async () => {
    const description = await describeTable(client, table, options.signal);
    if (!description) return { state: "ready", value: undefined };
    const status = description.TableStatus ?? "unknown";
    return { state: status === "DELETING" ? "changing" : "unseen", what: `table ${table}`, status };
  }, options);
}
