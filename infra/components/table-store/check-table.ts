import type { KeyAttribute, Projection, TableDesign } from "tablewright/table-design";

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const MAX_GLOBAL_INDEXES = 20;
const MAX_LOCAL_INDEXES = 5;
const MAX_INCLUDED_ATTRIBUTES = 100;
// Of an attribute that is part of a key: "Attribute names" of the same page.
const MAX_KEY_NAME = 255;
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
const NAME = /^[a-zA-Z0-9_.-]{3,255}$/;

/** What of a table is checked before it is declared. */
export interface CheckedTable {
  readonly design: TableDesign;
  readonly physicalName: string;
  readonly ttlAttribute?: string | undefined;
}

interface NamedKeys {
  readonly place: string;
  readonly keys: readonly KeyAttribute[];
}

const keysOf = ({ partitionKey, sortKey }: Pick<TableDesign, "partitionKey" | "sortKey">) =>
  sortKey ? [partitionKey, sortKey] : [partitionKey];

/** The table and each of its indexes, with their keys. */
function keySchemas({ partitionKey, sortKey, indexes, localIndexes = {} }: TableDesign): NamedKeys[] {
  return [
    { place: "the table", keys: keysOf(sortKey ? { partitionKey, sortKey } : { partitionKey }) },
    ...Object.entries(indexes).map(([name, index]) => ({ place: `index ${name}`, keys: keysOf(index) })),
    ...Object.entries(localIndexes).map(([name, index]) => ({
      place: `local index ${name}`,
      keys: [partitionKey, index.sortKey],
    })),
  ];
}

function nameMistakes({ design, physicalName }: CheckedTable): string[] {
  const names = [...Object.keys(design.indexes), ...Object.keys(design.localIndexes ?? {})];
  const rule = "must be 3 to 255 letters, digits, dots, dashes and underscores";
  return [
    ...(NAME.test(physicalName) ? [] : [`the table's name ${JSON.stringify(physicalName)} ${rule}`]),
    ...names
      .filter((name) => !NAME.test(name))
      .map((name) => `the index name ${JSON.stringify(name)} ${rule}`),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `two indexes are called ${name}: global and local ones share their names`),
  ];
}

/** Whether a projection names attributes; what no type checker has seen may be none at all. */
const hasIncludes = (projection: Projection): projection is Exclude<Projection, string> =>
  typeof projection === "object" && Array.isArray(projection.include);

function quotaMistakes({ indexes, localIndexes = {}, sortKey }: TableDesign): string[] {
  const [global, local] = [Object.keys(indexes).length, Object.keys(localIndexes).length];
  const included = [...Object.values(indexes), ...Object.values(localIndexes)].flatMap(({ projection }) =>
    hasIncludes(projection) ? projection.include : [],
  );
  return [
    ...(global > MAX_GLOBAL_INDEXES
      ? [`has ${global} global indexes; a table may have ${MAX_GLOBAL_INDEXES}`]
      : []),
    ...(local > MAX_LOCAL_INDEXES
      ? [`has ${local} local indexes; a table may have ${MAX_LOCAL_INDEXES}`]
      : []),
    ...(local > 0 && !sortKey ? ["has local indexes, and they want a table with a sort key"] : []),
    ...(included.length > MAX_INCLUDED_ATTRIBUTES
      ? [
          `its indexes include ${included.length} attributes; all together may include ${MAX_INCLUDED_ATTRIBUTES}`,
        ]
      : []),
  ];
}

const KEY_TYPES: readonly unknown[] = ["S", "N", "B"] satisfies KeyAttribute["type"][];

/** What no type checker has seen, where a design is run without one. */
function formMistakes(design: TableDesign): string[] {
  const keys = keySchemas(design).flatMap(({ place, keys }) => keys.map((key) => ({ place, ...key })));
  const indexes = Object.entries({ ...design.indexes, ...design.localIndexes });
  return [
    ...keys
      .filter(({ name }) => !name || Buffer.byteLength(name) > MAX_KEY_NAME)
      .map(
        ({ place, name }) =>
          `the key name ${JSON.stringify(name)} of ${place} must have 1 to ${MAX_KEY_NAME} bytes`,
      ),
    ...keys
      .filter(({ type }) => !KEY_TYPES.includes(type))
      .map(
        ({ place, name, type }) =>
          `${name} of ${place} is of ${type === undefined ? "no type" : `type ${JSON.stringify(type)}`}; a key is of type S, N or B`,
      ),
    ...indexes
      .filter(([, { projection }]) => projection !== "ALL" && projection !== "KEYS_ONLY")
      .filter(([, { projection }]) => !hasIncludes(projection))
      .map(
        ([name, { projection }]) =>
          `index ${name} has the projection ${JSON.stringify(projection)}; it must be ALL, KEYS_ONLY or { include: [names] }`,
      ),
  ];
}

function keyMistakes({ design, ttlAttribute }: CheckedTable): string[] {
  const schemas = keySchemas(design);
  const mistakes: string[] = [];
  const types = new Map<string, KeyAttribute & { place: string }>();
  for (const { place, keys } of schemas) {
    const [partition, sort] = keys;
    if (sort && partition?.name === sort.name) {
      mistakes.push(`${place} has ${sort.name} as partition key and as sort key`);
    }
    for (const key of keys) {
      if (!KEY_TYPES.includes(key.type)) continue;
      const known = types.get(key.name);
      if (known && known.type !== key.type) {
        mistakes.push(`${key.name} is of type ${known.type} in ${known.place} and ${key.type} in ${place}`);
      }
      types.set(key.name, { ...key, place });
    }
  }
  const expiring = ttlAttribute === undefined ? undefined : types.get(ttlAttribute);
  if (expiring && expiring.type !== "N") {
    mistakes.push(`ttlAttribute ${ttlAttribute} is a key of type ${expiring.type}; expiry times are numbers`);
  }
  return mistakes;
}

/** Everything that AWS would refuse in a table's declaration, one line each; `pulumi preview` would not. */
export function tableMistakes(table: CheckedTable): string[] {
  const { design } = table;
  const mistakes = [
    ...nameMistakes(table),
    ...formMistakes(design),
    ...quotaMistakes(design),
    ...keyMistakes(table),
  ];
  return mistakes.map((mistake) => `infra/tables/${design.model}.ts: ${mistake}`);
}
