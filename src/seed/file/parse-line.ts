import { parse } from "lossless-json";
import { canonicalKey } from "../../dynamo/canonical-item.ts";
import { itemBytes } from "../../dynamo/item-size.ts";
import { MAX_ITEM_BYTES, MAX_NESTING_DEPTH } from "../../dynamo/limits.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import { createKeyCheck } from "./check-keys.ts";
import { decodeLine, type Line, MAX_LINE_BYTES } from "./read-lines.ts";
import type { Defect, SeedRecord, TableKeys } from "./records.ts";
import { JsonNumber, toStoredItem } from "./to-attribute.ts";
import { outlineOf, positionOfAttribute } from "./walk-json.ts";

const PARSE_OPTIONS = {
  parseNumber: (text: string) => new JsonNumber(text),
  // Repeated names are found by outlineOf, which also sees those with equal values.
  onDuplicateKey: () => undefined,
};

/** A line that is no JSON object: nothing more can be said of its content. */
class LineError extends Error {
  readonly column: number | undefined;

  constructor(reason: string, column?: number) {
    super(reason);
    this.column = column;
  }
}

function textOf({ bytes }: Line): string {
  if (bytes === undefined) throw new LineError(`line is longer than ${MAX_LINE_BYTES / 1024 / 1024} MB`);
  const decoded = decodeLine(bytes);
  if ("badColumn" in decoded) throw new LineError("is not valid UTF-8", decoded.badColumn);
  return decoded.text;
}

function parseJson(text: string): unknown {
  try {
    return parse(text, undefined, PARSE_OPTIONS);
  } catch (error) {
    const [, message = "", position] = /^(.*?)(?: at position (\d+))?$/s.exec((error as Error).message) ?? [];
    throw new LineError(`is not JSON: ${message}`, position === undefined ? undefined : Number(position) + 1);
  }
}

function parseObject(text: string): object {
  const { depth, repeated } = outlineOf(text);
  // The object itself is the first of DynamoDB's levels. Also keeps the parser's recursion short.
  if (depth > MAX_NESTING_DEPTH) {
    throw new LineError(`is nested ${depth} levels deep; DynamoDB takes ${MAX_NESTING_DEPTH}`);
  }
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof JsonNumber) {
    throw new LineError("is not a JSON object", 1);
  }
  if (repeated) {
    const reason = `the name ${JSON.stringify(repeated.name)} stands twice in one object`;
    throw new LineError(reason, repeated.position + 1);
  }
  return value;
}

const showPath = (path: readonly string[]) =>
  path.reduce((shown, part) => (shown && !part.startsWith("[") ? `${shown}.${part}` : shown + part), "");

/** Reads one line into an item or its defects; undefined for a blank line. */
export type LineParser = (line: Line) => SeedRecord | undefined;

/** Makes the parser of a table's seed lines: JSON to item, and every rule that DynamoDB would refuse it by. */
export function createLineParser(keys: TableKeys): LineParser {
  const checkKeys = createKeyCheck(keys);
  const keyNames = primaryKeyNames(keys);

  const parseItem = (text: string, line: number): SeedRecord => {
    const defects: Defect[] = [];
    const note = (attribute: string, reason: string) => {
      const position = positionOfAttribute(text, attribute);
      defects.push({ line, column: position === undefined ? undefined : position + 1, reason });
    };
    const item = toStoredItem(parseObject(text), (path, reason) =>
      note(path[0] ?? "", `${showPath(path) || '""'} ${reason}`),
    );
    checkKeys(item, (attribute, reason) => note(attribute, `${attribute} ${reason}`));
    if (defects.length > 0) return { kind: "defect", line, defects };
    const bytes = itemBytes(item);
    if (bytes > MAX_ITEM_BYTES) {
      const reason = `the item has ${bytes} bytes; DynamoDB takes ${MAX_ITEM_BYTES}`;
      return { kind: "defect", line, defects: [{ line, reason }] };
    }
    return { kind: "item", line, item, key: canonicalKey(item, keyNames), bytes };
  };

  return (line) => {
    try {
      const text = textOf(line);
      return text.trim() === "" ? undefined : parseItem(text, line.number);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      const { message: reason, column } = error;
      return { kind: "defect", line: line.number, defects: [{ line: line.number, column, reason }] };
    }
  };
}
