import fc from "fast-check";
import type { Overrides } from "./evaluate.ts";

/** A configuration without the keys that are not set. */
type Drawn = Readonly<Record<string, string | undefined>>;

const flag = fc.constantFrom("true", "false");
const units = (least: number, most: number) => fc.integer({ min: least, max: most });
const list = (...elements: readonly string[]) => JSON.stringify(elements);

const billing: fc.Arbitrary<Drawn> = fc.oneof(
  fc.record({
    billingMode: fc.constant("on-demand"),
    maxReadRequestUnits: fc.option(fc.constant("500"), { nil: undefined }),
    maxWriteRequestUnits: fc.option(fc.constant("200"), { nil: undefined }),
  }),
  fc.record({
    billingMode: fc.constant("provisioned"),
    readCapacity: units(1, 99).map(String),
    writeCapacity: units(1, 99).map(String),
  }),
  fc
    .record({ least: units(1, 9), most: units(10, 99), target: units(20, 90), scheduled: fc.boolean() })
    .map(({ least, most, target, scheduled }) => ({
      billingMode: "autoscaled",
      minReadCapacity: String(least),
      maxReadCapacity: String(most),
      minWriteCapacity: String(least),
      maxWriteCapacity: String(most),
      targetUtilization: String(target),
      scheduledScaling: scheduled ? list("cron(0 7 ? * MON-FRI *) read 20-200 write 10-100") : "[]",
    })),
);

const encryption: fc.Arbitrary<Drawn> = fc.constantFrom<Drawn>(
  { encryption: "aws-owned" },
  { encryption: "aws-managed" },
  { encryption: "customer-key" },
  { encryption: "customer-key", kmsKeyArn: "arn:aws:kms:us-east-1:111111111111:key/given" },
);

/** Replicas want a stream, room to grow, and a key of their own where the table has a customer's. */
function withReplicas(config: Drawn, wanted: boolean): Drawn {
  if (!wanted || config.billingMode === "provisioned") return config;
  const keys =
    config.encryption === "customer-key" ? list("arn:aws:kms:eu-west-1:111111111111:key/replica") : "[]";
  return { ...config, stream: "true", replicaRegions: list("eu-west-1"), replicaKmsKeyArns: keys };
}

/** A consumer wants a stream. */
const withoutOrphans = (config: Drawn): Drawn =>
  config.stream === "true" ? config : { ...config, streamConsumer: "false" };

/** Where there are roles, GitHub may take some. */
const withGithub = (config: Drawn): Drawn =>
  config.accessRoles === "true" ? { ...config, githubRepository: "acme/photos" } : config;

const parts = fc.record({
  billing,
  encryption,
  replicas: fc.boolean(),
  flags: fc.record({
    stream: flag,
    streamConsumer: flag,
    deletionProtection: flag,
    contributorInsights: flag,
    accessRoles: flag,
    alarms: flag,
    dashboard: flag,
    backupPlan: flag,
  }),
  others: fc.record({
    indexOwner: fc.constantFrom("pulumi", "migration"),
    tableNamePrefix: fc.constantFrom("", "team-a_", "prod-"),
    pointInTimeRecoveryDays: fc.constantFrom("0", "1", "35"),
    tableClass: fc.constantFrom("standard", "infrequent-access"),
    ttlAttribute: fc.option(fc.constant("expiresAt"), { nil: undefined }),
    tags: fc.constantFrom("[]", list("team=photos", "env=test")),
    importBucket: fc.option(fc.constant("exports"), { nil: undefined }),
  }),
});

/** A configuration of a stack that makes sense, as text values by bare key. */
export const configs: fc.Arbitrary<Overrides> = parts.map(
  ({ billing, encryption, replicas, flags, others }) => {
    const parts = { ...billing, ...encryption, ...flags, ...others };
    const drawn = withGithub(withoutOrphans(withReplicas(parts, replicas)));
    return Object.fromEntries(
      Object.entries(drawn).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
  },
);

/** The same configurations in every run: at least ten, as different as they come. */
export const GENERATED: readonly Overrides[] = fc.sample(configs, { numRuns: 12, seed: 20261121 });
