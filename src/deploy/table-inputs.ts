import { z } from "zod";
import { STREAM_VIEWS } from "./table-state.ts";

/** Properties of aws.dynamodb.Table that no local engine has. */
export const AWS_ONLY = [
  "globalTableWitness",
  "importTable",
  "onDemandThroughput",
  "pointInTimeRecovery",
  "region",
  "replicas",
  "restoreBackupArn",
  "restoreDateTime",
  "restoreSourceName",
  "restoreSourceTableArn",
  "restoreToLatestTime",
  "serverSideEncryption",
  "tableClass",
  "tags",
  "warmThroughput",
] as const;

/** The same for one of its globalSecondaryIndexes. */
export const AWS_ONLY_OF_INDEX = ["onDemandThroughput", "warmThroughput"] as const;

const anything = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, z.unknown().optional()]));

const units = z.int().min(1).optional();
const projection = {
  projectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
  nonKeyAttributes: z.array(z.string()).optional(),
};

const index = z.strictObject({
  name: z.string(),
  hashKey: z.string().optional(),
  rangeKey: z.string().min(1).optional(),
  keySchemas: z
    .array(z.strictObject({ attributeName: z.string(), keyType: z.enum(["HASH", "RANGE"]) }))
    .optional(),
  ...projection,
  readCapacity: units,
  writeCapacity: units,
  ...anything(AWS_ONLY_OF_INDEX),
});

const localIndex = z.strictObject({ name: z.string(), rangeKey: z.string(), ...projection });

/** What an aws.dynamodb.Table may be declared with; a property that is not named here is refused. */
export const tableInputs = z.strictObject({
  name: z.string(),
  attributes: z.array(z.strictObject({ name: z.string(), type: z.enum(["S", "N", "B"]) })),
  hashKey: z.string(),
  rangeKey: z.string().min(1).optional(),
  // The provider's own default.
  billingMode: z.enum(["PROVISIONED", "PAY_PER_REQUEST"]).default("PROVISIONED"),
  readCapacity: units,
  writeCapacity: units,
  globalSecondaryIndexes: z.array(index).default([]),
  localSecondaryIndexes: z.array(localIndex).default([]),
  streamEnabled: z.boolean().default(false),
  streamViewType: z.enum(STREAM_VIEWS).optional(),
  ttl: z
    .strictObject({ attributeName: z.string().optional(), enabled: z.boolean().default(false) })
    .optional(),
  deletionProtectionEnabled: z.boolean().default(false),
  ...anything(AWS_ONLY),
});

export type TableInputs = z.infer<typeof tableInputs>;
export type IndexInputs = TableInputs["globalSecondaryIndexes"][number];
