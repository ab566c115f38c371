import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { StoredItem } from "../../../src/dynamo/scan.ts";
import { Refusal } from "./refusal.ts";

interface Update {
  readonly Key: StoredItem;
  readonly UpdateExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
}

interface TransactAction {
  readonly ConditionCheck?: object;
  readonly Put?: { readonly Item: StoredItem };
  readonly Update?: Update;
}

const CLAUSE = /\b(SET|ADD|REMOVE)\s+(.*?)(?=\s+(?:SET|ADD|REMOVE)\s|$)/g;

const keyOf = ({ PK, SK }: StoredItem) => `${PK?.S} ${SK?.S}`;

/**
 * A small table beside the one that is loaded: `tablewright seed` keeps its lease and its history in such a one.
 * It takes what a ledger writes and gives it back, and judges no condition: one process at a time writes to it.
 */
export class SideTable {
  readonly #items = new Map<string, StoredItem>();

  get(Key: StoredItem): object {
    const Item = this.#items.get(keyOf(Key));
    return Item ? { Item } : {};
  }

  put(item: StoredItem): object {
    this.#items.set(keyOf(item), item);
    return {};
  }

  /** All items of the partition that the query's one value names. */
  query(values: Record<string, AttributeValue>): object {
    const [scope] = Object.values(values);
    const Items = [...this.#items.values()].filter(({ PK }) => PK?.S === scope?.S);
    return { Items, Count: Items.length, ScannedCount: Items.length };
  }

  /** SET of plain values, ADD of numbers, REMOVE: what a ledger's expressions have. */
  update({
    Key,
    UpdateExpression,
    ExpressionAttributeNames = {},
    ExpressionAttributeValues = {},
  }: Update): object {
    const item: StoredItem = { ...(this.#items.get(keyOf(Key)) ?? Key) };
    for (const [, verb, parts = ""] of UpdateExpression.matchAll(CLAUSE)) {
      for (const part of parts.split(",")) {
        const [word = "", valueName = ""] = part.trim().split(/[\s=]+/);
        const name = ExpressionAttributeNames[word] ?? word;
        const value = ExpressionAttributeValues[valueName];
        if (verb === "REMOVE") delete item[name];
        else if (!value) throw Refusal.validation(`the sink does not know ${UpdateExpression}`);
        else if (verb === "SET") item[name] = value;
        else item[name] = { N: String(Number(item[name]?.N ?? 0) + Number(value.N)) };
      }
    }
    return this.put(item);
  }

  transact(actions: readonly TransactAction[]): object {
    for (const { Put, Update } of actions) {
      if (Put) this.put(Put.Item);
      if (Update) this.update(Update);
    }
    return {};
  }
}
