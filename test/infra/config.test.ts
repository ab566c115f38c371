import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readDefaults } from "../../infra/config/defaults.ts";
import { FIELDS, SETTINGS } from "../../infra/config/fields.ts";
import { parseStackConfig } from "../../infra/config.ts";
import { ROOT } from "../support/processes.ts";

interface SchemaEntry {
  readonly type: string;
  readonly default?: unknown;
  readonly description: string;
}

const SCHEMA = (
  parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as { config: Record<string, SchemaEntry> }
).config;

const DEFAULTS = readDefaults();

/** Parses these values on top of the defaults; `others` are of other namespaces. */
const parseValues = (values: Record<string, string>, others: Record<string, string> = {}) => {
  const own = Object.entries({ ...DEFAULTS, ...values }).map(([key, value]) => [`tablewright:${key}`, value]);
  return parseStackConfig({
    ...{ project: "tablewright", stack: "dev", defaults: DEFAULTS },
    values: { ...Object.fromEntries(own), ...others },
  });
};

/** The mistakes without the place that they all begin with. */
const mistakesOf = (values: Record<string, string>) =>
  parseValues(values).mistakes.map((mistake) => {
    expect(mistake).toMatch(/^Pulumi\.dev\.yaml: tablewright:/);
    return mistake.replace("Pulumi.dev.yaml: tablewright:", "");
  });

/** The keys of {@link mistakesOf}. */
const keysOf = (values: Record<string, string>) => mistakesOf(values).map((mistake) => mistake.split(" ")[0]);

const list = (...elements: string[]) => JSON.stringify(elements);

describe("Pulumi.yaml", () => {
  it("declares the keys that the program knows, each with a type and a description", () => {
    expect(Object.keys(SCHEMA).sort()).toEqual(Object.keys(FIELDS).sort());
    for (const [key, { type, description }] of Object.entries(SCHEMA)) {
      expect({ key, type }).toEqual({ key, type: expect.stringMatching(/^(string|integer|boolean|array)$/) });
      expect(description).toMatch(/^.{20,}\.$/);
    }
  });

  it("has a default for every setting that always has a value, and for no other", () => {
    expect(Object.keys(DEFAULTS).sort()).toEqual(Object.keys(SETTINGS).sort());
    expect(parseValues({}).mistakes).toEqual([]);
  });

  it.each(Object.entries(SCHEMA))("gives %s the type that the program reads", (key, { type }) => {
    const wrong = { integer: "many", boolean: "perhaps", array: "{", string: undefined }[type];
    if (wrong === undefined) expect(FIELDS[key as keyof typeof FIELDS].safeParse(0).success).toBe(false);
    else expect(mistakesOf({ [key]: wrong })[0]).toMatch(new RegExp(`^${key} is .*; it must be`));
  });
});

describe("the stack's configuration", () => {
  it("is small, cheap and recoverable where nothing is said", () => {
    expect(parseValues({}).config).toEqual({
      tableNamePrefix: "",
      ledgerTableName: "tablewright-ledger-dev",
      tags: {},
      indexOwner: "pulumi",
      billing: { mode: "on-demand" },
      tableClass: "standard",
      stream: false,
      deletionProtection: false,
      pointInTimeRecoveryDays: 35,
      encryption: { kind: "aws-owned" },
      replicas: [],
      contributorInsights: false,
      dashboard: false,
      logRetentionDays: 365,
    });
  });

  it("is read in full", () => {
    const { config, mistakes } = parseValues({
      tableNamePrefix: "team-a_",
      ledgerTableName: "ledger",
      tags: list("team=photos", "note=a=b"),
      indexOwner: "migration",
      billingMode: "autoscaled",
      minReadCapacity: "5",
      maxReadCapacity: "50",
      minWriteCapacity: "6",
      maxWriteCapacity: "60",
      targetUtilization: "60",
      scheduledScaling: list("cron(0 7 ? * MON-FRI *) read 100-1000 write 50-500", "rate(1 day) write 1-2"),
      warmReadUnits: "12000",
      warmWriteUnits: "4000",
      tableClass: "infrequent-access",
      stream: "true",
      kinesisStreamArn: "arn:aws:kinesis:us-east-1:111111111111:stream/changes",
      ttlAttribute: "expiresAt",
      deletionProtection: "true",
      pointInTimeRecoveryDays: "7",
      encryption: "customer-key",
      kmsKeyArn: "arn:aws:kms:us-east-1:111111111111:key/one",
      backupPlan: "true",
      backupRetentionDays: "90",
      replicaRegions: list("eu-west-1"),
      replicaKmsKeyArns: list("arn:aws:kms:eu-west-1:111111111111:key/two"),
      importBucket: "exports",
      importKeyPrefix: "2026/",
      importFormat: "ION",
      importCompression: "GZIP",
      accessRoles: "true",
      accessPrincipals: list("arn:aws:iam::111111111111:role/ci"),
      githubRepository: "team/photos",
      githubEnvironment: "prod",
      githubOidcProviderArn: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com",
      contributorInsights: "true",
      alarms: "true",
      alarmEmail: "on-call@example.com",
      dashboard: "true",
      monthlyBudgetUsd: "200",
      streamConsumer: "true",
      logRetentionDays: "30",
    });
    expect(mistakes).toEqual([]);
    expect(config).toEqual({
      tableNamePrefix: "team-a_",
      ledgerTableName: "ledger",
      tags: { team: "photos", note: "a=b" },
      indexOwner: "migration",
      billing: {
        mode: "autoscaled",
        read: { min: 5, max: 50 },
        write: { min: 6, max: 60 },
        targetUtilization: 60,
        schedules: [
          {
            schedule: "cron(0 7 ? * MON-FRI *)",
            read: { min: 100, max: 1000 },
            write: { min: 50, max: 500 },
          },
          { schedule: "rate(1 day)", write: { min: 1, max: 2 } },
        ],
      },
      warmThroughput: { read: 12000, write: 4000 },
      tableClass: "infrequent-access",
      stream: true,
      kinesisStreamArn: "arn:aws:kinesis:us-east-1:111111111111:stream/changes",
      ttlAttribute: "expiresAt",
      deletionProtection: true,
      pointInTimeRecoveryDays: 7,
      encryption: { kind: "customer-key", keyArn: "arn:aws:kms:us-east-1:111111111111:key/one" },
      replicas: [{ region: "eu-west-1", keyArn: "arn:aws:kms:eu-west-1:111111111111:key/two" }],
      contributorInsights: true,
      import: { bucket: "exports", keyPrefix: "2026/", format: "ION", compression: "GZIP" },
      backupPlan: { retentionDays: 90 },
      access: {
        principals: ["arn:aws:iam::111111111111:role/ci"],
        github: {
          repository: "team/photos",
          environment: "prod",
          oidcProviderArn: "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com",
        },
      },
      alarms: {
        email: "on-call@example.com",
        throttledRequests: 10,
        systemErrors: 5,
        consumedCapacityPercent: 80,
        accountReadCapacity: 40_000,
        accountWriteCapacity: 40_000,
        replicationLatencySeconds: 60,
        iteratorAgeSeconds: 3600,
      },
      dashboard: true,
      monthlyBudgetUsd: 200,
      consumer: { batchSize: 100, parallelization: 1, retryAttempts: 5, maximumRecordAgeSeconds: 86_400 },
      logRetentionDays: 30,
    });
  });

  it("names every mistake at once, and each but once", () => {
    const mistakes = mistakesOf({
      tableNamePrefix: "a b",
      ledgerTableName: "x",
      indexOwner: "nobody",
      billingMode: "provisioned",
      readCapacity: "0",
      stream: "yes",
      ttlAttribute: "",
      deletionProtection: "1",
      tableNmaePrefix: "prod-",
      tags: list("team"),
      pointInTimeRecoveryDays: "36",
    });
    expect(mistakes).toEqual([
      "tableNmaePrefix is not a setting of this program; Pulumi.yaml lists them all",
      'tableNamePrefix is "a b"; it must be at most 32 letters, digits, dashes and underscores',
      'tags [0] is wrong in ["team"]; it must be a tag as key=value',
      'indexOwner is "nobody"; it must be pulumi or migration',
      'stream is "yes"; it must be false or true',
      'deletionProtection is "1"; it must be false or true',
      'pointInTimeRecoveryDays is "36"; it must be a whole number of days (0: off), 0 to 35',
      'ledgerTableName is "x"; it must be 3 to 255 letters, digits, dot, dash and underscore',
      'readCapacity is "0"; it must be a whole number of units, 1 or more',
      'ttlAttribute is ""; it must be an attribute name of 1 to 255 bytes',
      "writeCapacity is missing, and billingMode is provisioned",
    ]);
  });

  it.each([
    [{ readCapacity: "5" }, /^readCapacity is set, but billingMode is on-demand/],
    [
      { billingMode: "autoscaled", minReadCapacity: "9", maxReadCapacity: "5" },
      /^minReadCapacity is 9, above/,
    ],
    [{ billingMode: "autoscaled" }, /^maxWriteCapacity is missing, and billingMode is autoscaled/],
    [
      { scheduledScaling: list("rate(1 day) read 1-2") },
      /^scheduledScaling is set, but billingMode is on-demand/,
    ],
    [
      { maxReadRequestUnits: "5", billingMode: "provisioned" },
      /^maxReadRequestUnits is set, but billingMode/,
    ],
    [{ warmReadUnits: "5" }, /^warmReadUnits is set, but warmWriteUnits is not/],
    [{ kmsKeyArn: "arn:aws:kms:us-east-1:1:key/a" }, /^kmsKeyArn is set, but encryption is aws-owned/],
    [{ replicaRegions: list("eu-west-1") }, /^replicaRegions is set, but stream is false/],
    [{ streamConsumer: "true" }, /^streamConsumer is set, but stream is false/],
    [
      { replicaRegions: list("eu-west-1", "eu-west-1"), stream: "true" },
      /^replicaRegions names a region twice/,
    ],
    [
      { replicaRegions: list("eu-west-1"), stream: "true", encryption: "customer-key" },
      /^replicaKmsKeyArns has no key of eu-west-1/,
    ],
    [
      {
        ...{ replicaRegions: list("eu-west-1"), stream: "true", encryption: "customer-key" },
        replicaKmsKeyArns: list("arn:aws:kms:eu-west-1:1:key/a", "arn:aws:kms:us-west-1:1:key/a"),
      },
      /^replicaKmsKeyArns has a key of us-west-1, where no replica is/,
    ],
    [
      {
        ...{ replicaRegions: list("eu-west-1"), stream: "true" },
        ...{ billingMode: "provisioned", readCapacity: "1", writeCapacity: "1" },
      },
      /^replicaRegions is set, but billingMode is provisioned/,
    ],
    [{ importFormat: "CSV" }, /^importFormat is set, but importBucket is not/],
    [{ githubRepository: "a/b" }, /^githubRepository is set, but accessRoles is false/],
    [{ githubEnvironment: "prod" }, /^githubEnvironment is set, but githubRepository is not/],
    [{ alarmEmail: "a@b" }, /^alarmEmail is set, but alarms is false/],
    [{ accountReadCapacity: "9" }, /^accountReadCapacity is set, but alarms is false/],
    [{ throttledRequestsAlarm: "9" }, /^throttledRequestsAlarm is set, but alarms is false/],
    [{ alarms: "true", iteratorAgeAlarmSeconds: "9" }, /^iteratorAge\w+ is set, but streamConsumer is false/],
    [{ alarms: "true", replicationLatencyAlarmSeconds: "9" }, /^replic\w+ is set, but replicaRegions is not/],
    [{ backupRetentionDays: "9" }, /^backupRetentionDays is set, but backupPlan is false/],
    [{ targetUtilization: "50" }, /^targetUtilization is set, but billingMode is on-demand/],
    [
      { consumerBatchSize: "9" },
      /^consumerBatchSize is set, but streamConsumer is false: leave it out, or set/,
    ],
    [{ consumerParallelization: "9" }, /^consumerParallelization is set, but streamConsumer is false/],
    [{ consumerRetryAttempts: "9" }, /^consumerRetryAttempts is set, but streamConsumer is false/],
    [{ consumerMaximumRecordAgeSeconds: "99" }, /^consumerMaximum\w+ is set, but streamConsumer is false/],
    [{ logRetentionDays: "30" }, /^logRetentionDays is set, but streamConsumer is false/],
    [{ accessRoles: "true", githubRepository: "a@1/b" }, /^githubRepository .* owner@id\/name@id$/],
  ])("refuses %j, which makes no sense", (values, expected) => {
    expect(mistakesOf(values).filter((mistake) => expected.test(mistake))).toHaveLength(1);
  });

  it.each(["1.5", "-1", "ten", "", "1e3", "99999999999999999999"])("%j is no capacity", (readCapacity) => {
    expect(mistakesOf({ billingMode: "provisioned", readCapacity, writeCapacity: "1" })).toHaveLength(1);
  });

  it.each(["cron(0 7 * * ? *)", "daily read 1-2", "rate(1 day) read 5-2", "rate(1 day) read 0-2"])(
    "%j is no schedule",
    (schedule) => {
      const autoscaled = {
        ...{ billingMode: "autoscaled", minReadCapacity: "1", maxReadCapacity: "2" },
        ...{ minWriteCapacity: "1", maxWriteCapacity: "2" },
      };
      expect(mistakesOf({ ...autoscaled, scheduledScaling: list(schedule) })).toHaveLength(1);
    },
  );

  it("leaves the keys of other namespaces alone", () => {
    expect(parseValues({}, { "other:indexOwner": "nobody", "aws:profile": "mars" }).mistakes).toEqual([]);
  });

  it.each(["us-east-1", "us-gov-west-1", "ap-southeast-7", "eusc-de-east-1"])("%s is a region", (region) => {
    expect(parseValues({}, { "aws:region": region }).mistakes).toEqual([]);
  });

  it.each(["mars", "us-east", "US-EAST-1", "", "us-east-1a"])("%j is no region", (region) => {
    expect(parseValues({}, { "aws:region": region }).mistakes).toEqual([
      `Pulumi.dev.yaml: aws:region is ${JSON.stringify(region)}; it must be an AWS region such as us-east-1`,
    ]);
  });

  it.each([
    ['{"team":["photos"]}', '{"team":["photos"]}'],
    ["team=photos", '"team=photos"'],
  ])("%s is no list of tags, and says what one is", (tags, shown) => {
    expect(mistakesOf({ tags })).toEqual([
      `tags is ${shown}; it must be a list of tags, each as key=value, such as [team=photos]`,
    ]);
    expect(mistakesOf({ tags: "[1]" })).toEqual(["tags [0] is wrong in [1]; it must be a tag as key=value"]);
  });

  it("says what else is wrong beside a wrong billing mode", () => {
    expect(mistakesOf({ billingMode: "provisoned", readCapacity: "5", maxReadRequestUnits: "9" })).toEqual([
      'billingMode is "provisoned"; it must be on-demand or provisioned or autoscaled',
      "writeCapacity is missing, and readCapacity is for billingMode provisioned",
      "maxReadRequestUnits is set, but readCapacity is for billingMode provisioned: leave it out, or set billingMode to on-demand",
    ]);
    expect(keysOf({ billingMode: "many" })).toEqual(["billingMode"]);
  });

  it("says what else is wrong with a key that is wrong by itself, and nothing that only follows from it", () => {
    expect(keysOf({ readCapacity: "0" })).toEqual(["readCapacity", "readCapacity"]);
    expect(keysOf({ importBucket: "A", importFormat: "CSV" })).toEqual(["importBucket"]);
    expect(keysOf({ stream: "yes", streamConsumer: "true" })).toEqual(["stream"]);
  });

  it("takes a secret that it cannot read for set, and neither for right nor for wrong", () => {
    const secret = "[secret]";
    expect(keysOf({ githubRepository: secret, githubEnvironment: "prod", accessRoles: "true" })).toEqual([]);
    expect(keysOf({ billingMode: "provisioned", readCapacity: secret, writeCapacity: "1" })).toEqual([]);
    expect(keysOf({ alarmEmail: secret })).toEqual(["alarmEmail"]);
  });
});
