import type { StoredItem } from "../dynamo/scan.ts";

/** A key for people and for JSON: attribute names with their values as text, binary in base64. */
export function keyText(key: StoredItem): Record<string, string> {
  return Object.fromEntries(
    Object.entries(key).map(([name, value]) => [
      name,
      value.S ?? value.N ?? Buffer.from(value.B ?? []).toString("base64"),
    ]),
  );
}
