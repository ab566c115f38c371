import { MAX_GLOBAL_INDEXES, MAX_LOCAL_INDEXES, TABLE_NAME_PATTERN } from "../dynamo/limits.ts";
import type { IndexDesign, KeyAttribute, Projection } from "../dynamo/table-design.ts";
import { DuplicateTableNameError, UnsupportedDeclarationError } from "./errors.ts";
import { readIgnoreChanges } from "./ignore-changes.ts";
import type { KeyedTable } from "./key-attributes.ts";
import type { DeclaredResource } from "./monitor.ts";
import {
  AWS_ONLY,
  AWS_ONLY_OF_INDEX,
  type IndexInputs,
  type TableInputs,
  tableInputs,
} from "./table-inputs.ts";
import type { Billing, Capacity, DeclaredTable, IndexState, StreamView } from "./table-state.ts";

const TABLE_TYPE = "aws:dynamodb/table:Table";

/** True for a resource that a deploy makes on a local engine. */
export const isManagedTable = (resource: DeclaredResource) => resource.type === TABLE_TYPE && !resource.read;

/** Reads one table's inputs and collects every problem in them. */
class TableReader {
  readonly problems: string[] = [];
  readonly inputs: TableInputs;
  readonly #types: ReadonlyMap<string, KeyAttribute["type"]>;
  readonly #used = new Set<string>();

  constructor(inputs: TableInputs) {
    this.inputs = inputs;
    this.#types = new Map(inputs.attributes.map(({ name, type }) => [name, type]));
  }

  key(name: string, place: string): KeyAttribute {
    const type = this.#types.get(name);
    if (type === undefined) this.problems.push(`${place}: the key ${name} is not among attributes`);
    this.#used.add(name);
    return { name, type: type ?? "S" };
  }

  keys(partition: string, sort: string | undefined, place: string) {
    const partitionKey = this.key(partition, place);
    return sort === undefined ? { partitionKey } : { partitionKey, sortKey: this.key(sort, place) };
  }

  /** Names and numbers that the types allow and AWS does not. */
  refuseNames(): void {
    const { name, globalSecondaryIndexes, localSecondaryIndexes } = this.inputs;
    const rule = "must be 3 to 255 letters, digits, dots, dashes and underscores";
    const indexes = [...globalSecondaryIndexes, ...localSecondaryIndexes].map((index) => index.name);
    if (!TABLE_NAME_PATTERN.test(name)) this.problems.push(`name: ${JSON.stringify(name)} ${rule}`);
    for (const index of indexes.filter((candidate) => !TABLE_NAME_PATTERN.test(candidate))) {
      this.problems.push(`index: ${JSON.stringify(index)} ${rule}`);
    }
    const twice = indexes.filter((index, place) => indexes.indexOf(index) !== place);
    for (const index of new Set(twice)) {
      this.problems.push(`two indexes are called ${index}: global and local ones share their names`);
    }
    this.#refuseTooMany("globalSecondaryIndexes", globalSecondaryIndexes.length, MAX_GLOBAL_INDEXES);
    this.#refuseTooMany("localSecondaryIndexes", localSecondaryIndexes.length, MAX_LOCAL_INDEXES);
  }

  #refuseTooMany(place: string, count: number, most: number): void {
    if (count > most) this.problems.push(`${place}: ${count} indexes; a table may have ${most}`);
  }

  /** AWS refuses attributes that no key uses (API_CreateTable), and so do the engines. */
  refuseUnusedAttributes(): void {
    for (const name of this.#types.keys()) {
      if (!this.#used.has(name)) this.problems.push(`attributes: ${name} is the key of nothing`);
    }
  }

  capacity(from: { readCapacity?: number | undefined; writeCapacity?: number | undefined }, place: string) {
    const { readCapacity: read, writeCapacity: write } = from;
    if (this.inputs.billingMode === "PAY_PER_REQUEST") return undefined;
    if (read === undefined || write === undefined) {
      this.problems.push(
        `${place}: billingMode is PROVISIONED, so readCapacity and writeCapacity are needed`,
      );
    }
    return { read: read ?? 1, write: write ?? 1 } satisfies Capacity;
  }

  billing(): Billing {
    const capacity = this.capacity(this.inputs, "table");
    return capacity ? { mode: "PROVISIONED", capacity } : { mode: "PAY_PER_REQUEST" };
  }

  index(index: IndexInputs): IndexState {
    const place = `index ${index.name}`;
    const [partition, sort] = this.#indexKeys(index, place);
    const design = { ...this.keys(partition, sort, place), projection: projectionOf(index) };
    return { design, capacity: this.capacity(index, place) };
  }

  /** The keys by name, from hashKey and rangeKey or from their successor keySchemas. */
  #indexKeys(index: IndexInputs, place: string): [string, string | undefined] {
    const named = (type: "HASH" | "RANGE") =>
      (index.keySchemas ?? []).filter((key) => key.keyType === type).map((key) => key.attributeName);
    const [hash, range] = [named("HASH"), named("RANGE")];
    if (hash.length > 1 || range.length > 1) this.problems.push(`${place}: keys of several attributes`);
    const partition = index.hashKey ?? hash[0];
    if (partition === undefined) this.problems.push(`${place}: has no partition key`);
    return [partition ?? "", index.rangeKey ?? range[0]];
  }

  streamView(): StreamView | undefined {
    const { streamEnabled, streamViewType } = this.inputs;
    if (!streamEnabled) return undefined;
    if (streamViewType === undefined) this.problems.push("streamEnabled needs streamViewType");
    return streamViewType;
  }

  ttlAttribute(): string | undefined {
    const { ttl } = this.inputs;
    if (!ttl?.enabled) return undefined;
    if (!ttl.attributeName) this.problems.push("ttl needs attributeName");
    return ttl.attributeName;
  }
}

function projectionOf(index: {
  projectionType: string;
  nonKeyAttributes?: string[] | undefined;
}): Projection {
  if (index.projectionType === "INCLUDE") return { include: index.nonKeyAttributes ?? [] };
  return index.projectionType === "KEYS_ONLY" ? "KEYS_ONLY" : "ALL";
}

const given = (object: object, names: readonly string[]) =>
  names.filter((name) => (object as Record<string, unknown>)[name] !== undefined);

function awsOnlyParts(inputs: TableInputs): string[] {
  const ofIndexes = inputs.globalSecondaryIndexes.flatMap((index) =>
    given(index, AWS_ONLY_OF_INDEX).map((name) => `${name} of index ${index.name}`),
  );
  return [...given(inputs, AWS_ONLY), ...ofIndexes];
}

function parseInputs({ urn, inputs }: DeclaredResource): TableInputs {
  const parsed = tableInputs.safeParse(inputs);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => [...path.map(String), message].join(": "));
  throw new UnsupportedDeclarationError(urn, problems);
}

/**
 * Reads a declared aws.dynamodb.Table.
 * @throws {UnsupportedDeclarationError} naming every property that is unknown or makes no sense.
 */
export function readDeclaredTable(resource: DeclaredResource): DeclaredTable {
  const inputs = parseInputs(resource);
  const reader = new TableReader(inputs);
  const keys = reader.keys(inputs.hashKey, inputs.rangeKey, "table");
  const localIndex = (index: TableInputs["localSecondaryIndexes"][number]): IndexDesign => ({
    ...reader.keys(inputs.hashKey, index.rangeKey, `local index ${index.name}`),
    projection: projectionOf(index),
  });
  const { ignored, unsupported } = readIgnoreChanges(resource.ignoreChanges);
  const table: DeclaredTable = {
    urn: resource.urn,
    name: inputs.name,
    ...keys,
    indexes: Object.fromEntries(
      inputs.globalSecondaryIndexes.map((index) => [index.name, reader.index(index)]),
    ),
    localIndexes: Object.fromEntries(
      inputs.localSecondaryIndexes.map((index) => [index.name, localIndex(index)]),
    ),
    billing: reader.billing(),
    streamView: reader.streamView(),
    ttlAttribute: reader.ttlAttribute(),
    deletionProtection: inputs.deletionProtectionEnabled,
    ignored,
    notAppliedLocally: [...awsOnlyParts(inputs), ...unsupported.map((path) => `ignoreChanges ${path}`)],
  };
  reader.refuseNames();
  reader.refuseUnusedAttributes();
  if (reader.problems.length > 0) throw new UnsupportedDeclarationError(resource.urn, reader.problems);
  return table;
}

/**
 * The tables among a program's resources.
 * @throws {UnsupportedDeclarationError} {@link DuplicateTableNameError}
 */
export function readDeclaredTables(resources: readonly DeclaredResource[]): DeclaredTable[] {
  const tables = resources.filter(isManagedTable).map(readDeclaredTable);
  for (const { name } of tables) {
    const same = tables.filter((table) => table.name === name);
    if (same.length > 1) {
      throw new DuplicateTableNameError(
        name,
        same.map((table) => table.urn),
      );
    }
  }
  return tables;
}

/** The keys of declared tables by the models whose tables they are. */
export function keysByModel(
  tables: readonly DeclaredTable[],
  models: ReadonlyMap<string, string>,
): ReadonlyMap<string, KeyedTable> {
  const keyed = tables.flatMap(({ name, partitionKey, sortKey, indexes, localIndexes }) => {
    const model = models.get(name);
    if (model === undefined) return [];
    const designs = Object.entries(indexes).map(([index, { design }]) => [index, design] as const);
    const all = { ...Object.fromEntries(designs), ...localIndexes };
    return [[model, { partitionKey, ...(sortKey && { sortKey }), indexes: all }] as const];
  });
  return new Map(keyed);
}
