import type { IndexDesign, KeyAttribute } from "../../dynamo/table-design.ts";
import type { AwsSettings, OnDemandLimits } from "../aws-settings.ts";
import { showKeys, showProjection } from "../plan/table-facts.ts";
import type { Capacity, TableState } from "../table-state.ts";

/** What stands for a property that is not there. */
export const NONE = "none";

/** A property of a table, by the provider's name, such as `ttl.attributeName`, and its value in words. */
export type Entry = readonly [path: string, value: string];

const showKey = (key: KeyAttribute | undefined) => (key ? `${key.name} (${key.type})` : NONE);
const showFlag = (flag: boolean) => (flag ? "true" : "false");
const showUnits = (units: number | undefined) => (units === undefined ? NONE : String(units));

const capacityFields = (prefix: string, { read, write }: Capacity): Entry[] => [
  [`${prefix}readCapacity`, String(read)],
  [`${prefix}writeCapacity`, String(write)],
];

const limitFields = (prefix: string, { read, write }: OnDemandLimits): Entry[] => [
  [`${prefix}onDemandThroughput.maxReadRequestUnits`, showUnits(read)],
  [`${prefix}onDemandThroughput.maxWriteRequestUnits`, showUnits(write)],
];

const indexFields = (prefix: string, { partitionKey, sortKey, projection }: IndexDesign): Entry[] => [
  [`${prefix}hashKey`, showKey(partitionKey)],
  [`${prefix}rangeKey`, showKey(sortKey)],
  [`${prefix}projectionType`, showProjection(projection)],
];

/** An index as a whole, for the side that the other has nothing like. */
const wholeIndex = (path: string, design: IndexDesign): Entry => [
  path,
  `${showKeys(design)}; ${showProjection(design.projection)}`,
];

/** Which indexes both sides have: these are compared property by property, the others as a whole. */
export interface CommonIndexes {
  readonly global: ReadonlySet<string>;
  readonly local: ReadonlySet<string>;
}

/** The fields of what every engine knows of a table. */
export function stateFields(state: TableState, common: CommonIndexes): Entry[] {
  const { billing } = state;
  const global = Object.entries(state.indexes).flatMap(([name, { design, capacity }]) => {
    const path = `globalSecondaryIndexes.${name}`;
    if (!common.global.has(name)) return [wholeIndex(path, design)];
    const units = billing.mode === "PROVISIONED" ? capacity : undefined;
    return [...indexFields(`${path}.`, design), ...(units ? capacityFields(`${path}.`, units) : [])];
  });
  const local = Object.entries(state.localIndexes).flatMap(([name, design]) => {
    const path = `localSecondaryIndexes.${name}`;
    return common.local.has(name) ? indexFields(`${path}.`, design) : [wholeIndex(path, design)];
  });
  return [
    ["hashKey", showKey(state.partitionKey)],
    ["rangeKey", showKey(state.sortKey)],
    ...global,
    ...local,
    ["billingMode", billing.mode],
    ...(billing.mode === "PROVISIONED" ? capacityFields("", billing.capacity) : []),
    ["streamEnabled", showFlag(state.streamView !== undefined)],
    ...(state.streamView ? [["streamViewType", state.streamView] as const] : []),
    ["ttl.attributeName", state.ttlAttribute ?? NONE],
    ["deletionProtectionEnabled", showFlag(state.deletionProtection)],
  ];
}

/** The fields of what only AWS knows of a table. Encryption and warm throughput need more than a comparison. */
export function awsFields(aws: AwsSettings, common: CommonIndexes): Entry[] {
  const { recoveryDays, replicas, tags } = aws;
  return [
    ["pointInTimeRecovery.enabled", showFlag(recoveryDays > 0)],
    ...(recoveryDays > 0
      ? [["pointInTimeRecovery.recoveryPeriodInDays", String(recoveryDays)] as const]
      : []),
    ["tableClass", aws.tableClass],
    ...limitFields("", aws.onDemandLimits),
    ...Object.entries(aws.indexOnDemandLimits)
      .filter(([name]) => common.global.has(name))
      .flatMap(([name, limits]) => limitFields(`globalSecondaryIndexes.${name}.`, limits)),
    ...replicas.map(({ region }) => [`replicas.${region}`, "present"] as const),
    ...Object.entries(tags).map(([key, value]) => [`tags.${key}`, value] as const),
  ];
}
