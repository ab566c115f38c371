/** The type of a key attribute: string, number or binary. */
export type KeyType = "S" | "N" | "B";

/** An attribute that is part of a key. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

/** Which attributes an index carries: all, the keys alone, or the keys and those named. */
export type Projection = "ALL" | "KEYS_ONLY" | { readonly include: readonly string[] };

/** A global secondary index. */
export interface IndexDesign {
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
  readonly projection: Projection;
}

/** A local secondary index: the table's partition key with another sort key. It is made with the table. */
export interface LocalIndexDesign {
  readonly sortKey: KeyAttribute;
  readonly projection: Projection;
}

/**
 * A table's design as plain data: what `infra/tables/<model>.ts` exports by default. The Pulumi
 * program, the queries and the machinery all read it, so that key and index names stand in one place.
 */
export interface TableDesign {
  /** The model's name: the name of its folders, and the base of its physical table name. */
  readonly model: string;
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute;
  /** Global secondary indexes by name. */
  readonly indexes: Readonly<Record<string, IndexDesign>>;
  /** Local secondary indexes by name. */
  readonly localIndexes?: Readonly<Record<string, LocalIndexDesign>>;
}

/** The names of a table's primary key attributes: partition key, then sort key where there is one. */
export function primaryKeyNames(design: Pick<TableDesign, "partitionKey" | "sortKey">): string[] {
  return design.sortKey ? [design.partitionKey.name, design.sortKey.name] : [design.partitionKey.name];
}
