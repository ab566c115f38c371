import type { KeyAttribute, TableDesign } from "../../dynamo/table-design.ts";
import type { InputEvidence } from "../evidence/evidence.ts";
import { isPlainObject } from "../plain-value.ts";
import type { PatternResult } from "../report.ts";

/** The key attributes of the base table or of an index. */
export interface PlaceKeys {
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
}

/** The keys of an index, or of the base table where there is no name. */
export function keysOfPlace(design: TableDesign, index: string | undefined): PlaceKeys {
  if (index === undefined) return design;
  const global = design.indexes[index];
  if (global) return global;
  const local = design.localIndexes?.[index];
  return local ? { partitionKey: design.partitionKey, sortKey: local.sortKey } : design;
}

/** A pattern's key condition, part by part; a part is empty where the condition does not name it. */
export interface KeyCondition {
  readonly partition: string;
  readonly sort: string;
  /** What is said besides, such as `backwards`. */
  readonly others: readonly string[];
}

/**
 * Takes a key condition apart: `PK = USER#<name>, SK begins_with PHOTO#, backwards`. Clauses are parted by commas;
 * what comes behind a semicolon is no key of this request. A clause belongs to the key that it begins with.
 */
export function splitKeyCondition(text: string, { partitionKey, sortKey }: PlaceKeys): KeyCondition {
  const [first = "", ...behind] = text.split(/\s*;\s*/);
  const clauses = first.split(/\s*,\s*/).filter(Boolean);
  const on = (key: KeyAttribute | undefined) =>
    key === undefined
      ? undefined
      : clauses.find((clause) => clause.startsWith(key.name) && /^\W|^$/.test(clause.slice(key.name.length)));
  const partition = on(partitionKey);
  const sort = on(sortKey);
  const others = clauses.filter((clause) => clause !== partition && clause !== sort);
  return { partition: partition ?? "", sort: sort ?? "", others: [...others, ...behind] };
}

/** Puts attribute names in the place of `#name`. */
const withNames = (expression: string, names: unknown): string =>
  expression.replace(/#[\w]+/g, (name) => {
    const meant = isPlainObject(names) ? names[name] : undefined;
    return typeof meant === "string" ? meant : name;
  });

function conditionsIn(operation: string, request: unknown): string[] {
  if (!isPlainObject(request)) return [];
  const own = ["ConditionExpression", "FilterExpression"].flatMap((member) => {
    const expression = request[member];
    if (typeof expression !== "string") return [];
    const filter = member === "FilterExpression" ? "filter" : operation;
    return [`${filter}: ${withNames(expression, request.ExpressionAttributeNames)}`];
  });
  const items = Array.isArray(request.TransactItems) ? request.TransactItems : [];
  const inside = items.flatMap((item) =>
    isPlainObject(item) ? Object.entries(item).flatMap(([name, part]) => conditionsIn(name, part)) : [],
  );
  return [...own, ...inside];
}

/**
 * The conditions and filters of what a pattern really sent, each once: of the request of its first input, as its
 * check puts the ordinary one first.
 */
export function sentConditions({ evidence }: PatternResult): string[] {
  const sent = evidence.find((input): input is InputEvidence => input.request !== undefined)?.request;
  return sent ? [...new Set(conditionsIn(sent.operation, sent.input))] : [];
}
