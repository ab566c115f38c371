import { marshall } from "@aws-sdk/util-dynamodb";
import { itemBytes } from "../../dynamo/item-size.ts";
import type { TableDesign } from "../../dynamo/table-design.ts";
import type { PlainItem } from "../../query/oracle.ts";
import { compareUtf8 } from "../../query/utf8-order.ts";
import { expectedRows } from "../judge-answer.ts";
import type { Question } from "../judge-read.ts";
import { itemsIn } from "../wire/answered-items.ts";
import { leavesOf } from "../wire/values.ts";
import type { Exchange } from "../wire/wire.ts";
import type { Edge } from "./edges.ts";

/** A Query or Scan ends at 1 MB (developer guide, "Paginating table query results"). */
const ONE_MB = 1024 * 1024;
/** A BatchGetItem takes 100 keys (API_BatchGetItem). */
const ONE_BATCH = 100;

/** The characters that make a name an edge. */
export const EDGE_CHARACTERS = {
  hash: /#/,
  nonAscii: /[\u0080-\u{10ffff}]/u,
  beyondBmp: /[\u{10000}-\u{10ffff}]/u,
} as const satisfies Partial<Record<Edge, RegExp>>;

/** The texts of an input, at every depth. */
const textsOf = (input: object): string[] =>
  leavesOf(input).flatMap(({ value }) => (typeof value === "string" ? [value] : []));

/** The edges that the texts of an input are. */
export const textEdges = (input: object): Edge[] =>
  (Object.entries(EDGE_CHARACTERS) as [keyof typeof EDGE_CHARACTERS, RegExp][]).flatMap(
    ([edge, characters]) => (textsOf(input).some((text) => characters.test(text)) ? [edge] : []),
  );

/** How many rows a question's right answer has; a refusal has none. */
export const rowsOf = ({ expectation }: Question): number => expectedRows(expectation);

const sizeOf = (item: PlainItem) => itemBytes(marshall(item, { removeUndefinedValues: true }));

const keysAsked = ({ input }: Exchange) =>
  Object.values((input.RequestItems ?? {}) as Record<string, { Keys?: readonly unknown[] }>).flatMap(
    ({ Keys = [] }) => Keys,
  ).length;

/** The last sort keys of a table's item collections, and of its indexes', by the place and the partition key. */
export class LastSortKeys {
  readonly #design: TableDesign;
  readonly #last = new Map<string, string>();

  constructor(design: TableDesign, items: readonly PlainItem[]) {
    this.#design = design;
    for (const place of [undefined, ...Object.keys(design.indexes)]) {
      for (const item of items) {
        const entry = this.#entry(place, item);
        if (!entry) continue;
        const before = this.#last.get(entry.collection);
        if (before === undefined || compareUtf8(before, entry.sort) < 0) {
          this.#last.set(entry.collection, entry.sort);
        }
      }
    }
  }

  /** The sort key of an item where a Query of the table or an index reads it; undefined where that has none. */
  sortKey(index: string | undefined, item: PlainItem): string | undefined {
    return this.#entry(index, item)?.sort;
  }

  #entry(index: string | undefined, item: PlainItem) {
    const keys = index === undefined ? this.#design : this.#design.indexes[index];
    const [partition, sort] = [item[keys?.partitionKey.name ?? ""], item[keys?.sortKey?.name ?? ""]];
    if (partition === undefined || typeof sort !== "string") return undefined;
    return { collection: JSON.stringify([index, partition]), sort };
  }

  /** Whether an item is the last of its item collection. */
  isLast(index: string | undefined, item: PlainItem): boolean {
    const entry = this.#entry(index, item);
    return entry !== undefined && this.#last.get(entry.collection) === entry.sort;
  }
}

/** Whether sort keys that stand next to each other would change places in JavaScript's order. */
const isUtf8Order = (keys: readonly string[]) =>
  keys.some((key, place) => {
    const before = keys[place - 1];
    return (
      before !== undefined &&
      before !== key &&
      Math.sign(compareUtf8(before, key)) !== (before < key ? -1 : 1)
    );
  });

/** Whether an answer ended before the request's own limit, with more to come. */
const isEndedByDynamoDB = ({ input, output = {} }: Exchange) =>
  output.LastEvaluatedKey !== undefined &&
  itemsIn(output).length < ((input.Limit as number | undefined) ?? Number.POSITIVE_INFINITY);

/** The edges that one whole answer has met, by what went over the wire for it. */
export function edgesOfAnswer(
  question: Question,
  exchanges: readonly Exchange[],
  last: LastSortKeys,
): Edge[] {
  const rows = rowsOf(question);
  const queries = exchanges.filter(({ operation }) => operation === "Query");
  const lists = exchanges.filter(({ operation }) => operation === "Query" || operation === "Scan");
  const bytes = exchanges
    .flatMap(({ output = {} }) => itemsIn(output))
    .reduce((sum, item) => sum + sizeOf(item), 0);
  const inQuery = (holds: (index: string | undefined, items: readonly PlainItem[]) => boolean) =>
    queries.some(({ input, output = {} }) => holds(input.IndexName as string | undefined, itemsIn(output)));
  const met: [Edge, boolean][] = [
    ["noRows", rows === 0],
    ["oneRow", rows === 1],
    ["endedByDynamoDB", lists.some(isEndedByDynamoDB)],
    ["over1MB", bytes > ONE_MB],
    ["over100Keys", exchanges.reduce((sum, exchange) => sum + keysAsked(exchange), 0) > ONE_BATCH],
    [
      "utf8Order",
      inQuery((index, items) => isUtf8Order(items.flatMap((item) => last.sortKey(index, item) ?? []))),
    ],
    ["lastSortKey", inQuery((index, items) => items.some((item) => last.isLast(index, item)))],
  ];
  const texts = rows > 0 ? textEdges(question.input.input) : [];
  return [...met.filter(([, isMet]) => isMet).map(([edge]) => edge), ...texts];
}

/** Whether a page began behind the last row there is, and was empty. */
export const isPastTheEnd = (exchanges: readonly Exchange[]): boolean =>
  exchanges.some(
    ({ input, output = {} }) => input.ExclusiveStartKey !== undefined && itemsIn(output).length === 0,
  );
