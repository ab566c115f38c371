import type { SeenRequest } from "../../faults/rules.ts";

/** One right that a request needs. */
export interface AuthorizedCall {
  /** The IAM action, such as `dynamodb:PutItem`. */
  readonly action: string;
  /** The physical table; undefined for what is asked of all tables. */
  readonly table: string | undefined;
  /** The index, where the right is one on an index. */
  readonly index?: string;
  /** The partition keys that it touches, in their plain text: what `dynamodb:LeadingKeys` holds. */
  readonly leadingKeys: readonly string[];
}

type Body = Readonly<Record<string, unknown>>;
type Keyed = Readonly<Record<string, { readonly S?: string } | undefined>>;

/** The partition keys of the recorded tables, by table or index. */
const PARTITION_KEY = { base: "PK", InvertedIndex: "SK" } as const;

const leading = (item: unknown, name: string = PARTITION_KEY.base) => {
  const value = (item as Keyed | undefined)?.[name]?.S;
  return value === undefined ? [] : [value];
};

/** A key condition is written `#p = :p …` by the queries, and `PK = :scope` or `#key = :probe` by the tools. */
function queriedKey({ KeyConditionExpression = "", ExpressionAttributeValues }: Body): string[] {
  const [, placeholder = ""] = /^\S+ = (:\w+)/.exec(String(KeyConditionExpression)) ?? [];
  const key = leading(ExpressionAttributeValues, placeholder);
  if (key.length === 0) throw new Error(`no partition key in ${String(KeyConditionExpression)}`);
  return key;
}

/**
 * The action that governs each part of a transaction: there is none for the transaction itself.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 */
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
  Get: "GetItem",
};

function transactionCalls(items: readonly Record<string, Body>[]): AuthorizedCall[] {
  return items.flatMap((item) =>
    Object.entries(item).map(([kind, { TableName, Key, Item }]) => {
      const action = TRANSACTION_ACTIONS[kind];
      if (action === undefined) throw new Error(`a transaction with ${kind}`);
      return {
        action: `dynamodb:${action}`,
        table: String(TableName),
        leadingKeys: leading(Key ?? Item),
      };
    }),
  );
}

function batchKeys(requests: unknown): string[] {
  const writes = Array.isArray(requests) ? (requests as Record<string, Body>[]) : [];
  const written = writes.flatMap(({ PutRequest, DeleteRequest }) =>
    leading(PutRequest?.Item ?? DeleteRequest?.Key),
  );
  const { Keys = [] } = requests as { Keys?: unknown[] };
  return [...written, ...Keys.flatMap((key) => leading(key))];
}

/**
 * What IAM asks for before DynamoDB carries out a request.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
export function authorizedCalls({
  operation,
  body,
}: Pick<SeenRequest, "operation" | "body">): AuthorizedCall[] {
  const { TableName, IndexName, RequestItems, TransactItems } = body;
  if (TransactItems) return transactionCalls(TransactItems as Record<string, Body>[]);
  const action = `dynamodb:${operation}`;
  if (RequestItems) {
    return Object.entries(RequestItems).map(([table, requests]) => ({
      action,
      table,
      leadingKeys: batchKeys(requests),
    }));
  }
  const call: AuthorizedCall = {
    action,
    table: TableName,
    ...(IndexName !== undefined && { index: IndexName }),
    leadingKeys: operation === "Query" ? queriedKey(body) : leading(body.Key ?? body.Item),
  };
  // Tags that come with a new table are a right of their own.
  return operation === "CreateTable" && body.Tags
    ? [call, { ...call, action: "dynamodb:TagResource" }]
    : [call];
}
