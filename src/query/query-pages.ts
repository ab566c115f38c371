import { QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Database, PatternRequest } from "./access-pattern.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { type KeyRange, keyCondition } from "./key-range.ts";
import type { PlainItem } from "./oracle.ts";
import { persist } from "./persist.ts";

/** The part of a pattern's input that says which page is wanted. */
export interface PageInput {
  /** Items on the page; undefined means all there are. */
  readonly limit?: number | undefined;
  /** Where the page before ended; undefined means the beginning. */
  readonly cursor?: string | undefined;
}

/** What to read, and for whom. */
export interface PagedQuery {
  readonly range: KeyRange;
  /** Read from the end of the range. Default false. */
  readonly descending?: boolean;
  /** Items that the first page holds on top of the limit, such as the profile before its photos. Default 0. */
  readonly leading?: number;
  /** The id of the access pattern, which its cursors carry. */
  readonly pattern: string;
  /** The pattern's whole input. */
  readonly input: PageInput & Readonly<Record<string, unknown>>;
}

/** Items in the range's order. */
export interface ItemPage {
  readonly items: PlainItem[];
  /** Where to go on; absent where nothing is left. DynamoDB may find out only on a last, empty page. */
  readonly cursor?: string;
}

/** How many items are wanted: the limit, and on the first page what stands in front of it. */
const wantedItems = ({ input, leading = 0 }: PagedQuery) =>
  input.limit === undefined
    ? Number.POSITIVE_INFINITY
    : input.limit + (input.cursor === undefined ? leading : 0);

/**
 * The first Query that {@link queryPages} sends. Pure.
 * @throws {InvalidCursorError}
 */
export function queryRequest(
  query: PagedQuery,
  table: string,
): PatternRequest & { readonly input: QueryCommandInput } {
  const { range, descending = false, pattern, input } = query;
  const wanted = wantedItems(query);
  return {
    operation: "Query",
    input: {
      TableName: table,
      IndexName: range.index,
      ...keyCondition(range),
      ScanIndexForward: !descending,
      ExclusiveStartKey:
        input.cursor === undefined ? undefined : decodeCursor({ pattern, table, input }, input.cursor),
      Limit: Number.isFinite(wanted) ? wanted : undefined,
      ReturnConsumedCapacity: "TOTAL",
    },
  };
}

/**
 * Reads a key range: every page of it, or with a limit one page. A Query ends early at 1 MB
 * (developer guide, "Paginating table query results"), so a page may take several requests.
 * @throws {InvalidCursorError} before anything is sent.
 */
export async function queryPages(database: Database, query: PagedQuery): Promise<ItemPage> {
  const { pattern, input } = query;
  const { table } = database;
  const request = queryRequest(query, table).input;
  const wanted = wantedItems(query);
  const items: PlainItem[] = [];
  let lastKey: PlainItem | undefined = request.ExclusiveStartKey;
  do {
    const missing = wanted - items.length;
    const command = new QueryCommand({
      ...request,
      ExclusiveStartKey: lastKey,
      Limit: Number.isFinite(missing) ? missing : undefined,
    });
    const page = await persist(database, () =>
      database.client.send(command, { abortSignal: database.signal }),
    );
    items.push(...(page.Items ?? []));
    lastKey = page.LastEvaluatedKey;
  } while (lastKey && items.length < wanted);
  return lastKey ? { items, cursor: encodeCursor({ pattern, table, input }, lastKey) } : { items };
}
