import { randomUUID } from "node:crypto";
import type {
  CancellationReason,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
} from "@aws-sdk/client-dynamodb";
import { canonicalKey } from "../../dynamo/canonical-item.ts";
import { MAX_TRANSACTION_ACTIONS } from "../../dynamo/limits.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { CounterStep } from "../definition/counter.ts";
import { type PlanContext, partitionKeyName } from "./step-context.ts";

/** Counting sets marks and adds; uncounting, its exact reverse, removes marks and subtracts. */
export type Direction = "count" | "uncount";

/** A counter that a member adds to. */
export interface Place {
  readonly key: StoredItem;
  /** The key in one spelling: equal for the same item. */
  readonly keyText: string;
  readonly path: readonly string[];
}

/** An item to be counted. */
export interface Member {
  readonly key: StoredItem;
  readonly keyText: string;
  /** Its size, roughly: a transaction is limited by the size of the items it touches. */
  readonly bytes: number;
  readonly places: readonly Place[];
}

/** All that one transaction adds to one item. */
export interface Addition {
  readonly key: StoredItem;
  readonly keyText: string;
  /** Amounts by path, `["reactions","heart"]` as JSON. */
  readonly amounts: ReadonlyMap<string, number>;
}

/** A transaction: its members first, then one action for each item that carries counters. */
export interface CounterTransaction<M extends Member = Member> {
  readonly members: readonly M[];
  readonly additions: readonly Addition[];
  readonly input: TransactWriteItemsCommandInput;
}

/** 4 MB a transaction (API_TransactWriteItems); half of it, as the sizes here are rough and leave the counters' items out. */
const MEMBER_BYTES_BUDGET = 2 * 1024 * 1024;

/** The items' merged additions: an item may stand in a transaction once. */
export function mergeAdditions(members: readonly Member[]): Addition[] {
  const merged = new Map<string, { key: StoredItem; keyText: string; amounts: Map<string, number> }>();
  for (const place of members.flatMap((member) => member.places)) {
    const addition = merged.get(place.keyText) ?? { ...place, amounts: new Map<string, number>() };
    const path = JSON.stringify(place.path);
    addition.amounts.set(path, (addition.amounts.get(path) ?? 0) + 1);
    merged.set(place.keyText, addition);
  }
  return [...merged.values()];
}

/** The first members that fit into one transaction: at least one, at most `limit`. */
export function takeBatch<M extends Member>(members: readonly M[], limit: number): M[] {
  const batch: M[] = [];
  const items = new Set<string>();
  let bytes = 0;
  for (const member of members.slice(0, limit)) {
    const wider = new Set([...items, ...member.places.map((place) => place.keyText)]);
    const tooMany = batch.length + 1 + wider.size > MAX_TRANSACTION_ACTIONS;
    if (batch.length > 0 && (tooMany || bytes + member.bytes > MEMBER_BYTES_BUDGET)) break;
    batch.push(member);
    bytes += member.bytes;
    for (const keyText of wider) items.add(keyText);
  }
  return batch;
}

function markAction(step: CounterStep, member: Member, direction: Direction, context: PlanContext) {
  const counting = direction === "count";
  return {
    Update: {
      TableName: context.table,
      Key: member.key,
      UpdateExpression: counting ? "SET #mark = :true" : "REMOVE #mark",
      ConditionExpression: counting
        ? "attribute_exists(#key) AND attribute_not_exists(#mark)"
        : "attribute_exists(#mark)",
      ExpressionAttributeNames: {
        "#mark": step.mark,
        ...(counting ? { "#key": partitionKeyName(context) } : {}),
      },
      ExpressionAttributeValues: counting ? { ":true": { BOOL: true } } : undefined,
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  } satisfies TransactWriteItem;
}

/** Names of every part of every path: `#a0.#a1`. */
function namePaths(paths: readonly (readonly string[])[]) {
  const names = new Map<string, string>();
  const alias = (part: string) => {
    const known = names.get(part) ?? `#a${names.size}`;
    names.set(part, known);
    return known;
  };
  const spelled = paths.map((path) => path.map(alias).join("."));
  const parents = [
    ...new Set(paths.filter((path) => path.length > 1).map((path) => path.slice(0, -1).map(alias).join("."))),
  ];
  const attributeNames = Object.fromEntries([...names].map(([part, short]) => [short, part]));
  return { spelled, parents, attributeNames };
}

/**
 * The action on an item that carries counters: the additions, where the item can take them. An item in
 * `absent` has nothing to subtract from: there the transaction checks that this is still so.
 */
function additionAction(
  step: CounterStep,
  addition: Addition,
  direction: Direction,
  absent: ReadonlySet<string>,
  context: PlanContext,
): TransactWriteItem {
  const paths = [...addition.amounts.keys()].map((path) => JSON.parse(path) as string[]);
  const { spelled, parents, attributeNames } = namePaths(paths);
  const usable = ["attribute_exists(#key)", ...parents.map((parent) => `attribute_exists(${parent})`)];
  const common = {
    TableName: context.table,
    Key: addition.key,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  } as const;
  const key = { "#key": partitionKeyName(context) };
  if (absent.has(addition.keyText)) {
    // Only the parents are named here: DynamoDB refuses a name that no expression uses.
    const used = Object.entries(attributeNames).filter(([alias]) =>
      parents.some((parent) => parent.split(".").includes(alias)),
    );
    return {
      ConditionCheck: {
        ...common,
        ConditionExpression: `NOT (${usable.join(" AND ")})`,
        ExpressionAttributeNames: { ...key, ...Object.fromEntries(used) },
      },
    };
  }
  const sign = direction === "count" ? 1 : -1;
  const amounts = [...addition.amounts.values()];
  const untag = step.recount === undefined ? "" : " REMOVE #recount";
  // Not ADD, which takes top-level attributes only (API_UpdateItem, UpdateExpression).
  const additions = spelled.map((path, index) => `${path} = if_not_exists(${path}, :zero) + :n${index}`);
  return {
    Update: {
      ...common,
      UpdateExpression: `SET ${additions.join(", ")}${untag}`,
      ConditionExpression: usable.join(" AND "),
      ExpressionAttributeNames: { ...key, ...attributeNames, ...(untag ? { "#recount": step.recount } : {}) },
      ExpressionAttributeValues: {
        ":zero": { N: "0" },
        ...Object.fromEntries(amounts.map((amount, index) => [`:n${index}`, { N: String(sign * amount) }])),
      },
    },
  };
}

/**
 * Builds the transaction that counts, or uncounts, a batch of members. Its token stays with it however often
 * it is sent; DynamoDB knows it for 10 minutes (API_TransactWriteItems, ClientRequestToken).
 */
export function buildTransaction<M extends Member>(
  step: CounterStep,
  members: readonly M[],
  direction: Direction,
  absent: ReadonlySet<string>,
  context: PlanContext,
): CounterTransaction<M> {
  const additions = mergeAdditions(members);
  const marks = members.map((member) => markAction(step, member, direction, context));
  const adds = additions.map((addition) => additionAction(step, addition, direction, absent, context));
  const input = { ClientRequestToken: randomUUID(), TransactItems: [...marks, ...adds] };
  return { members, additions, input };
}

/** Why a transaction was cancelled, by the parts it is made of. */
export interface Cancellation<M extends Member = Member> {
  /** Members whose mark is not as expected any more, or which are gone. */
  readonly refused: readonly M[];
  /** Items that cannot take the addition: absent, or without the map that it goes into. */
  readonly unready: readonly { addition: Addition; exists: boolean }[];
  /** The messages of reasons that no waiting cures. */
  readonly invalid: readonly string[];
}

/** Reads the reasons of a cancelled transaction. A conflict or a throttle leaves every list empty. */
export function readCancellation<M extends Member>(
  transaction: CounterTransaction<M>,
  reasons: readonly CancellationReason[],
): Cancellation<M> {
  const failed = (index: number) => reasons[index]?.Code === "ConditionalCheckFailed";
  const { members, additions } = transaction;
  return {
    refused: members.filter((_, index) => failed(index)),
    unready: additions.flatMap((addition, index) => {
      const position = members.length + index;
      return failed(position) ? [{ addition, exists: reasons[position]?.Item !== undefined }] : [];
    }),
    invalid: reasons
      .filter(({ Code }) => Code === "ValidationError" || Code === "ItemCollectionSizeLimitExceeded")
      .map(({ Code, Message }) => Message ?? Code ?? ""),
  };
}

/** The key of a stored item in one spelling. */
export const keyTextOf = (key: StoredItem, context: PlanContext) => canonicalKey(key, context.keyNames);
