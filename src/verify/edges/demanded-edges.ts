import type { TableDesign } from "../../dynamo/table-design.ts";
import { isPaged, type ReadablePattern } from "../read-answer.ts";
import { textFields } from "./choose-inputs.ts";
import type { Edge } from "./edges.ts";

/**
 * The edges that reading patterns can have, by what they declare: one of them must meet each. What is demanded is
 * demanded of the model and not of every pattern, as only the edge items say which collection may grow large.
 */
export function demandedEdges(readers: readonly ReadablePattern[], design: TableDesign): Edge[] {
  const declared = new Set(readers.flatMap(({ pattern }) => pattern.operations));
  const lists = declared.has("Query") || declared.has("Scan");
  const texts = readers.some(({ pattern }) => textFields(pattern).length > 0);
  const sorted = [design, ...Object.values(design.indexes)].some(({ sortKey }) => sortKey?.type === "S");
  const demanded: [Edge, boolean][] = [
    ["noRows", readers.length > 0],
    ["oneRow", readers.length > 0],
    ["endedByDynamoDB", lists],
    ["over1MB", lists],
    ["over100Keys", declared.has("BatchGetItem")],
    ["hash", texts],
    ["nonAscii", texts],
    ["beyondBmp", texts],
    ["utf8Order", declared.has("Query") && sorted],
    ["lastSortKey", declared.has("Query") && sorted],
    ["pastTheEnd", readers.some(({ pattern }) => isPaged(pattern))],
  ];
  return demanded.filter(([, isDemanded]) => isDemanded).map(([edge]) => edge);
}
