import { compareIndexes, type IndexDifference } from "../dynamo/describe.ts";
import type { IndexDesign } from "../dynamo/table-design.ts";
import { ALL_CAPABILITIES, type Capabilities } from "./capabilities.ts";
import { UnmendableDriftError } from "./errors.ts";
import type { Step } from "./steps.ts";
import type { Billing, Capacity, DeclaredTable, TableDifference, TableState } from "./table-state.ts";

/** An index that is not as declared, and that is not touched without `prune`. */
export interface Drift {
  readonly kind: "extraIndex" | "differentIndex";
  readonly index: string;
  /** Empty for an extra index. */
  readonly differences: readonly IndexDifference[];
  /** True where the engine cannot delete such an index, so that `prune` leaves it too. */
  readonly undeletable?: true;
}

/** What would make a live table as declared. */
export interface ReconcilePlan {
  /** In the order in which they must be carried out. */
  readonly steps: readonly Step[];
  /** What the steps leave as it is. */
  readonly drift: readonly Drift[];
  /** What is declared and cannot be had of this engine, in words. */
  readonly notApplied: readonly string[];
}

/** How to plan. */
export interface PlanOptions {
  /** Delete indexes that are not declared, and make those anew that differ. Default false. */
  prune?: boolean;
  /** What the engine can do. Default: everything. */
  capabilities?: Capabilities | undefined;
}

/** A drift in words. */
export function describeDrift({ index, differences, undeletable }: Drift): string {
  const remedy = undeletable ? " (this engine cannot delete it: delete the table and deploy again)" : "";
  if (differences.length === 0) return `index ${index} is not declared${remedy}`;
  const sides = differences.map(
    ({ field, declared, found }) => `${field} is declared ${declared}, found ${found}`,
  );
  return `index ${index} differs: ${sides.join("; ")}${remedy}`;
}

function designDifferences(
  part: string,
  declared: IndexDesign | undefined,
  found: IndexDesign | undefined,
): TableDifference[] {
  if (!declared) return [{ field: part, declared: "none", found: "present" }];
  if (!found) return [{ field: part, declared: "present", found: "none" }];
  return compareIndexes(declared, found).map((entry) => ({ ...entry, field: `${part}: ${entry.field}` }));
}

/** Keys and local indexes are fixed when a table is made (API_UpdateTable has no way to change them). */
function refuseUnmendable(declared: DeclaredTable, live: TableState): void {
  const asIndex = ({ partitionKey, sortKey }: TableState): IndexDesign => ({
    partitionKey,
    ...(sortKey ? { sortKey } : {}),
    projection: "ALL",
  });
  const differences: TableDifference[] = compareIndexes(asIndex(declared), asIndex(live));
  if (!declared.ignored.has("localIndexes")) {
    const names = new Set([...Object.keys(declared.localIndexes), ...Object.keys(live.localIndexes)]);
    for (const name of names) {
      const [wanted, found] = [declared.localIndexes[name], live.localIndexes[name]];
      differences.push(...designDifferences(`local index ${name}`, wanted, found));
    }
  }
  if (differences.length > 0) throw new UnmendableDriftError(declared.name, differences);
}

/** True where an index has no key attribute of its own. */
function isOnTableKeys({ partitionKey, sortKey }: IndexDesign, table: TableState): boolean {
  const own = [table.partitionKey.name, table.sortKey?.name];
  return own.includes(partitionKey.name) && (sortKey === undefined || own.includes(sortKey.name));
}

function findDrift(declared: DeclaredTable, live: TableState, capabilities: Capabilities): Drift[] {
  if (declared.ignored.has("indexes")) return [];
  return Object.entries(live.indexes).flatMap(([index, { design }]): Drift[] => {
    const stuck = !capabilities.deletesIndexOnTableKeys && isOnTableKeys(design, live);
    const undeletable = stuck ? { undeletable: true as const } : {};
    const wanted = declared.indexes[index];
    if (!wanted) return [{ kind: "extraIndex", index, differences: [], ...undeletable }];
    const differences = compareIndexes(wanted.design, design);
    return differences.length > 0 ? [{ kind: "differentIndex", index, differences, ...undeletable }] : [];
  });
}

const equal = (one: Capacity, other: Capacity | undefined) =>
  one.read === other?.read && one.write === other.write;

/** The billing the table has after the plan. */
const billingAfter = (declared: DeclaredTable, live: TableState): Billing =>
  declared.ignored.has("billingMode") ? live.billing : declared.billing;

/**
 * A table that becomes provisioned needs a capacity for each index it has, declared here or not. DynamoDB
 * Local keeps an index's capacity while the table is on-demand, and refuses to set it to what it is.
 */
function switchToProvisioned(
  declared: DeclaredTable,
  live: TableState,
  capacity: Capacity,
  kept: readonly string[],
): Step {
  const indexes = kept
    .map((name) => [name, declared.indexes[name]?.capacity ?? capacity] as const)
    .filter(([name, wanted]) => !equal(wanted, live.indexes[name]?.capacity));
  return { kind: "setBilling", mode: "PROVISIONED", capacity, indexes: Object.fromEntries(indexes) };
}

/** The capacities that indexes should have and do not, where the table is provisioned before and after. */
function changedIndexCapacities(
  declared: DeclaredTable,
  live: TableState,
  kept: readonly string[],
): Record<string, Capacity> {
  const provisioned =
    live.billing.mode === "PROVISIONED" && billingAfter(declared, live).mode === "PROVISIONED";
  if (!provisioned || declared.ignored.has("indexCapacity")) return {};
  return Object.fromEntries(
    kept.flatMap((name) => {
      const units = declared.indexes[name]?.capacity;
      return units && !equal(units, live.indexes[name]?.capacity) ? [[name, units]] : [];
    }),
  );
}

/**
 * Steps for the mode and the capacity of the table and of the indexes that stay.
 * @param indexes the capacities of indexes to change
 */
function planBilling(
  declared: DeclaredTable,
  live: TableState,
  kept: readonly string[],
  indexes: Readonly<Record<string, Capacity>>,
): Step[] {
  const wanted = billingAfter(declared, live);
  if (wanted.mode === "PAY_PER_REQUEST") {
    return live.billing.mode === wanted.mode ? [] : [{ kind: "setBilling", mode: wanted.mode, indexes: {} }];
  }
  if (live.billing.mode !== "PROVISIONED")
    return [switchToProvisioned(declared, live, wanted.capacity, kept)];
  const { ignored } = declared;
  const current = live.billing.capacity;
  const capacity = {
    read: ignored.has("readCapacity") ? current.read : wanted.capacity.read,
    write: ignored.has("writeCapacity") ? current.write : wanted.capacity.write,
  };
  if (equal(capacity, current) && Object.keys(indexes).length === 0) return [];
  return [{ kind: "setBilling", ...(equal(capacity, current) ? {} : { capacity }), indexes }];
}

/** A stream's view cannot be changed: the stream is turned off and on again, which makes a new one. */
function planStream(declared: DeclaredTable, live: TableState): Step[] {
  const [wanted, found] = [declared.streamView, live.streamView];
  if (declared.ignored.has("stream") || wanted === found) return [];
  if (declared.ignored.has("streamView") && wanted && found) return [];
  return [
    ...(found ? [{ kind: "disableStream" } as const] : []),
    ...(wanted ? [{ kind: "enableStream", view: wanted } as const] : []),
  ];
}

function planTtl(declared: DeclaredTable, live: TableState): Step[] {
  const [wanted, found] = [declared.ttlAttribute, live.ttlAttribute];
  if (declared.ignored.has("ttl") || wanted === found) return [];
  return [
    ...(found ? [{ kind: "disableTtl", attribute: found } as const] : []),
    ...(wanted ? [{ kind: "enableTtl", attribute: wanted } as const] : []),
  ];
}

function planIndexCreation(declared: DeclaredTable, live: TableState, kept: readonly string[]): Step[] {
  if (declared.ignored.has("indexes")) return [];
  const billing = billingAfter(declared, live);
  const missing = Object.entries(declared.indexes).filter(([name]) => !kept.includes(name));
  return missing.map(([name, { design, capacity }]) => ({
    kind: "createIndex",
    name,
    index: billing.mode === "PROVISIONED" ? { design, capacity: capacity ?? billing.capacity } : { design },
  }));
}

function planDeletionProtection(declared: DeclaredTable, live: TableState): Step[] {
  const { deletionProtection: enabled, ignored } = declared;
  if (ignored.has("deletionProtection") || enabled === live.deletionProtection) return [];
  return [{ kind: "setDeletionProtection", enabled }];
}

function planCreation(table: DeclaredTable): Step[] {
  const { ttlAttribute: attribute } = table;
  return [{ kind: "createTable", table }, ...(attribute ? [{ kind: "enableTtl", attribute } as const] : [])];
}

/**
 * Plans what makes a table as declared. Pure: it looks at nothing but its arguments. It adds indexes, but
 * deletes or reshapes one only with `prune`; what it leaves is in `drift`. Carrying out the steps and
 * planning again gives no steps.
 * @param live undefined where there is no such table
 * @throws {UnmendableDriftError} when keys or local indexes differ.
 */
export function planReconcile(
  declared: DeclaredTable,
  live: TableState | undefined,
  { prune = false, capabilities = ALL_CAPABILITIES }: PlanOptions = {},
): ReconcilePlan {
  if (!live) return { steps: planCreation(declared), drift: [], notApplied: [] };
  refuseUnmendable(declared, live);
  const drift = findDrift(declared, live, capabilities);
  const deleted = prune ? drift.filter(({ undeletable }) => !undeletable).map(({ index }) => index) : [];
  const kept = Object.keys(live.indexes).filter((name) => !deleted.includes(name));
  const capacities = changedIndexCapacities(declared, live, kept);
  const settable = capabilities.indexCapacityUpdates ? capacities : {};
  return {
    steps: [
      ...deleted.map((name): Step => ({ kind: "deleteIndex", name })),
      ...planBilling(declared, live, kept, settable),
      ...planStream(declared, live),
      ...planIndexCreation(declared, live, kept),
      ...planDeletionProtection(declared, live),
      ...planTtl(declared, live),
    ],
    drift: drift.filter(({ index }) => !deleted.includes(index)),
    notApplied: Object.keys(capacities)
      .filter((name) => !(name in settable))
      .map((name) => `capacity of index ${name}`),
  };
}
