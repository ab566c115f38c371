import { parse } from "lossless-json";
import { MAX_TEXT_DEPTH } from "../piece.ts";
import { walkJson } from "../walk-json.ts";
import type { ColumnType } from "./typed-header.ts";

/** A cell as JSON, or why it is none of its type. */
export type CellJson = { readonly json: string } | { readonly reason: string };

/** RFC 8259, section 6. */
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** A cell must be JSON by itself: what it says must not reach into the cells behind it. */
function wholeJson(text: string, wrap: (json: string) => string): CellJson {
  if (walkJson(text) > MAX_TEXT_DEPTH) return { reason: "is nested too deep" };
  try {
    parse(text, undefined, { onDuplicateKey: () => undefined });
    return { json: wrap(text) };
  } catch (error) {
    return { reason: `is not JSON: ${(error as Error).message}` };
  }
}

const set = (tag: string) => (text: string) => wholeJson(text, (json) => `{"${tag}":${json}}`);

const FROM_CELL: Readonly<Record<ColumnType, (text: string) => CellJson>> = {
  S: (text) => ({ json: JSON.stringify(text) }),
  N: (text) =>
    JSON_NUMBER.test(text)
      ? { json: text }
      : { reason: `is no number as JSON has it: ${JSON.stringify(text)}` },
  B: (text) => ({ json: `{"$binary":${JSON.stringify(text)}}` }),
  BOOL: (text) =>
    text === "true" || text === "false" ? { json: text } : { reason: "must be true or false" },
  NULL: (text) => (text === "null" ? { json: text } : { reason: "must be null, or empty" }),
  SS: set("$stringSet"),
  NS: set("$numberSet"),
  BS: set("$binarySet"),
  JSON: (text) => wholeJson(text, (json) => json),
};

/** Turns a cell's text into plain JSON, with a tag where JSON has no such type: nothing is guessed. */
export function cellJson(type: ColumnType, text: string): CellJson {
  return FROM_CELL[type](text);
}

/** What stands for a cell that is none of its type, so that the rest of its row can be judged. */
export function standIn(type: ColumnType): string {
  if (type === "S") return '"?"';
  return type === "N" ? "0" : "null";
}
