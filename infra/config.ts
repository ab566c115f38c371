import { combinationMistakes } from "./config/combinations.ts";
import {
  type CapacityRange,
  FIELDS,
  type Key,
  OPTIONS,
  region,
  type ScheduledScaling,
  type Values,
} from "./config/fields.ts";

export type { CapacityRange, ScheduledScaling };

/** How a table is billed. Capacity units are per second, and the same for the table and each index. */
export type Billing =
  | { readonly mode: "on-demand"; readonly maxReadUnits?: number; readonly maxWriteUnits?: number }
  | { readonly mode: "provisioned"; readonly readCapacity: number; readonly writeCapacity: number }
  | {
      readonly mode: "autoscaled";
      readonly read: CapacityRange;
      readonly write: CapacityRange;
      /** Percent of the capacity that is aimed at. */
      readonly targetUtilization: number;
      readonly schedules: readonly ScheduledScaling[];
    };

/** Who makes the secondary indexes: this program, or migration 0001. */
export type IndexOwner = "pulumi" | "migration";

/** With whose key a table is encrypted: it always is. */
export type Encryption =
  | { readonly kind: "aws-owned" }
  | { readonly kind: "aws-managed" }
  /** Without `keyArn` the program makes a key. */
  | { readonly kind: "customer-key"; readonly keyArn?: string };

/** A copy of the table in another region (global tables, version 2019.11.21). */
export interface Replica {
  readonly region: string;
  /** A key of that region, where the table has a customer key. */
  readonly keyArn?: string;
}

/** What fills a table as it is made. */
export interface S3Import {
  readonly bucket: string;
  readonly keyPrefix?: string;
  readonly format: "DYNAMODB_JSON" | "CSV" | "ION";
  readonly compression: "NONE" | "GZIP" | "ZSTD";
}

/** Which workflows of GitHub Actions may deploy. */
export interface GithubTrust {
  /** `owner/name`, or `owner@id/name@id`: as the subject of the repository's tokens begins. */
  readonly repository: string;
  /** Only jobs of this environment; without it, only the main branch. */
  readonly environment?: string;
  /** The account's provider for GitHub; without it the program makes one. */
  readonly oidcProviderArn?: string;
}

/** The roles of the tools and of the app. */
export interface AccessConfig {
  /** Who may take the roles; empty: whoever the account's own policies allow. */
  readonly principals: readonly string[];
  readonly github?: GithubTrust;
}

/** When an alarm goes off. */
export interface AlarmConfig {
  readonly email?: string;
  /** Requests throttled in 5 minutes. */
  readonly throttledRequests: number;
  /** Server-side errors in 5 minutes. */
  readonly systemErrors: number;
  /** Percent of the provisioned capacity, or of what the account may use. */
  readonly consumedCapacityPercent: number;
  /** The account's quota of units a second for an on-demand table. */
  readonly accountReadCapacity: number;
  readonly accountWriteCapacity: number;
  readonly replicationLatencySeconds: number;
  readonly iteratorAgeSeconds: number;
}

/** How the stream's records reach the consumer. */
export interface ConsumerConfig {
  readonly batchSize: number;
  /** Batches of one shard that are handled at once. */
  readonly parallelization: number;
  readonly retryAttempts: number;
  readonly maximumRecordAgeSeconds: number;
}

/** A stack's configuration, typed. What each key means stands in Pulumi.yaml. */
export interface StackConfig {
  readonly tableNamePrefix: string;
  readonly ledgerTableName: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly indexOwner: IndexOwner;
  readonly billing: Billing;
  readonly warmThroughput?: { readonly read: number; readonly write: number };
  readonly tableClass: Values["tableClass"];
  readonly stream: boolean;
  readonly kinesisStreamArn?: string;
  readonly ttlAttribute?: string;
  readonly deletionProtection: boolean;
  /** How far back a restore can reach; 0 where it is off. */
  readonly pointInTimeRecoveryDays: number;
  readonly encryption: Encryption;
  readonly replicas: readonly Replica[];
  readonly contributorInsights: boolean;
  readonly import?: S3Import;
  readonly backupPlan?: { readonly retentionDays: number };
  readonly access?: AccessConfig;
  readonly alarms?: AlarmConfig;
  readonly dashboard: boolean;
  readonly monthlyBudgetUsd?: number;
  readonly consumer?: ConsumerConfig;
  /** How long log groups keep their lines. */
  readonly logRetentionDays: number;
}

/** Where the values come from; `values` is what `pulumi.runtime.allConfig()` returns. */
export interface ConfigSource {
  readonly project: string;
  readonly stack: string;
  readonly values: Readonly<Record<string, string>>;
  /** What a key has that nobody set: `readDefaults`. A value equal to it counts as not set. */
  readonly defaults: Readonly<Record<string, string>>;
}

/** A configuration, or every mistake in it as one line each: file, key, and what is allowed. */
export type ParsedConfig =
  | { readonly config: StackConfig; readonly mistakes: readonly [] }
  | { readonly config?: undefined; readonly mistakes: readonly string[] };

const KEYS = Object.keys(FIELDS) as Key[];

/** Leaves out what is undefined, so that an option that is not set is not there. */
const defined = <T extends object>(object: T) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T as undefined extends T[K] ? never : K]: T[K];
  } & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

function billingOf(values: Values): Billing {
  const { billingMode: mode, targetUtilization, scheduledScaling: schedules } = values;
  if (mode === "provisioned") {
    return { mode, readCapacity: values.readCapacity ?? 0, writeCapacity: values.writeCapacity ?? 0 };
  }
  if (mode === "autoscaled") {
    const range = (min = 0, max = 0) => ({ min, max });
    const read = range(values.minReadCapacity, values.maxReadCapacity);
    const write = range(values.minWriteCapacity, values.maxWriteCapacity);
    return { mode, read, write, targetUtilization, schedules };
  }
  const { maxReadRequestUnits: maxReadUnits, maxWriteRequestUnits: maxWriteUnits } = values;
  return { mode, ...defined({ maxReadUnits, maxWriteUnits }) };
}

function encryptionOf({ encryption: kind, kmsKeyArn: keyArn }: Values): Encryption {
  return kind === "customer-key" ? { kind, ...defined({ keyArn }) } : { kind };
}

function replicasOf({ replicaRegions, replicaKmsKeyArns }: Values): Replica[] {
  return replicaRegions.map((region) => {
    const keyArn = replicaKmsKeyArns.find((arn) => arn.split(":")[3] === region);
    return { region, ...defined({ keyArn }) };
  });
}

function importOf(values: Values): S3Import | undefined {
  const {
    importBucket: bucket,
    importKeyPrefix: keyPrefix,
    importCompression: compression = "NONE",
  } = values;
  const { importFormat: format = "DYNAMODB_JSON" } = values;
  return bucket === undefined ? undefined : { bucket, format, compression, ...defined({ keyPrefix }) };
}

function accessOf(values: Values): AccessConfig | undefined {
  if (!values.accessRoles) return undefined;
  const { githubRepository: repository, githubEnvironment: environment, githubOidcProviderArn } = values;
  const github =
    repository === undefined
      ? undefined
      : { repository, ...defined({ environment, oidcProviderArn: githubOidcProviderArn }) };
  return { principals: values.accessPrincipals, ...defined({ github }) };
}

function alarmsOf(values: Values): AlarmConfig | undefined {
  if (!values.alarms) return undefined;
  return {
    throttledRequests: values.throttledRequestsAlarm,
    systemErrors: values.systemErrorsAlarm,
    consumedCapacityPercent: values.consumedCapacityAlarmPercent,
    accountReadCapacity: values.accountReadCapacity,
    accountWriteCapacity: values.accountWriteCapacity,
    replicationLatencySeconds: values.replicationLatencyAlarmSeconds,
    iteratorAgeSeconds: values.iteratorAgeAlarmSeconds,
    ...defined({ email: values.alarmEmail }),
  };
}

function consumerOf(values: Values): ConsumerConfig | undefined {
  if (!values.streamConsumer) return undefined;
  return {
    batchSize: values.consumerBatchSize,
    parallelization: values.consumerParallelization,
    retryAttempts: values.consumerRetryAttempts,
    maximumRecordAgeSeconds: values.consumerMaximumRecordAgeSeconds,
  };
}

function toConfig(values: Values, stack: string): StackConfig {
  const { warmReadUnits: read, warmWriteUnits: write } = values;
  return {
    tableNamePrefix: values.tableNamePrefix,
    ledgerTableName: values.ledgerTableName ?? `tablewright-ledger-${stack}`,
    tags: values.tags,
    indexOwner: values.indexOwner,
    billing: billingOf(values),
    tableClass: values.tableClass,
    stream: values.stream,
    deletionProtection: values.deletionProtection,
    pointInTimeRecoveryDays: values.pointInTimeRecoveryDays,
    encryption: encryptionOf(values),
    replicas: replicasOf(values),
    contributorInsights: values.contributorInsights,
    dashboard: values.dashboard,
    logRetentionDays: values.logRetentionDays,
    ...defined({
      warmThroughput: read === undefined || write === undefined ? undefined : { read, write },
      kinesisStreamArn: values.kinesisStreamArn,
      ttlAttribute: values.ttlAttribute,
      import: importOf(values),
      backupPlan: values.backupPlan ? { retentionDays: values.backupRetentionDays } : undefined,
      access: accessOf(values),
      alarms: alarmsOf(values),
      monthlyBudgetUsd: values.monthlyBudgetUsd,
      consumer: consumerOf(values),
    }),
  };
}

/** What is wrong with one value by itself, one line for each element of a list. */
function fieldMistakes(given: string, issues: readonly { path: PropertyKey[]; message: string }[]): string[] {
  // What was no text in the file comes as JSON.
  const shown = /^[[{]/.test(given) ? given : JSON.stringify(given);
  return issues.map(({ path, message }) =>
    path.length === 0 ? `is ${shown}; ${message}` : `[${path.join(".")}] is wrong in ${given}; ${message}`,
  );
}

/**
 * What a value is that only the Pulumi CLI can open, where the program is evaluated without it. It is
 * reported there, so it is neither right nor wrong here.
 */
const UNKNOWN_VALUE = "[secret]";

/** Parses a stack's configuration: a whole one, or every mistake at once. */
export function parseStackConfig({ project, stack, values, defaults }: ConfigSource): ParsedConfig {
  const mistakes: string[] = [];
  const mistake = (key: string, problem: string, namespace = project) => {
    mistakes.push(`Pulumi.${stack}.yaml: ${namespace}:${key} ${problem}`);
  };
  for (const name of Object.keys(values)) {
    const key = name.startsWith(`${project}:`) ? name.slice(project.length + 1) : undefined;
    if (key !== undefined && !(key in FIELDS)) {
      mistake(key, "is not a setting of this program; Pulumi.yaml lists them all");
    }
  }
  const awsRegion = values["aws:region"];
  if (awsRegion !== undefined && awsRegion !== UNKNOWN_VALUE) {
    const issues = region.safeParse(awsRegion).error?.issues ?? [];
    for (const problem of fieldMistakes(awsRegion, issues)) mistake("region", problem, "aws");
  }
  const right: Record<string, unknown> = {};
  for (const key of KEYS) {
    const given = values[`${project}:${key}`];
    if (given === undefined) {
      if (!(key in OPTIONS)) mistake(key, "is missing, and Pulumi.yaml has no default for it");
      continue;
    }
    if (given === UNKNOWN_VALUE) continue;
    const parsed = FIELDS[key].safeParse(given);
    if (parsed.success) right[key] = parsed.data;
    else for (const problem of fieldMistakes(given, parsed.error.issues)) mistake(key, problem);
  }
  const says = (key: Key) => values[`${project}:${key}`] !== defaults[key];
  for (const { key, problem } of combinationMistakes({ values: right as Partial<Values>, says })) {
    mistake(key, problem);
  }
  if (mistakes.length > 0) return { mistakes };
  return { config: toConfig(right as Values, stack), mistakes: [] };
}
