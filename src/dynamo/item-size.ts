import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { canonicalNumber } from "./canonical-item.ts";
import { BYTES_PER_WRITE_UNIT } from "./limits.ts";
import type { StoredItem } from "./scan.ts";

/**
 * How DynamoDB counts an item's bytes: attribute names and values in UTF-8, by the rules of
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 * ("DynamoDB item sizes and formats"). The page calls its rule for numbers approximate; the one below
 * is what DynamoDB Local does, to the byte, at the limit of 400 KB.
 */
const CONTAINER_BYTES = 3;
const ELEMENT_BYTES = 1;

/** Two digits a byte, in pairs that begin at the decimal point, one byte more, and one for a minus. */
function numberBytes(text: string): number {
  const canonical = canonicalNumber(text);
  if (canonical === "0") return 1;
  const [mantissa = "", power = "0"] = canonical.split("e");
  const negative = mantissa.startsWith("-") ? 1 : 0;
  const digits = mantissa.length - negative;
  const shift = Math.abs(Number(power)) % 2;
  return 1 + Math.ceil((digits + shift) / 2) + negative;
}

const sum = <T>(values: readonly T[], bytes: (value: T) => number) =>
  values.reduce((total, value) => total + bytes(value), 0);

/** The bytes that one attribute value takes, without its name. */
export function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.L !== undefined)
    return CONTAINER_BYTES + sum(value.L, (entry) => ELEMENT_BYTES + valueBytes(entry));
  if (value.M !== undefined)
    return CONTAINER_BYTES + itemBytes(value.M) + ELEMENT_BYTES * Object.keys(value.M).length;
  if (value.SS !== undefined) return sum(value.SS, (text) => Buffer.byteLength(text));
  if (value.NS !== undefined) return sum(value.NS, numberBytes);
  if (value.BS !== undefined) return sum(value.BS, (bytes) => bytes.byteLength);
  // BOOL and NULL.
  return 1;
}

/** The bytes of an item as DynamoDB counts them: what the limit of 400 KB and the capacity units go by. */
export function itemBytes(item: StoredItem): number {
  return sum(Object.entries(item), ([name, value]) => Buffer.byteLength(name) + valueBytes(value));
}

/** The write units that so many bytes of one item cost: whole KB, one at least (CapacityUnitCalculations). */
export const writeUnitsOfBytes = (bytes: number): number =>
  Math.max(1, Math.ceil(bytes / BYTES_PER_WRITE_UNIT));
