import {
  ContributorInsights,
  KinesisStreamingDestination,
  ResourcePolicy,
} from "@pulumi/aws/dynamodb/index.js";
import { Table, type TableArgs } from "@pulumi/aws/dynamodb/table.js";
import * as pulumi from "@pulumi/pulumi";
import type { TableDesign } from "tablewright/table-design";
import type { Billing, Encryption, IndexOwner, Replica, S3Import } from "../../config.ts";
import { backupTag, type Tags, tagArgs } from "../naming.ts";
import { autoscale } from "./autoscaling.ts";
import { billingArgs, capacityArgs } from "./capacity.ts";
import { tableMistakes } from "./check-table.ts";
import { encryptionArgs, tableKey } from "./encryption.ts";
import { attributesOf, keyArgs, keysOnly, projectionArgs } from "./keys.ts";
import { replicate } from "./replicas.ts";

/** Units a second that a new table or index serves at once, without growing into it. */
export interface WarmThroughput {
  readonly read: number;
  readonly write: number;
}

/** What one index has that differs from its table. */
export interface IndexSettings {
  /** Of the same mode as the table's. @default the table's */
  readonly billing?: Billing;
  /** @default what AWS gives a new index */
  readonly warmThroughput?: WarmThroughput;
}

/** What a {@link TableStore} is made from. */
export interface TableStoreArgs {
  /** Keys and indexes; the attributes that they need are derived. */
  readonly design: TableDesign;
  /** The name of the table on AWS. Always given: a generated one could not be found by the other commands. */
  readonly physicalName: string;
  readonly billing: Billing;
  /**
   * Who makes the global secondary indexes. With "migration" they are left out here, and never touched.
   * Local ones are made with the table, or not at all.
   * @default "pulumi"
   */
  readonly indexOwner?: IndexOwner | undefined;
  /** By index name. @default every index as its table */
  readonly indexes?: Readonly<Record<string, IndexSettings>> | undefined;
  /** Lowering it makes a new table. @default what AWS gives a new table */
  readonly warmThroughput?: WarmThroughput | undefined;
  /** @default "standard" */
  readonly tableClass?: "standard" | "infrequent-access" | undefined;
  /** Whether the table writes a change stream. @default false */
  readonly stream?: boolean | undefined;
  /**
   * What the stream carries. Choose once: another view later is another stream, and what is unread in the
   * old one is lost. @default "NEW_AND_OLD_IMAGES"
   */
  readonly streamViewType?: "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES" | undefined;
  /** A Kinesis data stream that gets every change. @default none */
  readonly kinesisStreamArn?: pulumi.Input<string> | undefined;
  /** The attribute with an item's expiry time. @default items do not expire */
  readonly ttlAttribute?: string | undefined;
  /** How many days back a restore can reach, 1 to 35; 0 turns it off. @default 35 */
  readonly pointInTimeRecoveryDays?: number | undefined;
  /** @default with a key of AWS's own */
  readonly encryption?: Encryption | undefined;
  /** AWS and Pulumi both refuse to delete the table and its key. @default false */
  readonly deletionProtection?: boolean | undefined;
  /** Copies in other regions; wants a stream. @default none */
  readonly replicas?: readonly Replica[] | undefined;
  /** Which keys are used most, for the table and each index. @default false */
  readonly contributorInsights?: boolean | undefined;
  /** A policy of the table itself, as JSON. @default none */
  readonly resourcePolicy?: pulumi.Input<string> | undefined;
  /** What fills the table as it is made; later it says nothing. @default nothing */
  readonly import?: S3Import | undefined;
  /** The `physicalName` of the `BackupPlan` that backs the table up: a tag says so. @default none */
  readonly backupPlanName?: string | undefined;
  /** @default none */
  readonly tags?: Tags | undefined;
  /** A last change of the table's own arguments, where these do not reach. @default none */
  readonly transform?: ((args: TableArgs) => TableArgs) | undefined;
}

/** The days that AWS keeps at most (API_PointInTimeRecoverySpecification). */
const MAX_RECOVERY_DAYS = 35;

/** How an index is billed: as it says itself, else as its table. */
const indexBilling = ({ billing, indexes }: TableStoreArgs, name: string): Billing =>
  indexes?.[name]?.billing ?? billing;

function indexArgs(args: TableStoreArgs) {
  return Object.entries(args.design.indexes).map(([name, index]) => {
    const { warmThroughput } = args.indexes?.[name] ?? {};
    return {
      name,
      // hashKey and rangeKey, not keySchemas: that shows a difference on every run (terraform-provider-aws#46513).
      ...keyArgs(index),
      ...projectionArgs(index.projection),
      ...capacityArgs(indexBilling(args, name)),
      ...(warmThroughput && { warmThroughput: warmArgs(warmThroughput) }),
    };
  });
}

function localIndexArgs({ localIndexes = {} }: TableDesign) {
  return Object.entries(localIndexes).map(([name, { sortKey, projection }]) => ({
    name,
    rangeKey: sortKey.name,
    ...projectionArgs(projection),
  }));
}

/** The keys, attributes and indexes that this program owns. */
function schemaArgs(args: TableStoreArgs) {
  const { design } = args;
  const { partitionKey, localIndexes = {} } = design;
  const local = Object.values(localIndexes).map(({ sortKey }) => ({ partitionKey, sortKey }));
  const localArgs = local.length > 0 ? { localSecondaryIndexes: localIndexArgs(design) } : {};
  if (args.indexOwner === "migration") {
    return { ...keysOnly(design), attributes: attributesOf([design, ...local]), ...localArgs };
  }
  return {
    ...keyArgs(design),
    attributes: attributesOf([design, ...local, ...Object.values(design.indexes)]),
    ...localArgs,
    ...(Object.keys(design.indexes).length > 0 && { globalSecondaryIndexes: indexArgs(args) }),
  };
}

const warmArgs = ({ read, write }: WarmThroughput) => ({
  readUnitsPerSecond: read,
  writeUnitsPerSecond: write,
});

function recoveryArgs(days = MAX_RECOVERY_DAYS) {
  return days === 0 ? { enabled: false } : { enabled: true, recoveryPeriodInDays: days };
}

function importArgs({ bucket, keyPrefix, format, compression }: S3Import) {
  return {
    inputFormat: format,
    inputCompressionType: compression,
    s3BucketSource: { bucket, ...(keyPrefix !== undefined && { keyPrefix }) },
  };
}

/** The table's own tags. Its key and its copies, which the plan does not back up, go without that of the plan. */
function tableTags({ tags = {}, backupPlanName }: TableStoreArgs): Tags {
  if (backupPlanName === undefined) return tags;
  const { key, value } = backupTag(backupPlanName);
  return { ...tags, [key]: value };
}

function tableArgs(args: TableStoreArgs, keyArn: pulumi.Output<string> | undefined): TableArgs {
  const { warmThroughput, ttlAttribute, deletionProtection = false } = args;
  return {
    name: args.physicalName,
    ...schemaArgs(args),
    ...billingArgs(args.billing),
    ...(warmThroughput && { warmThroughput: warmArgs(warmThroughput) }),
    ...(args.tableClass === "infrequent-access" && { tableClass: "STANDARD_INFREQUENT_ACCESS" }),
    ...(args.stream && { streamEnabled: true, streamViewType: args.streamViewType ?? "NEW_AND_OLD_IMAGES" }),
    ...(ttlAttribute !== undefined && { ttl: { attributeName: ttlAttribute, enabled: true } }),
    pointInTimeRecovery: recoveryArgs(args.pointInTimeRecoveryDays),
    ...encryptionArgs(args.encryption ?? { kind: "aws-owned" }, keyArn),
    deletionProtectionEnabled: deletionProtection,
    ...(args.import && { importTable: importArgs(args.import) }),
    ...tagArgs(tableTags(args)),
  };
}

/**
 * What Pulumi must leave as it finds it. Copies in other regions are resources of their own. An index that a migration made would be deleted by some versions of
 * the provider. Capacity that an autoscaler set would be set back; that of an index cannot be ignored by
 * itself, as the indexes are a set whose elements move (pulumi-terraform-bridge#2240).
 */
function ignoredChanges({ indexOwner, billing, design }: TableStoreArgs): string[] {
  const ignored = new Set(["replicas"]);
  if (billing.mode === "autoscaled") {
    ignored.add("readCapacity").add("writeCapacity");
    if (Object.keys(design.indexes).length > 0) ignored.add("globalSecondaryIndexes");
  }
  if (indexOwner === "migration") ignored.add("globalSecondaryIndexes").add("attributes");
  return [...ignored];
}

/**
 * A DynamoDB table with all that belongs to it: key, autoscaling, contributor insights, Kinesis
 * destination, resource policy and copies in other regions. Everything dangerous is off, and recovery is on, unless it is asked for.
 *
 * @example
 * new TableStore("orders", { design: orders, physicalName: "prod-orders", billing: { mode: "on-demand" } });
 * @throws {pulumi.RunError} naming everything that AWS would refuse in the design.
 */
export class TableStore extends pulumi.ComponentResource {
  readonly table: Table;
  readonly design: TableDesign;
  readonly billing: Billing;
  /** By the index's name. */
  readonly indexBilling: Readonly<Record<string, Billing>>;
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** The stream's ARN; undefined where there is no stream. */
  readonly streamArn: pulumi.Output<string> | undefined;
  /** The customer key that encrypts the table; undefined where the key is AWS's. */
  readonly keyArn: pulumi.Output<string> | undefined;
  /** The names of the indexes that are there once the migrations have run. */
  readonly indexNames: readonly string[];
  /** Where the table has copies. */
  readonly replicaRegions: readonly string[];

  constructor(name: string, args: TableStoreArgs, options?: pulumi.ComponentResourceOptions) {
    super("tablewright:infra:TableStore", name, {}, options);
    const mistakes = tableMistakes(args);
    if (mistakes.length > 0) throw new pulumi.RunError(`the table ${name} is wrong:\n${mistakes.join("\n")}`);

    const { deletionProtection: protect = false, design, billing } = args;
    const child = { parent: this };
    this.design = design;
    this.billing = billing;
    const indexes = Object.keys(design.indexes);
    this.indexBilling = Object.fromEntries(indexes.map((index) => [index, indexBilling(args, index)]));
    this.indexNames = [...indexes, ...Object.keys(design.localIndexes ?? {})];
    this.replicaRegions = (args.replicas ?? []).map(({ region }) => region);
    const { encryption = { kind: "aws-owned" }, physicalName, tags } = args;
    this.keyArn = tableKey(name, { encryption, physicalName, tags }, { ...child, protect });

    const own = tableArgs(args, this.keyArn);
    this.table = new Table(name, args.transform ? args.transform(own) : own, {
      ...child,
      protect,
      ignoreChanges: ignoredChanges(args),
    });
    this.name = this.table.name;
    this.arn = this.table.arn;
    this.streamArn = args.stream ? this.table.streamArn : undefined;

    const changes = [
      ...this.#autoscale(name, args),
      ...this.#observeKeys(name, args),
      ...this.#attach(name, args),
    ];
    replicate(
      name,
      {
        tableArn: this.arn,
        replicas: args.replicas ?? [],
        pointInTimeRecovery: args.pointInTimeRecoveryDays !== 0,
        deletionProtection: protect,
        tags,
        after: changes,
      },
      this,
    );
    this.registerOutputs({ tableName: this.name, tableArn: this.arn });
  }

  #autoscale(name: string, args: TableStoreArgs): pulumi.Resource[] {
    // Not deletedWith: a table that is deleted leaves its targets, their policies and alarms behind.
    const options = { parent: this };
    const made: pulumi.Resource[] = [];
    if (args.billing.mode === "autoscaled") {
      const resourceId = pulumi.interpolate`table/${this.name}`;
      made.push(...autoscale({ name, kind: "table", resourceId }, args.billing, options));
    }
    for (const index of Object.keys(args.design.indexes)) {
      const billing = indexBilling(args, index);
      // An index that a migration is yet to make cannot be scaled.
      if (billing.mode !== "autoscaled" || args.indexOwner === "migration") continue;
      const resourceId = pulumi.interpolate`table/${this.name}/index/${index}`;
      made.push(...autoscale({ name: `${name}-${index}`, kind: "index", resourceId }, billing, options));
    }
    return made;
  }

  #observeKeys(name: string, { contributorInsights, design, indexOwner }: TableStoreArgs): pulumi.Resource[] {
    if (!contributorInsights) return [];
    const options = { parent: this, deletedWith: this.table };
    const indexes = indexOwner === "migration" ? [] : Object.keys(design.indexes);
    return [
      new ContributorInsights(name, { tableName: this.name }, options),
      ...indexes.map(
        (indexName) =>
          new ContributorInsights(`${name}-${indexName}`, { tableName: this.name, indexName }, options),
      ),
    ];
  }

  /** The Kinesis destination and the policy of the table, where it has them. */
  #attach(name: string, { kinesisStreamArn, resourcePolicy }: TableStoreArgs): pulumi.Resource[] {
    const options = { parent: this, deletedWith: this.table };
    const made: pulumi.Resource[] = [];
    if (kinesisStreamArn !== undefined) {
      const destination = { tableName: this.name, streamArn: kinesisStreamArn };
      made.push(new KinesisStreamingDestination(name, destination, options));
    }
    if (resourcePolicy !== undefined) {
      made.push(new ResourcePolicy(name, { resourceArn: this.arn, policy: resourcePolicy }, options));
    }
    return made;
  }
}
