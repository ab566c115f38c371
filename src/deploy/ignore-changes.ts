import type { IgnoredPart } from "./table-state.ts";

/**
 * Which part of a table each of the provider's properties is; `attributes` follows from the keys, and no local
 * engine has `replicas`.
 */
const PARTS: Readonly<Record<string, readonly IgnoredPart[]>> = {
  attributes: [],
  replicas: [],
  globalSecondaryIndexes: ["indexes", "indexCapacity"],
  localSecondaryIndexes: ["localIndexes"],
  billingMode: ["billingMode"],
  readCapacity: ["readCapacity"],
  writeCapacity: ["writeCapacity"],
  streamEnabled: ["stream"],
  streamViewType: ["streamView"],
  ttl: ["ttl"],
  deletionProtectionEnabled: ["deletionProtection"],
};
const INDEX_CAPACITY = /^globalSecondaryIndexes\[.*\]\.(read|write)Capacity$/;

/** What `ignoreChanges` says, as far as a deploy can obey it; `unsupported` holds the other paths. */
export interface IgnoreChanges {
  readonly ignored: ReadonlySet<IgnoredPart>;
  readonly unsupported: readonly string[];
}

/** Reads a resource's `ignoreChanges`: property names, "*", or the capacity of its indexes. */
export function readIgnoreChanges(paths: readonly string[]): IgnoreChanges {
  const ignored = new Set<IgnoredPart>();
  const unsupported: string[] = [];
  for (const path of paths) {
    const parts = path === "*" ? Object.values(PARTS).flat() : PARTS[path];
    if (INDEX_CAPACITY.test(path)) ignored.add("indexCapacity");
    else if (parts) for (const part of parts) ignored.add(part);
    else unsupported.push(path);
  }
  return { ignored, unsupported };
}
