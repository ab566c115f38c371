import { marshall } from "@aws-sdk/util-dynamodb";
import { batchGetItems } from "../../dynamo/batch-get.ts";
import { matchesPattern } from "../../dynamo/item-pattern.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { CounterStep } from "../definition/counter.ts";
import { about } from "../plan/about.ts";
import type { ForeseenTable } from "../plan/foreseen-table.ts";
import { exampleOf, type ItemExample, MAX_EXAMPLES } from "../plan/item-example.ts";
import { exactly, type Range, times } from "../plan/range.ts";
import {
  addCosts,
  between,
  costOfUpdate,
  NO_COST,
  type StepWork,
  scaleCost,
  type WriteCost,
} from "../plan/step-work.ts";
import { groupByHub, isWanted, resolveMember, scanMembers } from "./counter-members.ts";
import { findCounterRisks } from "./counter-risks.ts";
import { type Addition, type Direction, type Member, mergeAdditions } from "./counter-transaction.ts";
import { findAbsentItems } from "./find-absent-items.ts";
import { judgeKeyAttributes } from "./judge-key-attributes.ts";
import { HOT_BATCH } from "./settle-group.ts";
import { type FoundPlan, keyOf, type LookContext, type PlanContext } from "./step-context.ts";

/** Items with counters that are looked up for a sample: whether they exist, and how large they are. */
const LOOKED_UP = 500;
/** Passes that find an orphan, and try it: the one that counts, and the one that finds nothing left. */
const PASSES = 2;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Counts the members that a run would count now, by a scan of the whole table. */
export async function countOpenMembers(step: CounterStep, context: PlanContext): Promise<number> {
  let members = 0;
  await scanMembers(step, "count", context, async (page) => {
    const places = page.flatMap((member) => member.places);
    const absent = await findAbsentItems(places, context);
    members += page.filter((member) => !member.places.some(({ keyText }) => absent.has(keyText))).length;
  });
  return members;
}

/** What of a counter shows on the items that were read. */
interface Look {
  readonly matching: number;
  readonly members: readonly { readonly member: Member; readonly item: StoredItem }[];
  /** Items of which it cannot be said where they count, in words. */
  readonly failures: readonly string[];
}

function lookAt(step: CounterStep, direction: Direction, context: PlanContext, table: ForeseenTable): Look {
  const members: { member: Member; item: StoredItem }[] = [];
  const failures: string[] = [];
  let matching = 0;
  for (const item of table.items()) {
    if (!matchesPattern(item, step.members)) continue;
    matching += 1;
    if (!isWanted(step, item, direction)) continue;
    try {
      members.push({ member: resolveMember(step, item, context), item });
    } catch (error) {
      const { show } = context;
      failures.push(`${show.key(keyOf(item, context))}: ${show.words(messageOf(error))}`);
    }
  }
  return { matching, members, failures };
}

/** The items that carry counters, as far as they are known, and the members that were looked up. */
interface Carriers {
  readonly items: ReadonlyMap<string, StoredItem>;
  readonly members: Look["members"];
}

/** Of a sample the carriers are seldom there: those of its first members are read by their keys. */
async function findCarriers(
  members: Look["members"],
  { client, table: name, signal, patienceMs: standstillMs }: PlanContext,
  table: ForeseenTable,
): Promise<Carriers> {
  const items = new Map<string, StoredItem>();
  const missing = new Map<string, StoredItem>();
  const judged: { member: Member; item: StoredItem }[] = [];
  for (const one of members) {
    if (!table.whole && missing.size >= LOOKED_UP) break;
    judged.push(one);
    for (const { key, keyText } of one.member.places) {
      const known = table.get(keyText);
      if (known) items.set(keyText, known);
      else missing.set(keyText, key);
    }
  }
  if (!table.whole && missing.size > 0) {
    const found = await batchGetItems(client, [...missing.values()], { table: name, standstillMs, signal });
    for (const item of found) items.set(table.keyText(item), item);
  }
  return { items, members: judged };
}

type Inner = Record<string, NonNullable<StoredItem[string]>>;

function addAt(values: Inner, [name = "", ...rest]: readonly string[], amount: number): Inner {
  const old = values[name];
  if (rest.length > 0) return { ...values, [name]: { M: addAt(old?.M ?? {}, rest, amount) } };
  return { ...values, [name]: { N: String(Number(old?.N ?? 0) + amount) } };
}

/** Top-level attributes that an item must be given before it can be added to, as nothing can be set inside them. */
function lacking(addition: Addition, carrier: StoredItem): string[] {
  const paths = [...addition.amounts.keys()].map((path) => JSON.parse(path) as string[]);
  const names = paths.filter((path) => path.length > 1).map(([name = ""]) => name);
  return [...new Set(names)].filter((name) => carrier[name] === undefined);
}

/** An item with its counters as the additions leave them. */
function addTo(step: CounterStep, direction: Direction, addition: Addition, carrier: StoredItem): StoredItem {
  let after: Inner = { ...carrier };
  for (const name of lacking(addition, carrier)) {
    const initial = step.initial[name];
    if (initial !== undefined) after = { ...after, ...marshall({ [name]: initial }) };
  }
  const sign = direction === "count" ? 1 : -1;
  for (const [path, amount] of addition.amounts) {
    after = addAt(after, JSON.parse(path) as string[], sign * amount);
  }
  if (step.recount !== undefined) delete after[step.recount];
  return after;
}

interface Costs {
  readonly requests: Range;
  readonly cost: WriteCost;
}

/**
 * What counting takes. How members share transactions depends on what else a run finds at the same time: at the
 * best all of a hub's go together, and each item with counters is written once a hub; at the worst each member
 * goes by itself, orphans and missing maps cancel transactions, which are paid for, and those are sent again.
 */
function costsOf(
  counted: readonly { member: Member; marked: WriteCost }[],
  additions: readonly { addition: Addition; cost: WriteCost; isLacking: boolean }[],
  orphans: number,
): Costs {
  const marks = counted.reduce((sum, { marked }) => addCosts(sum, marked), NO_COST);
  const once = additions.reduce((sum, { cost }) => addCosts(sum, cost), NO_COST);
  const costByKey = new Map(additions.map(({ addition, cost }) => [addition.keyText, cost]));
  const each = counted.map(({ member, marked }) =>
    [...new Set(member.places.map(({ keyText }) => keyText))].reduce(
      (sum, keyText) => addCosts(sum, costByKey.get(keyText) ?? NO_COST),
      marked,
    ),
  );
  const alone = each.reduce(addCosts, NO_COST);
  const lacking = additions.filter(({ isLacking }) => isLacking);
  const initial = lacking.reduce((sum, { cost }) => addCosts(sum, cost), NO_COST);
  const cancelled = lacking.length + orphans * PASSES;
  const dearest = each.reduce((most, cost) => (cost.table.most > most.table.most ? cost : most), NO_COST);
  const lost = scaleCost(dearest, cancelled * HOT_BATCH);
  const hubs = [...groupByHub(counted.map(({ member }) => member)).values()];
  const least = hubs.reduce((sum, members) => sum + Math.ceil(members.length / HOT_BATCH), 0);
  return {
    requests: { least: least + lacking.length, most: counted.length + 2 * lacking.length + orphans * PASSES },
    cost: between(addCosts(marks, once), addCosts(addCosts(alone, initial), lost)),
  };
}

const NOT_IN_A_SAMPLE = "which a step before it counts: a sample does not show what it comes to";

/** A member with its mark, or without it again. */
function mark(step: CounterStep, direction: Direction, item: StoredItem): StoredItem {
  if (direction === "count") return { ...item, [step.mark]: { BOOL: true } };
  const { [step.mark]: _taken, ...rest } = item;
  return rest;
}

/** That an item is still absent is checked in the transaction, for what a write of nothing costs. */
const CHECK_OF_ABSENCE: WriteCost = { ...NO_COST, table: exactly(2) };

/**
 * What a run would count, worked out on the items that were read; they are then as the run leaves them.
 * @param direction `uncount`: the same of `down`, which takes the marks away and subtracts
 */
export async function planCounter(
  step: CounterStep,
  context: LookContext,
  table: ForeseenTable,
  direction: Direction = "count",
): Promise<FoundPlan> {
  const { show } = context;
  const isCounting = direction === "count";
  const maxFailures = isCounting ? step.maxFailures : 0;
  const nothing = { changes: 0, counts: { members: 0, orphans: 0 } };
  const failing = (problems: readonly string[]): FoundPlan => {
    // What is wrong may be that it counts in a key: that stays as it is.
    const given = [step.mark, ...step.attributes].filter((name) => !context.keyNames.includes(name));
    table.hide(given, `which the step ${step.id} before it would fail to ${direction}`);
    return { action: `${direction} items: would fail`, ...nothing, problems };
  };
  const mistakes = judgeKeyAttributes([step.mark, ...step.attributes], context);
  if (mistakes.length > 0) return failing(mistakes);
  const unknown = table.hiddenAmong([step.mark, ...Object.keys(step.members)]);
  if (unknown !== undefined) return { action: `${direction} items`, ...nothing, unknown };
  const { matching, members, failures } = lookAt(step, direction, context, table);
  const [first] = failures;
  if (first !== undefined && failures.length > maxFailures) {
    const many = `${failures.length} items fail, and ${maxFailures} may be set aside`;
    return failing([failures.length === 1 ? first : `${many}: ${first}`]);
  }

  const warnings = isCounting ? await findCounterRisks(step, context, table) : [];
  const before = table.bytes();
  const carriers = await findCarriers(members, context, table);
  // What has nothing to be counted on is not counted; it is uncounted all the same.
  const isOrphan = ({ places }: Member) =>
    isCounting && places.some(({ keyText }) => !carriers.items.has(keyText));
  const judged = carriers.members.filter(({ member }) => !isOrphan(member));
  /** How many members one that was judged stands for. */
  const share = carriers.members.length === 0 ? 1 : members.length / carriers.members.length;
  const counted = judged.map(({ member, item }) => {
    const after = mark(step, direction, item);
    return { member, item, after, marked: costOfUpdate(item, after, table, { inTransaction: true }) };
  });
  const additions = mergeAdditions(counted.map(({ member }) => member)).map((addition) => {
    const carrier = carriers.items.get(addition.keyText);
    if (!carrier) return { addition, cost: CHECK_OF_ABSENCE, isLacking: false };
    const after = addTo(step, direction, addition, carrier);
    const cost = costOfUpdate(carrier, after, table, { inTransaction: true });
    return { addition, change: { carrier, after }, cost, isLacking: lacking(addition, carrier).length > 0 };
  });
  const carried = additions.flatMap(({ addition, change }) => (change ? { addition, ...change } : []));
  const orphans = carriers.members.length - judged.length;
  const { requests, cost } = costsOf(counted, additions, orphans);

  for (const { after } of counted) table.set(after);
  if (table.whole) for (const { after } of carried) table.set(after);
  else table.hide(step.attributes, NOT_IN_A_SAMPLE);
  const examples: ItemExample[] = [
    ...counted.slice(0, 1).map(({ member, item, after }) => exampleOf(member.key, item, after, show)),
    // Of a sample it is not known what a counter comes to.
    ...(table.whole ? carried : [])
      .slice(0, MAX_EXAMPLES - 1)
      .map(({ addition, carrier, after }) => exampleOf(addition.key, carrier, after, show)),
  ];
  const work: StepWork = {
    matching,
    needing: members.length + failures.length,
    written: (counted.length + (table.whole ? carried.length : 0)) * share,
    requests: times(requests, share),
    cost: scaleCost(cost, share),
    passes: counted.length > 0 ? [before, table.bytes()] : [before],
  };
  const scale = (count: number) => Math.round(count * share * table.factor);
  const [items, left] = [scale(counted.length), scale(orphans)];
  const leaving = left > 0 ? `, leave ${about(left, table)} that have nothing to be counted on` : "";
  return {
    action: `${direction} ${about(items, table)} items${leaving}`,
    changes: items,
    counts: { members: items, orphans: left },
    examples,
    work,
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}
