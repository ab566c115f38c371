import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { retryFailures } from "../../dynamo/backoff.ts";
import { batchGetItems } from "../../dynamo/batch-get.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { Lease } from "../../ledger/index.ts";
import type { Values } from "../definition/values.ts";
import { forEachBounded } from "../for-each-bounded.ts";
import { keyTextOf } from "../steps/counter-transaction.ts";
import { type PlanContext, partitionKeyName } from "../steps/step-context.ts";
import type { Difference, LeftTag } from "./find-differences.ts";
import { type CountedStep, leavesOf, scanCounters } from "./scan-counters.ts";

/** Requests under way at once. */
const AT_ONCE = 8;

/** What a recount works with. */
export interface RecountContext extends PlanContext {
  readonly lease: Lease;
  /**
   * How long it waits after its tags before it counts, in milliseconds: a transaction that has shown on a
   * counter may show on the member a moment later.
   */
  readonly settleMs: number;
}

/** An item with counters that may be wrong. */
export interface Suspect {
  readonly counted: CountedStep;
  readonly key: StoredItem;
  readonly keyText: string;
}

/** What a recount found out about one item, and what became of it. */
export interface Recounted {
  readonly suspect: Suspect;
  /**
   * `right`: it only moved while it was looked at. `repaired`: as `differences` say. `busy`: somebody wrote to
   * it meanwhile, so nothing is known. `unreadable`: a counter is no whole number. `gone`: there is no such item.
   */
  readonly outcome: "right" | "repaired" | "busy" | "unreadable" | "gone";
  readonly differences: readonly Difference[];
}

const isRefusal = (error: unknown, action: number) =>
  error instanceof TransactionCanceledException &&
  error.CancellationReasons?.[action]?.Code === "ConditionalCheckFailed";

/**
 * Tags an item, so that the next live write to its counters shows. A transaction of one: by its token a late copy
 * of the request does not tag the item again after that write.
 * @returns false where there is no such item
 */
async function tag({ counted, key }: Suspect, run: string, context: RecountContext): Promise<boolean> {
  const { client, table, signal, clock, patienceMs: deadlineMs } = context;
  const { recount } = counted.step;
  if (recount === undefined) return true;
  const request = new TransactWriteItemsCommand({
    ClientRequestToken: randomUUID(),
    TransactItems: [
      {
        Update: {
          TableName: table,
          Key: key,
          UpdateExpression: "SET #recount = :run",
          ConditionExpression: "attribute_exists(#key)",
          ExpressionAttributeNames: { "#recount": recount, "#key": partitionKeyName(context) },
          ExpressionAttributeValues: { ":run": { S: run } },
        },
      },
    ],
  });
  try {
    await retryFailures(() => client.send(request, { abortSignal: signal }), { signal, clock, deadlineMs });
    return true;
  } catch (error) {
    if (isRefusal(error, 0)) return false;
    throw error;
  }
}

/** Takes a tag off, whoever has set it; where a live write has done so, nothing happens. */
export async function removeTag({ counted, key }: LeftTag, context: PlanContext): Promise<void> {
  const { client, table, signal, clock, patienceMs: deadlineMs } = context;
  const { recount } = counted.step;
  if (recount === undefined) return;
  const request = new UpdateItemCommand({
    TableName: table,
    Key: key,
    UpdateExpression: "REMOVE #recount",
    ConditionExpression: "attribute_exists(#recount)",
    ExpressionAttributeNames: { "#recount": recount },
  });
  try {
    await retryFailures(() => client.send(request, { abortSignal: signal }), { signal, clock, deadlineMs });
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** Names and values of an expression, given short names as they are used. */
class Aliases {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, AttributeValue> = {};

  path(parts: readonly string[]): string {
    return parts
      .map((part) => {
        const known = Object.entries(this.names).find(([, name]) => name === part)?.[0];
        const alias = known ?? `#n${Object.keys(this.names).length}`;
        this.names[alias] = part;
        return alias;
      })
      .join(".");
  }

  value(value: AttributeValue): string {
    const alias = `:v${Object.keys(this.values).length}`;
    this.values[alias] = value;
    return alias;
  }
}

/** A map that the item lacks, with what is counted inside of it. */
function mapWith(initial: Values, attribute: string, differences: readonly Difference[]) {
  const map = structuredClone(initial[attribute] ?? {}) as Record<string, unknown>;
  for (const { path, is } of differences) {
    let inside = map;
    for (const part of path.slice(1, -1)) {
      const deeper = (inside[part] ?? {}) as Record<string, unknown>;
      inside[part] = deeper;
      inside = deeper;
    }
    inside[path.at(-1) ?? ""] = is;
  }
  return marshall({ map }).map as AttributeValue;
}

/**
 * The update that sets an item's counters right, on condition that they stand as they were read and that nobody
 * has written to them since the tag.
 */
function repairAction(
  { counted, key }: Suspect,
  differences: readonly Difference[],
  item: StoredItem,
  run: string,
  context: PlanContext,
): TransactWriteItem {
  const { step } = counted;
  const aliases = new Aliases();
  const sets: string[] = [];
  const conditions = [`attribute_exists(${aliases.path([partitionKeyName(context)])})`];
  for (const attribute of new Set(differences.map(({ path }) => path[0] ?? ""))) {
    const own = differences.filter(({ path }) => path[0] === attribute);
    if (item[attribute] === undefined && own.some(({ path }) => path.length > 1)) {
      const spelled = aliases.path([attribute]);
      sets.push(`${spelled} = ${aliases.value(mapWith(step.initial, attribute, own))}`);
      conditions.push(`attribute_not_exists(${spelled})`);
      continue;
    }
    for (const { path, was = 0, is } of own) {
      const spelled = aliases.path(path);
      const stands = `${spelled} = ${aliases.value({ N: String(was) })}`;
      sets.push(`${spelled} = ${aliases.value({ N: String(is) })}`);
      conditions.push(was === 0 ? `(${stands} OR attribute_not_exists(${spelled}))` : stands);
    }
  }
  let untag = "";
  if (step.recount !== undefined) {
    const spelled = aliases.path([step.recount]);
    untag = ` REMOVE ${spelled}`;
    conditions.push(`${spelled} = ${aliases.value({ S: run })}`);
  }
  return {
    Update: {
      TableName: context.table,
      Key: key,
      UpdateExpression: `SET ${sets.join(", ")}${untag}`,
      ConditionExpression: conditions.join(" AND "),
      ExpressionAttributeNames: aliases.names,
      ExpressionAttributeValues: aliases.values,
    },
  };
}

const ownerText = ({ counted, keyText }: Pick<Suspect, "counted" | "keyText">) =>
  JSON.stringify([counted.migration, counted.step.id, keyText]);

/** How many marked members the counters of an item must include, by their paths. */
type MemberCounts = Map<string, { readonly path: readonly string[]; count: number }>;

/** Counts the marked members of some items. */
async function countMembers(suspects: readonly Suspect[], context: PlanContext) {
  const steps = [...new Set(suspects.map(({ counted }) => counted))];
  const counts = new Map(suspects.map((suspect) => [ownerText(suspect), new Map() as MemberCounts]));
  await scanCounters(steps, context, {
    value() {},
    tagged() {},
    member(counter) {
      const own = counts.get(ownerText(counter));
      if (!own) return;
      const text = JSON.stringify(counter.path);
      const known = own.get(text) ?? { path: counter.path, count: 0 };
      known.count += 1;
      own.set(text, known);
    },
  });
  return counts;
}

/** In what an item's counters differ from their members; undefined where one of them is no whole number. */
function compare(suspect: Suspect, item: StoredItem, counts: MemberCounts): Difference[] | undefined {
  const found = new Map<string, Difference>();
  for (const [text, { path, count }] of counts) found.set(text, { ...suspect, path, was: 0, is: count });
  for (const attribute of suspect.counted.step.attributes) {
    const value = item[attribute];
    if (value === undefined) continue;
    for (const { path, value: was } of leavesOf(value, [attribute])) {
      if (was === undefined) return undefined;
      const text = JSON.stringify(path);
      found.set(text, { ...suspect, path, was, is: found.get(text)?.is ?? 0 });
    }
  }
  return [...found.values()].filter(({ was, is }) => was !== is);
}

async function settle(
  suspect: Suspect,
  item: StoredItem,
  counts: MemberCounts,
  run: string,
  context: RecountContext,
): Promise<Recounted> {
  const differences = compare(suspect, item, counts);
  if (!differences || differences.length === 0) {
    await removeTag(suspect, context);
    return { suspect, outcome: differences ? "right" : "unreadable", differences: [] };
  }
  try {
    await context.lease.write([repairAction(suspect, differences, item, run, context)]);
    return { suspect, outcome: "repaired", differences };
  } catch (error) {
    // The first action is the lease's own check.
    if (!isRefusal(error, 1)) throw error;
    return { suspect, outcome: "busy", differences };
  }
}

/**
 * Counts the members of some items anew, and sets right what differs. Each item is tagged first: a live write to
 * its counters takes the tag away, so that the repair, which wants the tag, is made only where nobody has written
 * to them since, and what was counted is what there is.
 */
export async function recountItems(
  suspects: readonly Suspect[],
  context: RecountContext,
): Promise<Recounted[]> {
  const { client, table, signal, clock, patienceMs: standstillMs } = context;
  const run = randomUUID();
  const results: Recounted[] = [];
  const tagged: Suspect[] = [];
  await forEachBounded(suspects, AT_ONCE, async (suspect) => {
    if (await tag(suspect, run, context)) tagged.push(suspect);
    else results.push({ suspect, outcome: "gone", differences: [] });
  });
  await clock.sleep(context.settleMs, signal);
  const keys = [...new Map(tagged.map(({ keyText, key }) => [keyText, key])).values()];
  const items = new Map<string, StoredItem>();
  for (const item of await batchGetItems(client, keys, { table, standstillMs, signal, clock })) {
    items.set(keyTextOf(item, context), item);
  }
  const counts = await countMembers(tagged, context);
  await forEachBounded(tagged, AT_ONCE, async (suspect) => {
    const item = items.get(suspect.keyText);
    const own = counts.get(ownerText(suspect)) ?? new Map();
    if (item) results.push(await settle(suspect, item, own, run, context));
    else results.push({ suspect, outcome: "gone", differences: [] });
  });
  return results;
}
