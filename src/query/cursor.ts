import { createHash } from "node:crypto";
import { InvalidCursorError } from "./errors.ts";
import type { PlainItem } from "./oracle.ts";

/** The query that a cursor belongs to. */
export interface CursorScope {
  /** The access pattern's id. */
  readonly pattern: string;
  readonly table: string;
  /** The pattern's input; how large a page is and where it starts do not count. */
  readonly input: Readonly<Record<string, unknown>>;
}

const CHECKSUM_LENGTH = 12;
const digest = (text: string) =>
  createHash("sha256").update(text).digest("base64url").slice(0, CHECKSUM_LENGTH);

function inputDigest(input: CursorScope["input"]): string {
  const { limit: _limit, cursor: _cursor, ...rest } = input;
  const entries = Object.entries(rest).filter(([, value]) => value !== undefined);
  return digest(JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/**
 * Writes the place where a page ended as opaque text. It carries the pattern, the table and the input, so
 * that it is not taken for another query's, and a checksum against damage; it is no secret and no seal.
 */
export function encodeCursor(scope: CursorScope, lastKey: PlainItem): string {
  const body = JSON.stringify([scope.pattern, digest(scope.table), inputDigest(scope.input), lastKey]);
  return Buffer.from(digest(body) + body).toString("base64url");
}

/** The text inside a cursor; undefined where a character was lost, added or changed. */
function openCursor(cursor: string): string | undefined {
  const bytes = Buffer.from(cursor, "base64url");
  // Node skips what is not base64url: only the one spelling of the bytes is taken.
  if (bytes.toString("base64url") !== cursor) return undefined;
  const text = bytes.toString("utf8");
  const body = text.slice(CHECKSUM_LENGTH);
  return digest(body) === text.slice(0, CHECKSUM_LENGTH) ? body : undefined;
}

/**
 * Reads the key to go on after from a cursor.
 * @throws {InvalidCursorError} when the cursor is damaged or belongs to another query.
 */
export function decodeCursor(scope: CursorScope, cursor: string): PlainItem {
  const body = openCursor(cursor);
  if (body === undefined) throw new InvalidCursorError(scope.pattern, "is damaged");
  const [pattern, table, input, lastKey] = JSON.parse(body) as [string, string, string, PlainItem];
  if (pattern !== scope.pattern) throw new InvalidCursorError(scope.pattern, "is of another pattern");
  if (table !== digest(scope.table)) throw new InvalidCursorError(scope.pattern, "is of another table");
  if (input !== inputDigest(scope.input)) throw new InvalidCursorError(scope.pattern, "is of another input");
  return lastKey;
}
