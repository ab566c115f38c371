import { parse } from "lossless-json";
import { canonicalKey } from "../../dynamo/canonical-item.ts";
import { itemBytes } from "../../dynamo/item-size.ts";
import { MAX_ITEM_BYTES, MAX_NESTING_DEPTH } from "../../dynamo/limits.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import { isObject, JsonNumber, toMap } from "./attribute-values.ts";
import { createKeyCheck } from "./check-keys.ts";
import { decodeText } from "./decode-text.ts";
import type { SeedFormat } from "./formats.ts";
import { type BrokenText, MAX_PIECE_BYTES, MAX_TEXT_DEPTH, type Piece } from "./piece.ts";
import { plainAttribute } from "./plain-attribute.ts";
import type { Defect, DefectRecord, SeedRecord, TableKeys } from "./records.ts";
import { Retagger } from "./retag/retag-item.ts";
import { ReadItem, wireOf } from "./seed-item.ts";
import { envelopeOf, isIncrementalRecord, taggedAttribute, taggedItemIn } from "./tagged-attribute.ts";
import { outlineOf, positionOfAttribute } from "./walk-json.ts";
import { writeUnitsOf } from "./write-units.ts";

const PARSE_OPTIONS = {
  parseNumber: (text: string) => new JsonNumber(text),
  // Repeated names are found by outlineOf, which also sees those with equal values.
  onDuplicateKey: () => undefined,
};

/** A text that is no JSON object: nothing more can be said of its content. */
class PieceError extends Error {
  /** Counted from 0. */
  readonly position: number | undefined;
  /** Whether it is open where the text's value ends. */
  readonly isSyntax: boolean;

  constructor(reason: string, position?: number, isSyntax = false) {
    super(reason);
    this.position = position;
    this.isSyntax = isSyntax;
  }
}

/** A text that is not UTF-8. */
class EncodingError extends PieceError {
  /** The text until there. */
  readonly before: string;

  constructor(before: string) {
    super("is not valid UTF-8", before.length);
    this.before = before;
  }
}

function textOf({ bytes }: Piece): string {
  if (bytes === undefined) throw new PieceError(`line is longer than ${MAX_PIECE_BYTES / 1024 / 1024} MB`);
  const decoded = decodeText(bytes);
  if ("before" in decoded) throw new EncodingError(decoded.before);
  return decoded.text;
}

function parseJson(text: string): unknown {
  try {
    return parse(text, undefined, PARSE_OPTIONS);
  } catch (error) {
    const [, message = "", position] = /^(.*?)(?: at position (\d+))?$/s.exec((error as Error).message) ?? [];
    throw new PieceError(
      `is not JSON: ${message}`,
      position === undefined ? undefined : Number(position),
      true,
    );
  }
}

function parseObject(text: string): object {
  const { depth, repeated } = outlineOf(text);
  if (depth > MAX_TEXT_DEPTH) {
    const reason = `is nested ${depth} levels deep; DynamoDB takes ${MAX_NESTING_DEPTH}`;
    throw new PieceError(reason, undefined, true);
  }
  const value = parseJson(text);
  if (!isObject(value)) throw new PieceError("is not a JSON object", 0);
  if (repeated) {
    const reason = `the name ${JSON.stringify(repeated.name)} stands twice in one object`;
    throw new PieceError(reason, repeated.position);
  }
  return value;
}

const showPath = (path: readonly string[]) =>
  path.reduce((shown, part) => (shown && !part.startsWith("[") ? `${shown}.${part}` : shown + part), "");

/** The place of a position in a piece's text. */
function placeOf(piece: Piece, text: string, position: number | undefined): Omit<Defect, "reason"> {
  const { line, column } = piece;
  if (position === undefined) return { line, column };
  if (piece.placeAt) return piece.placeAt(position);
  const before = text.slice(0, position);
  const lastLineFeed = before.lastIndexOf("\n");
  if (lastLineFeed === -1) return { line, column: (column ?? 1) + position };
  return { line: line + before.split("\n").length - 1, column: position - lastLineFeed };
}

/** How the attributes of a file's items are written, and where in an object they stand. */
interface Reading {
  readonly attributes: object;
  readonly isTagged: boolean;
  /** The level of the object whose names are the attributes, from 1. */
  readonly depth: number;
}

/** Tells plain items from DynamoDB JSON: by the format, or by the first object that shows which it is. */
class TagReader {
  readonly #keyNames: readonly string[];
  #isTagged: boolean | undefined;

  constructor(keyNames: readonly string[], format: SeedFormat | undefined) {
    this.#keyNames = keyNames;
    if (format !== undefined) this.#isTagged = format === "dynamodb-json";
  }

  /** Whether the file is DynamoDB JSON, as far as it is known. */
  get isTagged(): boolean | undefined {
    return this.#isTagged;
  }

  /** An item was sound without tags: so are the others. */
  foundPlain(): void {
    this.#isTagged = false;
  }

  read(object: object): Reading {
    const plain = { attributes: object, isTagged: false, depth: 1 };
    if (this.#isTagged === false) return plain;
    const found = taggedItemIn(object, this.#keyNames);
    if (this.#isTagged === undefined && !found) {
      // A plain item shows itself by a key that is there and has no tag.
      if (this.#keyNames.some((name) => Object.hasOwn(object, name))) this.#isTagged = false;
      return plain;
    }
    this.#isTagged = true;
    if (found) return { attributes: found.attributes, isTagged: true, depth: found.inEnvelope ? 2 : 1 };
    const inner = this.#keyNames.includes("Item") ? undefined : envelopeOf(object);
    return { attributes: inner ?? object, isTagged: true, depth: inner ? 2 : 1 };
  }
}

/** Reads one piece into an item or its defects; undefined for a blank line. */
export type ItemParser = (piece: Piece | BrokenText) => SeedRecord | undefined;

/** The defect behind which nothing of a file is read. */
function endOfReading(defect: Defect): DefectRecord {
  const reason = `${defect.reason}; nothing after this was read`;
  return { kind: "defect", line: defect.line, defects: [{ ...defect, reason }], endsReading: true };
}

/** A record that says from which of several files it is. */
export function withSource(record: DefectRecord, source: string | undefined): DefectRecord {
  if (source === undefined) return record;
  return { ...record, defects: record.defects.map((defect) => ({ source, ...defect })) };
}

/** What a file's items are read by. */
export interface ParserOptions {
  /** How they are written. Default: told by the first that shows it. */
  readonly format?: SeedFormat | undefined;
  /** The file, where there are several. */
  readonly source?: string | undefined;
}

/**
 * Makes the parser of a table's seed items: JSON to item, and every rule that DynamoDB would refuse it by.
 * What can be told at a glance does not come to it (see {@link Retagger}).
 */
export function createItemParser(keys: TableKeys, { format, source }: ParserOptions = {}): ItemParser {
  const retagger = new Retagger(keys);
  const checkKeys = createKeyCheck(keys);
  const keyNames = primaryKeyNames(keys);
  const tags = new TagReader(keyNames, format);

  const parseItem = (text: string, piece: Piece): SeedRecord => {
    const object = parseObject(text);
    if (isIncrementalRecord(object) && !keyNames.some((name) => Object.hasOwn(object, name)))
      throw new PieceError("is a record of an incremental export, which is not read: export the full table");
    const { attributes, isTagged, depth } = tags.read(object);
    const defects: Defect[] = [];
    const note = (attribute: string, reason: string) => {
      const position = positionOfAttribute(text, attribute, depth);
      defects.push({ ...placeOf(piece, text, position), reason });
    };
    const refuse = (path: readonly string[], reason: string) =>
      note(path[0] ?? "", `${showPath(path) || '""'} ${reason}`);
    const item = toMap(attributes, [], refuse, isTagged ? taggedAttribute : plainAttribute);
    checkKeys(item, (attribute, reason) => note(attribute, `${attribute} ${reason}`));
    const { line } = piece;
    if (defects.length > 0) return { kind: "defect", line, defects };
    const bytes = itemBytes(item);
    if (bytes > MAX_ITEM_BYTES) {
      const reason = `the item has ${bytes} bytes; DynamoDB takes ${MAX_ITEM_BYTES}`;
      return { kind: "defect", line, defects: [{ ...placeOf(piece, text, undefined), reason }] };
    }
    const partition = canonicalKey(item, keyNames.slice(0, 1));
    const key = canonicalKey(item, keyNames);
    const writeUnits = writeUnitsOf({ item, bytes }, keys);
    return new ReadItem({ line, source, wire: wireOf(item), partition, key, bytes, writeUnits });
  };

  const parsePiece = (piece: Piece): SeedRecord | undefined => {
    const retagged = retagger.retag(piece, tags.isTagged === true, source);
    if (retagged) {
      if (tags.isTagged === undefined) tags.foundPlain();
      return retagged;
    }
    let text = "";
    try {
      text = textOf(piece);
      return text.trim() === "" ? undefined : parseItem(text, piece);
    } catch (error) {
      if (!(error instanceof PieceError)) throw error;
      const known = error instanceof EncodingError ? error.before : text;
      const defect = { ...placeOf(piece, known, error.position), reason: error.message };
      if (piece.column !== undefined && error.isSyntax) return endOfReading(defect);
      return { kind: "defect", line: piece.line, defects: [defect] };
    }
  };

  return (piece) => {
    const record = "reason" in piece ? endOfReading(piece) : parsePiece(piece);
    return record?.kind === "defect" ? withSource(record, source) : record;
  };
}
