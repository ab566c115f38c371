import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { itemBytes } from "../../../src/dynamo/item-size.ts";
import { MAX_ITEM_BYTES } from "../../../src/dynamo/limits.ts";
import type { StoredItem } from "../../../src/dynamo/scan.ts";
import { bytesAsText } from "./http.ts";
import { Refusal } from "./refusal.ts";

/** A BatchWriteItem of puts to one table. */
export interface BatchRequest {
  /** Each item's key; equal text where the keys are equal. */
  readonly keys: readonly string[];
  readonly wantsCapacity: boolean;
  /** An entry's JSON, its bytes as text. */
  entry(position: number): string;
}

interface PutEntry {
  readonly PutRequest?: { readonly Item: StoredItem };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;

/** How deep each name stands: `{"RequestItems":{"<table>":[{"PutRequest":{"Item":{"PK":{"S":"…"}}}}]}}`. */
const DEPTH = { top: 1, table: 2, entries: 3, put: 4, item: 5, attribute: 6, type: 7 };

/** Where a string ends, at its closing quote. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH) {
    let first = end - 1;
    while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    if ((end - first) % 2 === 0) break;
    end = text.indexOf('"', end + 1);
  }
  return end < 0 ? text.length : end;
}

/** Walks a batch without parsing it. Only what is plainly sound is told: in doubt, nothing. */
class BatchScan implements BatchRequest {
  readonly keys: string[] = [];
  wantsCapacity = false;
  isDoubtful = false;
  readonly #text: string;
  readonly #table: string;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #depth = 0;
  #attribute = "";
  #type = "";
  #pk: string | undefined;
  #sk: string | undefined;

  constructor(text: string, table: string) {
    this.#text = text;
    this.#table = table;
    this.#walk();
    this.isDoubtful ||= this.#depth !== 0 || this.keys.length === 0;
  }

  entry(position: number): string {
    return this.#text.slice(this.#starts[position], this.#ends[position]);
  }

  #walk(): void {
    const text = this.#text;
    for (let at = 0; at < text.length && !this.isDoubtful; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        const end = endOfString(text, at);
        this.#string(at + 1, end);
        at = end;
      } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
        this.#depth += 1;
        if (this.#depth === DEPTH.put) this.#starts.push(at);
      } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        if (this.#depth === DEPTH.put) this.#endEntry(at);
        this.#depth -= 1;
      }
    }
  }

  #isName(end: number): boolean {
    let next = end + 1;
    while (this.#text.charCodeAt(next) <= SPACE) next += 1;
    return this.#text.charCodeAt(next) === COLON;
  }

  #string(start: number, end: number): void {
    if (this.#depth > DEPTH.type) return;
    const text = this.#text.slice(start, end);
    if (this.#isName(end)) this.#name(text);
    else if (this.#depth === DEPTH.type && this.#type === "S") this.#value(text);
  }

  #name(text: string): void {
    switch (this.#depth) {
      case DEPTH.top:
        this.isDoubtful ||= text !== "RequestItems" && text !== "ReturnConsumedCapacity";
        this.wantsCapacity ||= text === "ReturnConsumedCapacity";
        break;
      case DEPTH.table:
        this.isDoubtful ||= text !== this.#table;
        break;
      case DEPTH.put:
        this.isDoubtful ||= text !== "PutRequest";
        break;
      case DEPTH.item:
        this.isDoubtful ||= text !== "Item";
        break;
      case DEPTH.attribute:
        this.#attribute = text;
        break;
      case DEPTH.type:
        this.#type = text;
    }
  }

  #value(text: string): void {
    if (this.#attribute !== "PK" && this.#attribute !== "SK") return;
    // An escape could spell a key that stands there otherwise spelled.
    this.isDoubtful ||= text === "" || text.includes("\\");
    if (this.#attribute === "PK") this.#pk = text;
    else this.#sk = text;
  }

  #endEntry(at: number): void {
    this.isDoubtful ||= this.#pk === undefined || this.#sk === undefined;
    this.keys.push(`${this.#pk}\0${this.#sk}`);
    this.#ends.push(at + 1);
    this.#pk = undefined;
    this.#sk = undefined;
  }
}

function keyText(value: AttributeValue | undefined): string {
  const text = value?.S;
  if (text === undefined) throw Refusal.validation("The provided key element does not match the schema");
  if (text === "") {
    throw Refusal.validation(
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value.",
    );
  }
  return text;
}

/**
 * An item's key.
 * @throws {Refusal} where it has none
 */
export const keyOf = ({ PK, SK }: StoredItem): string => `${keyText(PK)}\0${keyText(SK)}`;

/** @throws {Refusal} for an item of more than 400 KB */
export function judgeSize(item: StoredItem): void {
  if (itemBytes(item) > MAX_ITEM_BYTES) {
    throw Refusal.validation("Item size has exceeded the maximum allowed size");
  }
}

function itemOf({ PutRequest }: PutEntry): StoredItem {
  if (!PutRequest) throw Refusal.validation("the sink takes puts only");
  return PutRequest.Item;
}

/** The items of a batch, parsed. */
export function batchItems(body: Buffer, table: string): StoredItem[] {
  return (JSON.parse(body.toString()).RequestItems?.[table] ?? []).map(itemOf);
}

function parseBatch(body: Buffer, table: string): BatchRequest {
  const { RequestItems, ReturnConsumedCapacity } = JSON.parse(body.toString());
  const entries: PutEntry[] = RequestItems?.[table] ?? [];
  const items = entries.map(itemOf);
  for (const item of items) judgeSize(item);
  return {
    keys: items.map(keyOf),
    wantsCapacity: ReturnConsumedCapacity !== undefined,
    entry: (position) => bytesAsText(JSON.stringify(entries[position])),
  };
}

/**
 * Reads a batch: by a walk over its bytes, which costs a third of a parser, and by a parser where that is in doubt or a
 * body is long enough for an item to be too large.
 * @throws {Refusal} for what DynamoDB refuses of single items
 */
export function readBatch(body: Buffer, table: string): BatchRequest {
  // An item never takes more bytes in the table than in a request.
  if (body.length > MAX_ITEM_BYTES) return parseBatch(body, table);
  const scan = new BatchScan(body.toString("latin1"), table);
  return scan.isDoubtful ? parseBatch(body, table) : scan;
}
