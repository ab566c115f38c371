/** Types that a column may have: those of DynamoDB, and JSON for lists and maps. */
export const COLUMN_TYPES = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "JSON"] as const;

/** A column's type, as it stands behind the colon in its header. */
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** An attribute that stands in a column. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

const TYPED = new RegExp(`^(.+):(${COLUMN_TYPES.join("|")})$`, "s");

/** The column that a header says, such as `age:N`; a name may have colons of its own. */
export function columnOf(header: string): Column | undefined {
  const [, name, type] = TYPED.exec(header) ?? [];
  return name === undefined ? undefined : { name, type: type as ColumnType };
}

/** What is wrong with the header of a column, counted from 0. */
export interface HeaderMistake {
  readonly index: number;
  readonly reason: string;
}

/**
 * The columns that a first row says, or everything that is wrong with it.
 * @param cells undefined where one is no text
 */
export function readHeader(
  cells: readonly (string | undefined)[],
): readonly Column[] | { mistakes: HeaderMistake[] } {
  const mistakes: HeaderMistake[] = [];
  const names = new Set<string>();
  const columns = cells.flatMap((cell, index) => {
    if (cell === undefined) {
      mistakes.push({ index, reason: "is not valid UTF-8" });
      return [];
    }
    const column = columnOf(cell);
    if (!column) {
      const sample = `${cell.split(":")[0] || "PK"}:S`;
      const reason = `${JSON.stringify(cell)} has no type: write it like ${sample}, with one of ${COLUMN_TYPES.join(", ")}`;
      mistakes.push({ index, reason });
      return [];
    }
    if (names.has(column.name))
      mistakes.push({ index, reason: `the column ${JSON.stringify(column.name)} stands there twice` });
    names.add(column.name);
    return [column];
  });
  return mistakes.length > 0 ? { mistakes } : columns;
}
