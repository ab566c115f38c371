import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { KeyAttribute, TableDesign } from "../dynamo/table-design.ts";
import { ExitCode, TablewrightError } from "../errors.ts";
import type { Project } from "../project/find-project.ts";

/** A key attribute that no item of the model's seed file has. */
export interface UnknownKey {
  readonly model: string;
  readonly attribute: string;
  /** Where it is a key: "the table", or the indexes. */
  readonly places: readonly string[];
  /** True for a key of the table itself: without it no item can be written. An index only stays empty. */
  readonly ofTable: boolean;
  /** The lines of the seed file that were read. */
  readonly lines: number;
  /** The attributes that the items have, most frequent first. */
  readonly attributes: readonly string[];
}

/** The keys of a table and of its indexes; what a design and a declared table both have. */
export type KeyedTable = Pick<TableDesign, "partitionKey" | "sortKey"> & {
  /** By index, global and local. */
  readonly indexes: Readonly<Record<string, Pick<TableDesign, "partitionKey" | "sortKey">>>;
};

/** The keys of a design. */
export function keysOfDesign({ partitionKey, sortKey, indexes, localIndexes = {} }: TableDesign): KeyedTable {
  const locals = Object.entries(localIndexes).map(
    ([name, index]) => [name, { partitionKey, ...index }] as const,
  );
  return {
    partitionKey,
    ...(sortKey && { sortKey }),
    indexes: { ...indexes, ...Object.fromEntries(locals) },
  };
}

/** Enough to have met every kind of item; a file of gigabytes is not read to its end. */
const MOST_LINES = 10_000;

const seedFile = (model: string) => join("seeds", model, "items.json");

/** A table's key attributes, and where each of them is one. */
function keyPlaces({ partitionKey, sortKey, indexes }: KeyedTable): Map<string, string[]> {
  const places = new Map<string, string[]>();
  const add = (place: string, keys: readonly (KeyAttribute | undefined)[]) => {
    for (const key of keys) if (key) places.set(key.name, [...(places.get(key.name) ?? []), place]);
  };
  add("the table", [partitionKey, sortKey]);
  for (const [name, index] of Object.entries(indexes))
    add(`index ${name}`, [index.partitionKey, index.sortKey]);
  return places;
}

/** The attributes of one line of a seed file; none where it is no item, which `seed check` reports. */
function attributesOf(line: string): string[] {
  try {
    const item: unknown = JSON.parse(line);
    return typeof item === "object" && item !== null ? Object.keys(item) : [];
  } catch {
    return [];
  }
}

/**
 * Looks in the model's seed file for items that have its key attributes.
 * @returns those that none of the first lines has; none where there is no seed file.
 */
export async function findUnknownKeys(
  project: Project,
  model: string,
  table: KeyedTable,
): Promise<UnknownKey[]> {
  const path = join(project.root, seedFile(model));
  if (!existsSync(path)) return [];
  const places = keyPlaces(table);
  const missing = new Set(places.keys());
  const counts = new Map<string, number>();
  let lines = 0;
  const stream = createReadStream(path);
  try {
    for await (const line of createInterface({ input: stream })) {
      lines += 1;
      for (const name of attributesOf(line)) {
        missing.delete(name);
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      if (missing.size === 0 || lines === MOST_LINES) break;
    }
  } finally {
    stream.destroy();
  }
  // A file without a single item says nothing about keys.
  if (counts.size === 0) return [];
  const attributes = [...counts].sort((one, other) => other[1] - one[1]).map(([name]) => name);
  return [...missing].map((attribute) => {
    const where = places.get(attribute) ?? [];
    return { model, attribute, places: where, ofTable: where.includes("the table"), lines, attributes };
  });
}

/** As many attribute names as a message can hold. */
const SHOWN = 12;

/** An unknown key in words: file, key, and what attributes there are. */
export function describeUnknownKey({ model, attribute, places, lines, attributes }: UnknownKey): string {
  const more = attributes.length > SHOWN ? ", …" : "";
  return (
    `infra/tables/${model}.ts: ${attribute} is a key of ${places.join(" and ")}, and none of the ${lines} items ` +
    `read from ${seedFile(model)} has it; they have ${attributes.slice(0, SHOWN).join(", ")}${more}`
  );
}

/** A table's own key is an attribute that no item has, so nothing of the seed file could be written. */
export class UnknownKeyAttributeError extends TablewrightError {
  readonly code = "unknown-key-attribute";
  readonly exitCode = ExitCode.usage;

  constructor(unknown: readonly UnknownKey[]) {
    super({
      message: unknown.map(describeUnknownKey).join("\n"),
      next: "Correct the name of the key, or the seed file; nothing was changed.",
      facts: { unknown },
    });
  }
}

/**
 * Checks the keys of models' tables against their seed files.
 * @returns what only concerns indexes, which stay empty until items have the attribute
 * @throws {UnknownKeyAttributeError} for a key of a table itself.
 */
export async function checkKeyAttributes(
  project: Project,
  tables: ReadonlyMap<string, KeyedTable>,
): Promise<UnknownKey[]> {
  const unknown: UnknownKey[] = [];
  for (const [model, table] of tables) unknown.push(...(await findUnknownKeys(project, model, table)));
  const wrong = unknown.filter(({ ofTable }) => ofTable);
  if (wrong.length > 0) throw new UnknownKeyAttributeError(wrong);
  return unknown;
}
