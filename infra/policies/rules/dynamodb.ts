import { type Judged, ofType, type Props, resourceRule, stackRule, unless } from "./define.ts";

export const TABLE = "aws:dynamodb/table:Table";
const REPLICA = "aws:dynamodb/tableReplica:TableReplica";
const TARGET = "aws:appautoscaling/target:Target";
const SELECTION = "aws:backup/selection:Selection";

/** A table, as far as the rules look. */
export interface TableProps {
  readonly name: string;
  readonly billingMode?: string;
  readonly pointInTimeRecovery?: { readonly enabled: boolean };
  readonly serverSideEncryption?: { readonly enabled: boolean; readonly kmsKeyArn?: string };
  readonly deletionProtectionEnabled?: boolean;
  readonly streamEnabled?: boolean;
  readonly streamViewType?: string;
  readonly onDemandThroughput?: Props;
  readonly globalSecondaryIndexes?: readonly { readonly name: string; readonly onDemandThroughput?: Props }[];
  readonly tags?: Readonly<Record<string, string>>;
}

interface ReplicaProps {
  readonly region?: string;
  readonly kmsKeyArn?: string;
  readonly pointInTimeRecovery?: boolean;
  readonly deletionProtectionEnabled?: boolean;
}

/** A table or one of its copies, in a sentence. */
const called = ({ type, name }: Pick<Judged<unknown>, "type" | "name">) =>
  `The ${type === TABLE ? "table" : "replica"} ${name}`;

const customerKey = resourceRule<TableProps>({
  id: "dynamodb-customer-key",
  controls: ["CKV_AWS_119", "AWS-0025"],
  description: "A table is encrypted with a key that the account owns, and can take away.",
  severity: "medium",
  types: [TABLE],
  problems: ({ name, props: { serverSideEncryption } }) =>
    unless(
      serverSideEncryption?.enabled && serverSideEncryption.kmsKeyArn !== undefined,
      `The table ${name} must have a customer key: set encryption to customer-key.`,
    ),
});

const replicaKey = resourceRule<ReplicaProps>({
  id: "dynamodb-replica-key",
  controls: ["CKV_AWS_271"],
  description: "A replica is encrypted with a customer key of its region.",
  severity: "medium",
  types: [REPLICA],
  problems: ({ name, props: { region, kmsKeyArn } }) =>
    unless(
      kmsKeyArn !== undefined,
      `The replica ${name} must have a customer key: add one of ${region} to replicaKmsKeyArns.`,
    ),
});

const recovery = resourceRule<TableProps | ReplicaProps>({
  id: "dynamodb-pitr",
  controls: ["DynamoDB.2", "CKV_AWS_28", "CKV_AWS_165", "AWS-0024"],
  description: "A table and its replicas can be restored to each second of the last days.",
  severity: "high",
  types: [TABLE, REPLICA],
  problems: ({ type, name, props: { pointInTimeRecovery: on } }) =>
    unless(
      typeof on === "object" ? on.enabled : on,
      `${called({ type, name })} must have point-in-time recovery: set pointInTimeRecoveryDays to 1 or more.`,
    ),
});

const deletionProtection = resourceRule<TableProps | ReplicaProps>({
  id: "dynamodb-deletion-protection",
  controls: ["DynamoDB.6"],
  description: "AWS refuses to delete a table and its replicas.",
  severity: "high",
  types: [TABLE, REPLICA],
  problems: ({ type, name, props }) =>
    unless(
      props.deletionProtectionEnabled,
      `${called({ type, name })} must be protected from deletion: set deletionProtection to true.`,
    ),
});

/** A protected resource cannot be replaced either, which a fixed name would make a deletion first. */
const protect = resourceRule<TableProps | ReplicaProps>({
  id: "dynamodb-protect",
  controls: [],
  description: "Pulumi refuses to delete or to replace a table or a replica.",
  severity: "high",
  types: [TABLE, REPLICA],
  problems: ({ type, name, opts }) =>
    unless(opts.protect, `${called({ type, name })} must be protected: set deletionProtection to true.`),
});

const streamView = resourceRule<TableProps>({
  id: "dynamodb-stream-view",
  controls: [],
  description: "A stream carries new and old images: changing that later loses what is unread.",
  severity: "medium",
  types: [TABLE],
  problems: ({ name, props: { streamEnabled, streamViewType } }) =>
    unless(
      !streamEnabled || streamViewType === "NEW_AND_OLD_IMAGES",
      `The stream of ${name} must carry NEW_AND_OLD_IMAGES, not ${streamViewType}: another view later is another stream.`,
    ),
});

const isOnDemand = ({ billingMode }: TableProps) => billingMode === "PAY_PER_REQUEST";

const caps = resourceRule<TableProps>({
  id: "dynamodb-on-demand-caps",
  controls: [],
  description: "An on-demand table and its indexes have a most that a runaway client can cost.",
  severity: "low",
  advisory: true,
  types: [TABLE],
  problems: ({ name, props }) => {
    if (!isOnDemand(props)) return [];
    const places = [{ ...props, name }, ...(props.globalSecondaryIndexes ?? [])];
    return places.flatMap((place) =>
      unless(
        place.onDemandThroughput !== undefined,
        `${place.name} should have caps: set maxReadRequestUnits and maxWriteRequestUnits.`,
      ),
    );
  },
});

const DIMENSIONS = {
  table: ["dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"],
  index: ["dynamodb:index:ReadCapacityUnits", "dynamodb:index:WriteCapacityUnits"],
};

interface TargetProps {
  readonly resourceId: string;
  readonly scalableDimension: string;
}

const scales = stackRule({
  id: "dynamodb-scales",
  controls: ["DynamoDB.1", "CKV2_AWS_16"],
  description: "A table and its indexes are on-demand, or autoscaled for reads and for writes.",
  severity: "medium",
  problems: (resources) => {
    const scaled = new Set(
      ofType<TargetProps>(resources, TARGET).map(
        ({ props }) => `${props.resourceId} ${props.scalableDimension}`,
      ),
    );
    return ofType<TableProps>(resources, TABLE)
      .filter(({ props }) => !isOnDemand(props))
      .flatMap(({ name, urn, props }) => {
        const table = DIMENSIONS.table.map((dimension) => `table/${props.name} ${dimension}`);
        const indexes = (props.globalSecondaryIndexes ?? []).flatMap((index) =>
          DIMENSIONS.index.map((dimension) => `table/${props.name}/index/${index.name} ${dimension}`),
        );
        const missing = [...table, ...indexes].filter((target) => !scaled.has(target));
        const message = `The table ${name} must be on-demand or autoscaled; nothing scales ${missing.join(", ")}.`;
        return missing.length === 0 ? [] : [{ message, urn }];
      });
  },
});

interface SelectionProps {
  readonly resources?: readonly string[];
  readonly selectionTags?: readonly { readonly key: string; readonly value: string }[];
}

const isSelected = (table: TableProps) => (selection: SelectionProps) =>
  selection.resources?.some((arn) => arn === "*" || arn.endsWith(`:table/${table.name}`)) ||
  selection.selectionTags?.some(({ key, value }) => table.tags?.[key] === value);

const inBackupPlan = stackRule({
  id: "dynamodb-in-backup-plan",
  controls: ["DynamoDB.4"],
  description: "AWS Backup keeps backups of a table outside of the table.",
  severity: "medium",
  problems: (resources) => {
    const selections = ofType<SelectionProps>(resources, SELECTION).map(({ props }) => props);
    return ofType<TableProps>(resources, TABLE)
      .filter(({ props }) => !selections.some(isSelected(props)))
      .map(({ name, urn }) => ({
        message: `The table ${name} must be in a backup plan: set backupPlan to true.`,
        urn,
      }));
  },
});

export const dynamodbRules = [
  customerKey,
  replicaKey,
  recovery,
  deletionProtection,
  protect,
  streamView,
  caps,
  scales,
  inBackupPlan,
];
