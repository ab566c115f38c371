import { REDACTED_VIEW } from "../dynamo/item-view.ts";
import type { StoredItem } from "../dynamo/scan.ts";

/**
 * A key for people and for JSON: attribute names with their values as text, binary in base64.
 * @param redact show the kinds of the values instead
 */
export function keyText(key: StoredItem, redact = false): Record<string, string> {
  return Object.fromEntries(
    Object.entries(key).map(([name, value]) => [
      name,
      redact
        ? REDACTED_VIEW.value(value)
        : (value.S ?? value.N ?? Buffer.from(value.B ?? []).toString("base64")),
    ]),
  );
}
