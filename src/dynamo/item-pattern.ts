import type { ScanCommandInput } from "@aws-sdk/client-dynamodb";
import type { StoredItem } from "./scan.ts";

/** A condition on one text attribute: equal to a value, or beginning with a prefix. */
export type TextCondition = string | { readonly beginsWith: string };

/** Which items are meant, as data: every attribute named must be a string that meets its condition. */
export type ItemPattern = Readonly<Record<string, TextCondition>>;

/** The attributes that something writes on the items of a pattern: how a migration step declares its effect. */
export interface DeclaredWrites {
  readonly where: ItemPattern;
  readonly attributes: readonly string[];
}

/** What live writes keep up by themselves once they count: how a model's migrations declare it. */
export interface DeclaredCounts {
  /** The marks that say of an item that it is counted. */
  readonly marks: readonly DeclaredWrites[];
  /** The counters: numbers, or maps of them. */
  readonly counters: readonly DeclaredWrites[];
}

/** Whether an item meets every condition of a pattern. */
export function matchesPattern(item: StoredItem, pattern: ItemPattern): boolean {
  return Object.entries(pattern).every(([name, condition]) => {
    const text = item[name]?.S;
    if (text === undefined) return false;
    return typeof condition === "string" ? text === condition : text.startsWith(condition.beginsWith);
  });
}

/** A part of a filter or condition, with the names and values it uses. */
export interface ExpressionPart {
  readonly expression: string;
  readonly names: NonNullable<ScanCommandInput["ExpressionAttributeNames"]>;
  readonly values: NonNullable<ScanCommandInput["ExpressionAttributeValues"]>;
}

/** The same pattern as a DynamoDB expression, for the service to filter by. */
export function patternExpression(pattern: ItemPattern): ExpressionPart {
  const names: Record<string, string> = {};
  const values: Record<string, { S: string }> = {};
  const terms = Object.entries(pattern).map(([name, condition], index) => {
    names[`#w${index}`] = name;
    values[`:w${index}`] = { S: typeof condition === "string" ? condition : condition.beginsWith };
    return typeof condition === "string" ? `#w${index} = :w${index}` : `begins_with(#w${index}, :w${index})`;
  });
  return { expression: terms.join(" AND "), names, values };
}

/** The same as the filter of a scan or a query; empty where every item meets it. */
export function patternFilter(
  pattern: ItemPattern,
): Pick<ScanCommandInput, "FilterExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"> {
  const { expression, names, values } = patternExpression(pattern);
  if (expression === "") return {};
  return {
    FilterExpression: expression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

/** The same in words: `PK = USER#a, SK begins with PHOTO#`. */
export function describePattern(pattern: ItemPattern): string {
  const terms = Object.entries(pattern).map(([name, condition]) =>
    typeof condition === "string" ? `${name} = ${condition}` : `${name} begins with ${condition.beginsWith}`,
  );
  return terms.join(", ") || "all items";
}
