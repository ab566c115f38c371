import type { IndexDesign, Projection } from "../../dynamo/table-design.ts";
import type { AwsSettings, EncryptionState, OnDemandLimits } from "../aws-settings.ts";
import { readAwsSettings } from "../aws-settings.ts";
import { readDeclaredTable } from "../declared-tables.ts";
import type { DeclaredResource } from "../monitor.ts";
import { type ScalingByPlace, type ScalingRange, scalingPlace } from "../scaling-ranges.ts";
import type { ReplicasByTable } from "../table-replicas.ts";
import type { Billing, Capacity, DeclaredTable } from "../table-state.ts";

/** One thing worth knowing of a resource. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** Keys as `PK (S), SK (S)`. */
export function showKeys({ partitionKey, sortKey }: Pick<IndexDesign, "partitionKey" | "sortKey">): string {
  return [partitionKey, sortKey].flatMap((key) => (key ? [`${key.name} (${key.type})`] : [])).join(", ");
}

/** What an index carries, in words. */
export const showProjection = (projection: Projection) =>
  typeof projection === "string" ? projection : `the keys and ${projection.include.join(", ")}`;

const showRange = ({ min, max, targetPercent }: ScalingRange) =>
  `${min} to ${max}${targetPercent === undefined ? "" : ` (at ${targetPercent} %)`}`;

function showCapacity({ read, write }: Capacity, place: string, scaling: ScalingByPlace): string {
  const ranges = scaling.get(place);
  const reads = ranges?.read ? showRange(ranges.read) : String(read);
  const writes = ranges?.write ? showRange(ranges.write) : String(write);
  return `${reads} read and ${writes} write units`;
}

function showLimits({ read, write }: OnDemandLimits): string {
  const sides = [
    ...(read === undefined ? [] : [`${read} read`]),
    ...(write === undefined ? [] : [`${write} write`]),
  ];
  return sides.length === 0 ? "" : `, at most ${sides.join(" and ")} units a second`;
}

function showBilling(billing: Billing, place: string, limits: OnDemandLimits, scaling: ScalingByPlace) {
  if (billing.mode === "PAY_PER_REQUEST") return `on-demand${showLimits(limits)}`;
  const kind = scaling.has(place) ? "autoscaled" : "provisioned";
  return `${kind}, ${showCapacity(billing.capacity, place, scaling)}`;
}

const ENCRYPTION: Record<EncryptionState["kind"], string> = {
  "aws-owned": "a key of AWS's own",
  "aws-managed": "the account's aws/dynamodb key",
  "customer-key": "a customer key",
};

function showReplicas({ replicas }: AwsSettings): string {
  return replicas
    .map(({ region, pointInTimeRecovery }) => (pointInTimeRecovery ? region : `${region} (no recovery)`))
    .join(", ");
}

function indexFacts(table: DeclaredTable, aws: AwsSettings, scaling: ScalingByPlace): Fact[] {
  const global = Object.entries(table.indexes).map(([name, { design, capacity }]) => {
    const place = scalingPlace(table.name, name);
    const units = capacity ? `; ${showCapacity(capacity, place, scaling)}` : "";
    const limits = showLimits(aws.indexOnDemandLimits[name] ?? {});
    return {
      label: "index",
      value: `${name}: ${showKeys(design)}; ${showProjection(design.projection)}${units}${limits}`,
    };
  });
  const local = Object.entries(table.localIndexes).map(([name, design]) => ({
    label: "local index",
    value: `${name}: ${showKeys(design)}; ${showProjection(design.projection)}`,
  }));
  return [...global, ...local];
}

/** What matters of a declared table, in the order in which it is told. */
export function tableFacts(
  resource: DeclaredResource,
  scaling: ScalingByPlace,
  replicas: ReplicasByTable,
): Fact[] {
  const table = readDeclaredTable(resource);
  const aws = readAwsSettings(resource, replicas);
  const tags = Object.entries(aws.tags).map(([key, value]) => `${key}=${value}`);
  return [
    { label: "name", value: table.name },
    { label: "keys", value: showKeys(table) },
    ...indexFacts(table, aws, scaling),
    {
      label: "billing",
      value: showBilling(table.billing, scalingPlace(table.name), aws.onDemandLimits, scaling),
    },
    { label: "stream", value: table.streamView ?? "none" },
    { label: "expiry", value: table.ttlAttribute ?? "none" },
    { label: "recovery", value: aws.recoveryDays > 0 ? `${aws.recoveryDays} days back` : "off" },
    { label: "encryption", value: ENCRYPTION[aws.encryption.kind] },
    { label: "deletion", value: table.deletionProtection ? "refused" : "allowed" },
    ...(aws.replicas.length > 0 ? [{ label: "replicas", value: showReplicas(aws) }] : []),
    ...(aws.tableClass === "STANDARD" ? [] : [{ label: "class", value: "infrequent access" }]),
    ...(tags.length > 0 ? [{ label: "tags", value: tags.join(", ") }] : []),
  ];
}
