import type { StoredItem } from "../dynamo/scan.ts";

/** A key for people and for JSON: attribute names with their values as text. */
export function keyText(key: StoredItem): Record<string, string> {
  return Object.fromEntries(
    Object.entries(key).map(([name, value]) => [name, String(value.S ?? value.N ?? value.B)]),
  );
}
