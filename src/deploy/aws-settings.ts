import { z } from "zod";
import { UnsupportedDeclarationError } from "./errors.ts";
import type { DeclaredResource } from "./monitor.ts";
import { isStandIn } from "./resource-values.ts";
import { type ReplicaState, type ReplicasByTable, replicasOf } from "./table-replicas.ts";

/** The most units a second that on-demand billing may reach; undefined: no limit. */
export interface OnDemandLimits {
  readonly read?: number | undefined;
  readonly write?: number | undefined;
}

/** With whose key a table is encrypted. */
export type EncryptionState =
  | { readonly kind: "aws-owned" }
  | { readonly kind: "aws-managed" }
  /** `keyArn` is undefined for a key that the program itself makes: its ARN is known to AWS only. */
  | { readonly kind: "customer-key"; readonly keyArn?: string | undefined };

/** What a table has on AWS alone: no local engine knows it. */
export interface AwsSettings {
  /** How far back a restore can reach; 0: off. */
  readonly recoveryDays: number;
  readonly encryption: EncryptionState;
  readonly tableClass: "STANDARD" | "STANDARD_INFREQUENT_ACCESS";
  readonly onDemandLimits: OnDemandLimits;
  /** By index. */
  readonly indexOnDemandLimits: Readonly<Record<string, OnDemandLimits>>;
  /** Units a second that a table serves at once; AWS raises it by itself. */
  readonly warmThroughput: OnDemandLimits;
  readonly replicas: readonly ReplicaState[];
  readonly tags: Readonly<Record<string, string>>;
}

/** What AWS keeps where the declaration gives no number of days (API_PointInTimeRecoverySpecification). */
export const DEFAULT_RECOVERY_DAYS = 35;

const limits = z
  .looseObject({ maxReadRequestUnits: z.number().optional(), maxWriteRequestUnits: z.number().optional() })
  .optional();

const awsInputs = z.looseObject({
  pointInTimeRecovery: z
    .looseObject({ enabled: z.boolean(), recoveryPeriodInDays: z.number().optional() })
    .optional(),
  serverSideEncryption: z.looseObject({ enabled: z.boolean(), kmsKeyArn: z.string().optional() }).optional(),
  tableClass: z.enum(["STANDARD", "STANDARD_INFREQUENT_ACCESS"]).default("STANDARD"),
  onDemandThroughput: limits,
  warmThroughput: z
    .looseObject({ readUnitsPerSecond: z.number().optional(), writeUnitsPerSecond: z.number().optional() })
    .optional(),
  globalSecondaryIndexes: z
    .array(z.looseObject({ name: z.string(), onDemandThroughput: limits }))
    .default([]),
  replicas: z
    .array(
      z.looseObject({
        regionName: z.string(),
        kmsKeyArn: z.string().optional(),
        pointInTimeRecovery: z.boolean().default(false),
      }),
    )
    .default([]),
  tags: z.record(z.string(), z.string()).default({}),
});

type AwsInputs = z.infer<typeof awsInputs>;

/** -1 takes a limit off (API_OnDemandThroughput). */
export const limit = (units: number | undefined) => (units === -1 ? undefined : units);

const limitsOf = (throughput: z.infer<typeof limits>): OnDemandLimits => ({
  read: limit(throughput?.maxReadRequestUnits),
  write: limit(throughput?.maxWriteRequestUnits),
});

function encryptionOf(sse: AwsInputs["serverSideEncryption"]): EncryptionState {
  if (!sse?.enabled) return { kind: "aws-owned" };
  if (sse.kmsKeyArn === undefined) return { kind: "aws-managed" };
  return isStandIn(sse.kmsKeyArn)
    ? { kind: "customer-key" }
    : { kind: "customer-key", keyArn: sse.kmsKeyArn };
}

/**
 * Reads what a declared aws.dynamodb.Table has on AWS alone, with its copies, which may be resources of their own.
 * @throws {UnsupportedDeclarationError} where a value is not of the type that the provider takes.
 */
export function readAwsSettings(
  { urn, inputs }: DeclaredResource,
  separateReplicas: ReplicasByTable,
): AwsSettings {
  const parsed = awsInputs.safeParse(inputs);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) =>
      [...path.map(String), message].join(": "),
    );
    throw new UnsupportedDeclarationError(urn, problems);
  }
  const { pointInTimeRecovery, replicas, globalSecondaryIndexes, warmThroughput, ...rest } = parsed.data;
  return {
    recoveryDays: pointInTimeRecovery?.enabled
      ? (pointInTimeRecovery.recoveryPeriodInDays ?? DEFAULT_RECOVERY_DAYS)
      : 0,
    encryption: encryptionOf(rest.serverSideEncryption),
    tableClass: rest.tableClass,
    onDemandLimits: limitsOf(rest.onDemandThroughput),
    indexOnDemandLimits: Object.fromEntries(
      globalSecondaryIndexes.map(({ name, onDemandThroughput }) => [name, limitsOf(onDemandThroughput)]),
    ),
    warmThroughput: {
      read: warmThroughput?.readUnitsPerSecond,
      write: warmThroughput?.writeUnitsPerSecond,
    },
    replicas: [
      ...replicas.map(({ regionName: region, kmsKeyArn: keyArn, pointInTimeRecovery: recovers }) => ({
        region,
        keyArn,
        pointInTimeRecovery: recovers,
      })),
      ...replicasOf(String(inputs.name), separateReplicas),
    ],
    tags: rest.tags,
  };
}
