import type { AwsSettings, EncryptionState } from "../aws-settings.ts";
import { type ScalingByPlace, type ScalingRange, scalingPlace } from "../scaling-ranges.ts";
import type { DeclaredTable, TableState } from "../table-state.ts";
import { ignoringPath } from "./ignored-path.ts";
import { awsFields, type CommonIndexes, type Entry, NONE, stateFields } from "./table-fields.ts";

/** One property that is not as declared. */
export interface Difference {
  /** By the provider's names, such as `globalSecondaryIndexes.InvertedIndex.readCapacity`. */
  readonly path: string;
  readonly declared: string;
  readonly live: string;
}

/** True where an index is to go, or to get another shape: a local deploy does that only when told to prune. */
export const takesPruning = ({ path, declared }: Difference): boolean =>
  path.startsWith("globalSecondaryIndexes.") &&
  (declared === NONE || /\.(hashKey|rangeKey|projectionType)$/.test(path));

/** How a live table differs from its declaration. */
export interface TableComparison {
  readonly drift: readonly Difference[];
  /** Differences that the declaration allows and a reader should know of, in words. */
  readonly notes: readonly string[];
  /** What is declared and could not be looked at, in words. */
  readonly notCompared: readonly string[];
}

/** A table as declared. */
export interface DeclaredSide {
  readonly table: DeclaredTable;
  readonly aws: AwsSettings;
  /** The resource's own, such as `globalSecondaryIndexes`. */
  readonly ignoreChanges: readonly string[];
  readonly scaling: ScalingByPlace;
}

/** A table as found; `aws` where AWS itself holds it. */
export interface LiveSide {
  readonly state: TableState;
  readonly aws?: AwsSettings | undefined;
}

const CAPACITY = /^(?:globalSecondaryIndexes\.(.+)\.)?(read|write)Capacity$/;

function commonIndexes(one: TableState, other: TableState): CommonIndexes {
  const both = (first: object, second: object) =>
    new Set(Object.keys(first).filter((name) => name in second));
  return { global: both(one.indexes, other.indexes), local: both(one.localIndexes, other.localIndexes) };
}

/** The paths at which two sides differ; one that a side does not have counts as none there. */
function differences(declared: readonly Entry[], live: readonly Entry[]): Difference[] {
  const [wanted, found] = [new Map(declared), new Map(live)];
  const paths = [...new Set([...wanted.keys(), ...found.keys()])];
  return paths
    .map((path) => ({ path, declared: wanted.get(path) ?? NONE, live: found.get(path) ?? NONE }))
    .filter((entry) => entry.declared !== entry.live);
}

/** True for a property that only follows from another one which differs, and is told there. */
function follows({ path, declared, live }: Difference, all: readonly Difference[]): boolean {
  const differs = (other: string) => all.some((entry) => entry.path === other);
  if (CAPACITY.test(path) && differs("billingMode")) return true;
  return (
    (path === "streamViewType" || path.endsWith(".recoveryPeriodInDays")) && [declared, live].includes(NONE)
  );
}

/** The range in which an autoscaler may set a capacity. */
function rangeOf(path: string, table: string, scaling: ScalingByPlace): ScalingRange | undefined {
  const [, index, side] = CAPACITY.exec(path) ?? [];
  return side === undefined ? undefined : scaling.get(scalingPlace(table, index))?.[side as "read" | "write"];
}

/** The entry of the table's `ignoreChanges` that covers a path; a copy that is a resource of its own has none. */
function ruleOf(path: string, { aws, ignoreChanges }: DeclaredSide): string | undefined {
  const own = aws.replicas.filter(({ separate }) => separate).map(({ region }) => `replicas.${region}`);
  const isOwn = own.some((replica) => path === replica || path.startsWith(`${replica}.`));
  return isOwn ? undefined : ignoringPath(path, ignoreChanges);
}

/** Says what is worth knowing of a difference that the program leaves alone; undefined where nothing is. */
function noteOf(difference: Difference, rule: string, { table, scaling }: DeclaredSide): string | undefined {
  const { path, declared, live } = difference;
  const range = rangeOf(path, table.name, scaling);
  if (range && Number(live) >= range.min && Number(live) <= range.max) return undefined;
  const why = range ? `, outside the autoscaler's ${range.min} to ${range.max}` : "";
  return `${path}: declared ${declared}, live ${live}${why}; left alone by ignoreChanges ${rule}`;
}

const showEncryption = ({ kind, ...key }: EncryptionState) =>
  kind === "customer-key" ? ("keyArn" in key && key.keyArn) || "a customer key" : kind;

/** An alias names another thing than the key that AWS tells. */
const isAlias = (arn: string) => arn.includes(":alias/");

interface EncryptionVerdict {
  readonly drift: readonly Difference[];
  readonly notCompared: readonly string[];
}

/** AWS tells the ARN of a table's key and not whose it is, and a key that the stack makes has none before. */
function compareEncryption(declared: EncryptionState, live: EncryptionState): EncryptionVerdict {
  const path = "serverSideEncryption";
  const sides = { path, declared: showEncryption(declared), live: showEncryption(live) };
  const isOwned = (side: EncryptionState) => side.kind === "aws-owned";
  if (isOwned(declared) && isOwned(live)) return { drift: [], notCompared: [] };
  if (isOwned(declared) || isOwned(live)) return { drift: [sides], notCompared: [] };
  if (declared.kind === "customer-key" && declared.keyArn !== undefined && !isAlias(declared.keyArn)) {
    return { drift: sides.declared === sides.live ? [] : [sides], notCompared: [] };
  }
  return {
    drift: [],
    notCompared: [
      `${path}: declared ${sides.declared}; the live key is ${sides.live}, and whose it is only KMS says`,
    ],
  };
}

/** AWS raises warm throughput by itself as a table is used, so only one that is too low is drift. */
function compareWarmThroughput(declared: AwsSettings, live: AwsSettings): Difference[] {
  const sides = [
    ["readUnitsPerSecond", declared.warmThroughput.read, live.warmThroughput.read],
    ["writeUnitsPerSecond", declared.warmThroughput.write, live.warmThroughput.write],
  ] as const;
  return sides.flatMap(([name, wanted, found = 0]) =>
    wanted === undefined || found >= wanted
      ? []
      : [{ path: `warmThroughput.${name}`, declared: String(wanted), live: String(found) }],
  );
}

function compareReplicaKeys(declared: AwsSettings, live: AwsSettings): Difference[] {
  return declared.replicas.flatMap(({ region, keyArn }) => {
    const found = live.replicas.find((replica) => replica.region === region);
    if (keyArn === undefined || isAlias(keyArn) || !found || found.keyArn === keyArn) return [];
    return [{ path: `replicas.${region}.kmsKeyArn`, declared: keyArn, live: found.keyArn ?? NONE }];
  });
}

/** What is looked at in the table's own region only. */
const replicasNotCompared = ({ replicas }: AwsSettings) =>
  replicas.map(({ region }) => `replicas.${region}: recovery, deletion protection and tags of the copy`);

/**
 * Compares a declared table with a live one, property by property. What `ignoreChanges` names is no drift,
 * and becomes a note, unless it is a capacity in its autoscaler's range. Pure.
 */
export function diffTable(declared: DeclaredSide, live: LiveSide): TableComparison {
  const common = commonIndexes(declared.table, live.state);
  const all = differences(stateFields(declared.table, common), stateFields(live.state, common));
  const notCompared: string[] = [];
  if (live.aws) {
    const encryption = compareEncryption(declared.aws.encryption, live.aws.encryption);
    all.push(
      ...differences(awsFields(declared.aws, common), awsFields(live.aws, common)),
      ...encryption.drift,
      ...compareWarmThroughput(declared.aws, live.aws),
      ...compareReplicaKeys(declared.aws, live.aws),
    );
    notCompared.push(...encryption.notCompared, ...replicasNotCompared(declared.aws));
  } else {
    notCompared.push(...declared.table.notAppliedLocally);
  }
  const drift: Difference[] = [];
  const notes: string[] = [];
  for (const difference of all.filter((entry) => !follows(entry, all))) {
    const rule = ruleOf(difference.path, declared);
    if (rule === undefined) drift.push(difference);
    else notes.push(...[noteOf(difference, rule, declared)].filter((note) => note !== undefined));
  }
  return { drift, notes, notCompared };
}
