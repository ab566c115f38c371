import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { SeedItem } from "./records.ts";

/** What is known of an item that was read. */
export type SeedItemFacts = Omit<SeedItem, "item">;

function fromWire(value: AttributeValue): AttributeValue {
  if (value.B !== undefined) return { B: bytesOf(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(bytesOf) };
  if (value.L !== undefined) return { L: value.L.map(fromWire) };
  if (value.M !== undefined) return { M: itemFromWire(value.M) };
  return value;
}

const bytesOf = (base64: unknown) => new Uint8Array(Buffer.from(String(base64), "base64"));

/** An item of parsed JSON: in it binary is base64, whatever the SDK's types say. */
export function itemFromWire(item: StoredItem): StoredItem {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromWire(value)]));
}

/** The item of DynamoDB JSON as requests have it. No number is lost by `JSON.parse`: there they are strings. */
export const parseWire = (wire: Buffer): StoredItem => itemFromWire(JSON.parse(wire.toString("utf8")));

/** An item as DynamoDB JSON, as requests have it. */
export function wireOf(item: StoredItem): Buffer {
  const base64 = (_name: string, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
  return Buffer.from(JSON.stringify(item, base64));
}

/** An item that was read from a file: the text of its request, and the parsed item for whoever asks for it. */
export class ReadItem implements SeedItem {
  readonly kind = "item";
  readonly line: number;
  readonly source: string | undefined;
  readonly wire: Buffer;
  readonly partition: string;
  readonly key: string;
  readonly bytes: number;
  readonly writeUnits: number;

  constructor({ line, source, wire, partition, key, bytes, writeUnits }: SeedItemFacts) {
    this.line = line;
    this.source = source;
    this.wire = wire;
    this.partition = partition;
    this.key = key;
    this.bytes = bytes;
    this.writeUnits = writeUnits;
  }

  /** Parsed anew each time: most items are written without ever being looked into. */
  get item(): StoredItem {
    return parseWire(this.wire);
  }
}
