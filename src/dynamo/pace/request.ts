import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { canonicalValue } from "../canonical-item.ts";
import type { Direction } from "./direction.ts";

/** What of a request to DynamoDB decides its cost. */
export interface PacedRequest {
  /** The API's name, such as `UpdateItem`. */
  readonly operation: string;
  readonly direction: Direction;
  /** Requests of one shape cost alike: the operation, its index, its (first) update expression. */
  readonly shape: string;
  /** Items that are written, or keys that are read; 1 for a page. */
  readonly actions: number;
  /** Units an action costs for each unit of its size: 2 in a transaction. */
  readonly factor: number;
  readonly isPage: boolean;
  readonly isConsistent: boolean;
  readonly index: string | undefined;
  /** The partition keys it goes to, and for a scan its segment: what a hot key is recognized by. */
  readonly groups: readonly string[];
}

/** The requests that use a table's capacity. */
const DIRECTIONS: Readonly<Record<string, Direction>> = {
  GetItem: "read",
  BatchGetItem: "read",
  TransactGetItems: "read",
  Query: "read",
  Scan: "read",
  PutItem: "write",
  UpdateItem: "write",
  DeleteItem: "write",
  BatchWriteItem: "write",
  TransactWriteItems: "write",
};

type Item = Record<string, AttributeValue>;

/** The fields of the requests' inputs that are looked at. */
interface Input {
  TableName?: string;
  IndexName?: string;
  ConsistentRead?: boolean;
  Segment?: number;
  TotalSegments?: number;
  Key?: Item;
  Item?: Item;
  UpdateExpression?: string;
  RequestItems?: Record<string, unknown>;
  TransactItems?: Record<string, Input | undefined>[];
}

interface BatchWrite {
  PutRequest?: { Item?: Item };
  DeleteRequest?: { Key?: Item };
}

/** The single writes and reads of a request on one table; undefined where it is not on that table. */
function actionsOn(table: string, input: Input): Input[] {
  const { TableName, RequestItems, TransactItems } = input;
  if (TransactItems) {
    return TransactItems.flatMap((action) => Object.values(action)).filter(
      (action): action is Input => action?.TableName === table,
    );
  }
  if (RequestItems) {
    const entries = RequestItems[table];
    if (Array.isArray(entries)) {
      return (entries as BatchWrite[]).map(({ PutRequest, DeleteRequest }) => ({
        ...(PutRequest?.Item ? { Item: PutRequest.Item } : {}),
        ...(DeleteRequest?.Key ? { Key: DeleteRequest.Key } : {}),
      }));
    }
    const { Keys = [], ConsistentRead = false } = (entries ?? {}) as {
      Keys?: Item[];
      ConsistentRead?: boolean;
    };
    return Keys.map((Key) => ({ Key, ConsistentRead }));
  }
  return TableName === table ? [input] : [];
}

/**
 * Looks at a request.
 * @param commandName as the SDK has it, such as `UpdateItemCommand`
 * @returns undefined where it uses no capacity of this table
 */
export function pacedRequest(
  table: string,
  partitionKey: string,
  commandName: string,
  input: unknown,
): PacedRequest | undefined {
  const operation = commandName.replace(/Command$/, "");
  const direction = DIRECTIONS[operation];
  if (direction === undefined) return undefined;
  const whole = input as Input;
  const actions = actionsOn(table, whole);
  const [first] = actions;
  if (!first) return undefined;
  const isPage = operation === "Scan" || operation === "Query";
  const keys = actions.flatMap(({ Key, Item }) => (Key ?? Item)?.[partitionKey] ?? []).map(canonicalValue);
  const { IndexName: index, Segment, TotalSegments } = whole;
  const segment = Segment === undefined ? [] : [`segment ${Segment} of ${TotalSegments}`];
  return {
    operation,
    direction,
    shape: [operation, index ?? "", first.UpdateExpression ?? ""].join("\n"),
    actions: isPage ? 1 : actions.length,
    factor: operation.startsWith("Transact") ? 2 : 1,
    isPage,
    isConsistent: first.ConsistentRead === true,
    index,
    groups: [...new Set([...keys, ...segment])],
  };
}
