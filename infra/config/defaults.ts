import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** What Pulumi.yaml says of a setting. */
interface SchemaEntry {
  readonly default?: unknown;
}

const PROJECT_FILE = new URL("../../Pulumi.yaml", import.meta.url);

/** The defaults of Pulumi.yaml by key, as Pulumi hands them to the program: text, lists as JSON. */
export function readDefaults(): Readonly<Record<string, string>> {
  const { config } = parse(readFileSync(PROJECT_FILE, "utf8")) as {
    config?: Record<string, SchemaEntry | null> | null;
  };
  return Object.fromEntries(
    Object.entries(config ?? {}).flatMap(([key, entry]) => {
      const value = entry?.default;
      if (value === undefined) return [];
      return [[key, typeof value === "object" ? JSON.stringify(value) : String(value)]];
    }),
  );
}
