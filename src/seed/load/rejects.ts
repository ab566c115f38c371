import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { LosslessNumber } from "lossless-json";
import { REDACTED_VIEW } from "../../dynamo/item-view.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { JsonlSink } from "../file/jsonl-sink.ts";
import type { Defect, SeedItem } from "../file/records.ts";

/** Rejected items that are kept in memory and shown; all of them are in the file. */
export const MAX_LISTED_REJECTS = 10;

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

function plainValue(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return new LosslessNumber(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.L !== undefined) return value.L.map(plainValue);
  if (value.M !== undefined) return plainItem(value.M);
  if (value.B !== undefined) return { $binary: base64(value.B) };
  if (value.SS !== undefined) return { $stringSet: value.SS };
  if (value.NS !== undefined) return { $numberSet: value.NS.map((text) => new LosslessNumber(text)) };
  if (value.BS !== undefined) return { $binarySet: value.BS.map(base64) };
  return null;
}

/** An item of a seed file as plain JSON again, numbers with all their digits, sets and binary by their tags. */
function plainItem(item: StoredItem): object {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
}

/** The names of an item's attributes with the kinds of their values. */
function kindsOf(item: StoredItem): object {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, REDACTED_VIEW.value(value)]));
}

/** Collects what was rejected in a JSON-lines file, one `{source?, line, column?, reason, item?}` a line. */
export class Rejects {
  /** The first of them. */
  readonly listed: Defect[] = [];
  readonly #sink: JsonlSink;

  readonly #show: (item: StoredItem) => object;

  /** @param redact write the kinds of the items' values instead of the values. Default false. */
  constructor(file: string, redact = false) {
    this.#sink = new JsonlSink(file);
    this.#show = redact ? kindsOf : plainItem;
  }

  async add(defect: Defect, item?: SeedItem): Promise<void> {
    if (this.listed.length < MAX_LISTED_REJECTS) this.listed.push(defect);
    await this.#sink.write({ ...defect, item: item && this.#show(item.item) });
  }

  /** Closes the file and returns its path, or undefined where nothing was rejected. */
  async close(): Promise<string | undefined> {
    await this.#sink.close();
    return this.#sink.written;
  }
}
