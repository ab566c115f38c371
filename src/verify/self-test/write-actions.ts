import type { PlainItem } from "../../query/oracle.ts";
import type { WireValues } from "../wire/wire.ts";

/** What an action of a write does. */
export type ActionKind = "Put" | "Update" | "Delete" | "ConditionCheck";

/** One action of a write: of a transaction or a batch, or the whole of a single request. */
export interface WriteAction {
  readonly kind: ActionKind;
  /** Its place in the request. */
  readonly place: number;
  readonly body: WireValues;
}

/** Changes an action; undefined: it is left out. */
type ChangeAction = (action: WriteAction) => WriteAction | undefined;

const SINGLE: Readonly<Record<string, ActionKind>> = {
  PutItem: "Put",
  UpdateItem: "Update",
  DeleteItem: "Delete",
};

const IN_BATCH = { PutRequest: "Put", DeleteRequest: "Delete" } as const;

/** Whether an operation writes. */
export const isWrite = (operation: string): boolean =>
  operation in SINGLE || operation === "TransactWriteItems" || operation === "BatchWriteItem";

function changeTransaction(items: readonly WireValues[], change: ChangeAction): WireValues[] {
  return items.flatMap((item, place) => {
    const [[name, body] = []] = Object.entries(item);
    const changed = change({ kind: name as ActionKind, place, body: body as WireValues });
    return changed ? [{ [changed.kind]: changed.body }] : [];
  });
}

function changeBatch(requests: readonly WireValues[], change: ChangeAction): WireValues[] {
  return requests.flatMap((request, place) => {
    const [[name, body] = []] = Object.entries(request) as [keyof typeof IN_BATCH, WireValues][];
    if (!name || !body) return [];
    const changed = change({ kind: IN_BATCH[name], place, body });
    return changed ? [{ [name]: changed.body }] : [];
  });
}

/** The same write with its actions changed; one that is all of its request cannot be left out. */
export function changeActions(operation: string, input: WireValues, change: ChangeAction): WireValues {
  const single = SINGLE[operation];
  if (single) return change({ kind: single, place: 0, body: input })?.body ?? input;
  if (operation === "TransactWriteItems") {
    return { ...input, TransactItems: changeTransaction(input.TransactItems as WireValues[], change) };
  }
  if (operation !== "BatchWriteItem") return input;
  const tables = Object.entries(input.RequestItems as Record<string, WireValues[]>);
  const changed = tables.map(([table, requests]) => [table, changeBatch(requests, change)]);
  return { ...input, RequestItems: Object.fromEntries(changed) };
}

/** The actions of a write, in order. */
export function actionsOf(operation: string, input: WireValues): WriteAction[] {
  const actions: WriteAction[] = [];
  changeActions(operation, input, (action) => {
    actions.push(action);
    return action;
  });
  return actions;
}

/** The part of an action that holds values: the item of a put, the values of an update's expressions. */
export function valuesOf({ kind, body }: WriteAction): PlainItem {
  const values = kind === "Put" ? body.Item : kind === "Update" ? body.ExpressionAttributeValues : undefined;
  return (values ?? {}) as PlainItem;
}

/** The same action with other values. */
export function withValues(action: WriteAction, values: PlainItem): WriteAction {
  const name = action.kind === "Put" ? "Item" : "ExpressionAttributeValues";
  return { ...action, body: { ...action.body, [name]: values } };
}

/** The same action under a condition that always holds; its names and values stay in use. */
export function withoutCondition(action: WriteAction, partitionKey: string): WriteAction {
  const { ConditionExpression, ExpressionAttributeNames } = action.body;
  if (ConditionExpression === undefined) return action;
  const always = `(${ConditionExpression}) OR attribute_exists(#anyKey) OR attribute_not_exists(#anyKey)`;
  const names = { ...(ExpressionAttributeNames as object), "#anyKey": partitionKey };
  return {
    ...action,
    body: { ...action.body, ConditionExpression: always, ExpressionAttributeNames: names },
  };
}
