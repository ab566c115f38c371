/** One key attribute and the value it must have. */
export interface KeyValue {
  readonly name: string;
  readonly value: string;
}

/** What the sort key of a range must meet: a beginning, or two bounds that both belong to the range. */
export type SortRange =
  | { readonly name: string; readonly beginsWith: string }
  | { readonly name: string; readonly from: string; readonly to: string };

/** The part of an item collection that one Query reads; without a sort key, the whole of it. */
export interface KeyRange {
  /** The index to read; undefined means the base table. */
  readonly index?: string;
  readonly partitionKey: KeyValue;
  readonly sortKey?: SortRange;
}

/** A key condition as a Query takes it. */
export interface KeyCondition {
  readonly KeyConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Record<string, string>;
}

/** Writes a range as a Query's key condition, with placeholders for every name and value. */
export function keyCondition(range: KeyRange): KeyCondition {
  const { partitionKey, sortKey } = range;
  const names: Record<string, string> = { "#p": partitionKey.name };
  const values: Record<string, string> = { ":p": partitionKey.value };
  let expression = "#p = :p";
  if (sortKey) {
    names["#s"] = sortKey.name;
    if ("beginsWith" in sortKey) {
      values[":s"] = sortKey.beginsWith;
      expression += " AND begins_with(#s, :s)";
    } else {
      values[":from"] = sortKey.from;
      values[":to"] = sortKey.to;
      expression += " AND #s BETWEEN :from AND :to";
    }
  }
  return {
    KeyConditionExpression: expression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}
