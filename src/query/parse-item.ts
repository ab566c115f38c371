import type { z } from "zod";
import { MalformedItemError } from "./errors.ts";
import type { PlainItem } from "./oracle.ts";

/** A schema's complaints, one line each, with the place first: `reactions.heart: expected number`. */
export function problemsOf(error: z.core.$ZodError): string[] {
  return error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.map(String).join(".")}: ${message}` : message,
  );
}

/** How an item becomes an entity. */
export interface ItemReader<Schema extends z.ZodType> {
  /** For messages: "User". */
  readonly entity: string;
  readonly schema: Schema;
  /** The attributes that name the item in messages. */
  readonly keyNames: readonly string[];
}

/**
 * Reads an item of the table as an entity. The schema says what is kept: what it does not know, such as
 * keys and bookkeeping, is left out.
 * @throws {MalformedItemError} naming the item and every attribute that does not fit.
 */
export function parseItem<Schema extends z.ZodType>(
  reader: ItemReader<Schema>,
  item: PlainItem,
): z.output<Schema> {
  const parsed = reader.schema.safeParse(item);
  if (parsed.success) return parsed.data;
  const key = Object.fromEntries(reader.keyNames.map((name) => [name, item[name]]));
  throw new MalformedItemError(reader.entity, key, problemsOf(parsed.error));
}
