import { z } from "zod";

/** Leaves room for the names of roles and functions, which have 64 characters and begin with the table's. */
const MAX_PREFIX = 32;
/** Bytes of an attribute name (AWS: Service, account, and table quotas, "Attribute names"). */
const MAX_ATTRIBUTE_NAME = 255;

const NAME_RULE = "letters, digits, dot, dash and underscore";

/** A text of a certain form; `rule` finishes the sentence "it must be …". */
const text = (pattern: RegExp, rule: string) => {
  const error = `it must be ${rule}`;
  return z.string({ error }).regex(pattern, { error });
};

const choice = <const T extends readonly [string, ...string[]]>(...choices: T) =>
  z.enum(choices, { error: `it must be ${choices.join(" or ")}` });

const flag = choice("false", "true").transform((value) => value === "true");

/** A whole number of something between two bounds; `unit` says of what. */
const whole = (unit: string, least = 1, most = Number.MAX_SAFE_INTEGER) => {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  const error = `it must be a whole number of ${unit}, ${range}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, { error, abort: true })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error });
};

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** A list of `what`; Pulumi hands it over as JSON. Each element that is wrong is reported by its place. */
const list = <T extends z.ZodType<unknown, unknown>>(element: T, what: string) =>
  z
    .string()
    .transform(parseJson)
    .pipe(z.array(element, { error: `it must be a list of ${what}` }));

const arn = (service: string, rule: string) => text(new RegExp(`^arn:aws[a-z-]*:${service}:`), rule);
/** An AWS region, in the form that the AWS provider knows: eusc-de-east-1 is one (CanonicalRegionPattern). */
export const region = text(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, "an AWS region such as us-east-1");

/** `key=value` pairs as an object. */
const pairs = (rule: string, what: string) =>
  list(text(/^[^=]+=.*$/s, rule), what).transform((entries) =>
    Object.fromEntries(
      entries.map((entry) => [entry.split("=", 1)[0] ?? "", entry.slice(entry.indexOf("=") + 1)]),
    ),
  );

/** One schedule of an autoscaled table: `cron(0 7 ? * MON-FRI *) read 100-1000 write 50-500`. */
const SCHEDULE = /^((?:cron|rate|at)\([^)]+\))(?: read (\d+)-(\d+))?(?: write (\d+)-(\d+))?$/;

/** The least and the most capacity units a second. */
export interface CapacityRange {
  readonly min: number;
  readonly max: number;
}

/** A change of the autoscaling range at certain times. */
export interface ScheduledScaling {
  /** A schedule expression of Application Auto Scaling: `cron(…)`, `rate(…)` or `at(…)`, in UTC. */
  readonly schedule: string;
  readonly read?: CapacityRange;
  readonly write?: CapacityRange;
}

const range = (min: string | undefined, max: string | undefined): CapacityRange | undefined =>
  min === undefined || max === undefined ? undefined : { min: Number(min), max: Number(max) };

const schedule = z.string().transform((value, context): ScheduledScaling => {
  const [, expression = "", minRead, maxRead, minWrite, maxWrite] = SCHEDULE.exec(value) ?? [];
  const read = range(minRead, maxRead);
  const write = range(minWrite, maxWrite);
  if (!read && !write) {
    const message = 'it must be like "cron(0 7 ? * MON-FRI *) read 100-1000 write 50-500"';
    context.addIssue({ code: "custom", message });
  }
  for (const { min, max } of [read, write].filter((part) => part !== undefined)) {
    if (min < 1 || min > max)
      context.addIssue({ code: "custom", message: `${min}-${max} is no range of units` });
  }
  return { schedule: expression, ...(read && { read }), ...(write && { write }) };
});

/** The settings that always have a value: their defaults stand in Pulumi.yaml. */
export const SETTINGS = {
  // A dot, which a table may have, is refused by the names of keys, topics, queues and functions.
  tableNamePrefix: text(
    new RegExp(`^[a-zA-Z0-9_-]{0,${MAX_PREFIX}}$`),
    `at most ${MAX_PREFIX} letters, digits, dashes and underscores`,
  ),
  tags: pairs("a tag as key=value", "tags, each as key=value, such as [team=photos]"),
  indexOwner: choice("pulumi", "migration"),
  billingMode: choice("on-demand", "provisioned", "autoscaled"),
  targetUtilization: whole("percent", 20, 90),
  scheduledScaling: list(schedule, "schedules"),
  tableClass: choice("standard", "infrequent-access"),
  stream: flag,
  deletionProtection: flag,
  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html
  pointInTimeRecoveryDays: whole("days (0: off)", 0, 35),
  encryption: choice("aws-owned", "aws-managed", "customer-key"),
  backupPlan: flag,
  backupRetentionDays: whole("days"),
  replicaRegions: list(region, "AWS regions"),
  replicaKmsKeyArns: list(arn("kms", "the ARN of a KMS key"), "ARNs of KMS keys"),
  contributorInsights: flag,
  accessRoles: flag,
  accessPrincipals: list(arn("(?:iam|sts)", "the ARN of an account, a role or a user"), "ARNs"),
  alarms: flag,
  throttledRequestsAlarm: whole("requests in 5 minutes"),
  systemErrorsAlarm: whole("errors in 5 minutes"),
  consumedCapacityAlarmPercent: whole("percent", 1, 100),
  accountReadCapacity: whole("units"),
  accountWriteCapacity: whole("units"),
  replicationLatencyAlarmSeconds: whole("seconds"),
  iteratorAgeAlarmSeconds: whole("seconds"),
  dashboard: flag,
  streamConsumer: flag,
  // https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
  consumerBatchSize: whole("records", 1, 10_000),
  consumerParallelization: whole("batches a shard", 1, 10),
  consumerRetryAttempts: whole("retries", 0, 10_000),
  consumerMaximumRecordAgeSeconds: whole("seconds", 60, 86_400),
  logRetentionDays: choice(
    ...([
      "1",
      "3",
      "5",
      "7",
      "14",
      "30",
      "60",
      "90",
      "120",
      "150",
      "180",
      "365",
      "400",
      "545",
      "731",
    ] as const),
    ...(["1096", "1827", "2192", "2557", "2922", "3288", "3653"] as const),
  ).transform(Number),
} as const;

/** The settings that may be left out. */
export const OPTIONS = {
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
  ledgerTableName: text(/^[a-zA-Z0-9_.-]{3,255}$/, `3 to 255 ${NAME_RULE}`),
  readCapacity: whole("units"),
  writeCapacity: whole("units"),
  minReadCapacity: whole("units"),
  maxReadCapacity: whole("units"),
  minWriteCapacity: whole("units"),
  maxWriteCapacity: whole("units"),
  maxReadRequestUnits: whole("units"),
  maxWriteRequestUnits: whole("units"),
  warmReadUnits: whole("units a second"),
  warmWriteUnits: whole("units a second"),
  kinesisStreamArn: arn("kinesis", "the ARN of a Kinesis data stream"),
  ttlAttribute: z.string().refine((name) => name !== "" && Buffer.byteLength(name) <= MAX_ATTRIBUTE_NAME, {
    error: `it must be an attribute name of 1 to ${MAX_ATTRIBUTE_NAME} bytes`,
  }),
  kmsKeyArn: arn("kms", "the ARN of a KMS key"),
  importBucket: text(/^[a-z0-9.-]{3,63}$/, "the name of an S3 bucket"),
  importKeyPrefix: text(/^.{1,1024}$/, "1 to 1024 characters"),
  importFormat: choice("DYNAMODB_JSON", "CSV", "ION"),
  importCompression: choice("NONE", "GZIP", "ZSTD"),
  // With ids, as the tokens of repositories made since July 2026 say it:
  // https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
  githubRepository: text(/^[\w.-]+\/[\w.-]+$|^[\w.-]+@\d+\/[\w.-]+@\d+$/, "owner/name, or owner@id/name@id"),
  githubEnvironment: text(/^[^:*]{1,255}$/, "the name of a GitHub environment"),
  githubOidcProviderArn: arn("iam", "the ARN of an OIDC provider"),
  alarmEmail: text(/^[^@\s]+@[^@\s]+$/, "an e-mail address"),
  monthlyBudgetUsd: whole("US dollars"),
} as const;

/** Every setting and option by its key, as in Pulumi.yaml. */
export const FIELDS = { ...SETTINGS, ...OPTIONS };

/** A key of the configuration. */
export type Key = keyof typeof FIELDS;

type Output<T extends Record<string, z.ZodType>> = { readonly [K in keyof T]: z.output<T[K]> };

/** The single values of a configuration, each right by itself. */
export type Values = Output<typeof SETTINGS> & Partial<Output<typeof OPTIONS>>;
