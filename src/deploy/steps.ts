import type { IndexDesign } from "../dynamo/table-design.ts";
import type { Billing, Capacity, DeclaredTable, IndexState, StreamView } from "./table-state.ts";

/** One change to a table; each is one request to DynamoDB. */
export type Step =
  | { readonly kind: "createTable"; readonly table: DeclaredTable }
  | {
      readonly kind: "setBilling";
      /** Undefined: the mode stays as it is. */
      readonly mode?: Billing["mode"];
      /** Undefined: the table's capacity stays as it is. */
      readonly capacity?: Capacity;
      readonly indexes: Readonly<Record<string, Capacity>>;
    }
  | { readonly kind: "enableStream"; readonly view: StreamView }
  | { readonly kind: "disableStream" }
  | { readonly kind: "createIndex"; readonly name: string; readonly index: IndexState }
  | { readonly kind: "deleteIndex"; readonly name: string }
  | { readonly kind: "enableTtl"; readonly attribute: string }
  | { readonly kind: "disableTtl"; readonly attribute: string }
  | { readonly kind: "setDeletionProtection"; readonly enabled: boolean };

export type StepKind = Step["kind"];

const showCapacity = ({ read, write }: Capacity) => `${read} read and ${write} write units`;

function showKeys({ partitionKey, sortKey }: Pick<IndexDesign, "partitionKey" | "sortKey">): string {
  return [partitionKey, sortKey].flatMap((key) => (key ? [`${key.name} (${key.type})`] : [])).join(", ");
}

function describeCreation(table: DeclaredTable): string {
  const { billing } = table;
  const indexes = [...Object.keys(table.indexes), ...Object.keys(table.localIndexes)];
  return [
    `create the table, keys ${showKeys(table)}`,
    ...indexes.map((name) => `index ${name}`),
    billing.mode === "PROVISIONED" ? showCapacity(billing.capacity) : "on-demand",
    ...(table.streamView ? [`stream ${table.streamView}`] : []),
    ...(table.deletionProtection ? ["deletion protection"] : []),
  ].join(", ");
}

function describeBilling({ mode, capacity, indexes }: Extract<Step, { kind: "setBilling" }>): string {
  if (mode === "PAY_PER_REQUEST") return "switch billing to on-demand";
  const parts = [
    ...(capacity ? [showCapacity(capacity)] : []),
    ...Object.entries(indexes).map(([name, units]) => `index ${name} ${showCapacity(units)}`),
  ];
  return `${mode ? "switch billing to provisioned" : "set capacity"}: ${parts.join(", ")}`;
}

/** A step in words, in the imperative. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case "createTable":
      return describeCreation(step.table);
    case "setBilling":
      return describeBilling(step);
    case "enableStream":
      return `turn on the stream, ${step.view}`;
    case "disableStream":
      return "turn off the stream";
    case "createIndex":
      return `create index ${step.name}, keys ${showKeys(step.index.design)}`;
    case "deleteIndex":
      return `delete index ${step.name}`;
    case "enableTtl":
      return `turn on expiry by ${step.attribute}`;
    case "disableTtl":
      return `turn off expiry by ${step.attribute}`;
    case "setDeletionProtection":
      return `turn ${step.enabled ? "on" : "off"} deletion protection`;
  }
}
