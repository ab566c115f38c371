import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { StoredItem } from "./scan.ts";

/**
 * A number in one spelling: DynamoDB's numbers are equal by value, so 1.50, 1.5 and 15e-1 are the same.
 * Works on the digits, as JavaScript's numbers hold only 15 to 17 of DynamoDB's 38.
 */
export function canonicalNumber(text: string): string {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/.exec(text);
  if (!match || (!match[2] && !match[3])) throw new TypeError(`not a number: ${text}`);
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign === "-" ? "-" : ""}${significant}e${power}`;
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const base64 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

/** A value of one type and one spelling: JSON text that is equal where DynamoDB's values are equal. */
export function canonicalValue(value: AttributeValue): string {
  if (value.S !== undefined) return `["S",${JSON.stringify(value.S)}]`;
  if (value.N !== undefined) return `["N","${canonicalNumber(value.N)}"]`;
  if (value.BOOL !== undefined) return `["BOOL",${value.BOOL}]`;
  if (value.NULL !== undefined) return `["NULL"]`;
  if (value.M !== undefined) return `["M",${canonicalItem(value.M)}]`;
  if (value.L !== undefined) return `["L",[${value.L.map(canonicalValue).join(",")}]]`;
  if (value.B !== undefined) return `["B","${base64(value.B)}"]`;
  if (value.SS !== undefined) return `["SS",${JSON.stringify([...value.SS].sort(compareText))}]`;
  if (value.NS !== undefined)
    return `["NS",${JSON.stringify(value.NS.map(canonicalNumber).sort(compareText))}]`;
  if (value.BS !== undefined) return `["BS",${JSON.stringify(value.BS.map(base64).sort(compareText))}]`;
  throw new TypeError(`an attribute value of no known type: ${Object.keys(value).join(", ")}`);
}

/** An item (or map) in one spelling: attributes by name, each value canonical. */
export function canonicalItem(item: StoredItem): string {
  const names = Object.keys(item).sort(compareText);
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalValue(item[name] as AttributeValue)}`).join(",")}}`;
}

/** The item's primary key in one spelling: equal text where the keys are equal. */
export function canonicalKey(item: StoredItem, keyNames: readonly string[]): string {
  return keyNames.map((name) => canonicalValue(item[name] ?? { NULL: true })).join(",");
}
