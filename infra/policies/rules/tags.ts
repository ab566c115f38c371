import { resourceRule, unless } from "./define.ts";

/** What of this program can carry tags. */
const TAGGABLE = [
  "aws:backup/plan:Plan",
  "aws:backup/vault:Vault",
  "aws:budgets/budget:Budget",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:dynamodb/table:Table",
  "aws:dynamodb/tableReplica:TableReplica",
  "aws:iam/policy:Policy",
  "aws:iam/role:Role",
  "aws:kms/key:Key",
  "aws:lambda/eventSourceMapping:EventSourceMapping",
  "aws:lambda/function:Function",
  "aws:sns/topic:Topic",
  "aws:sqs/queue:Queue",
];

interface TagProps {
  readonly tags?: Readonly<Record<string, string>>;
}

const tagged = resourceRule<TagProps>({
  id: "tags",
  controls: ["DynamoDB.5", "Backup.3", "Backup.5", "IAM.24", "Lambda.6", "SNS.3", "SQS.2"],
  description: "What a stack makes says whose it is.",
  severity: "low",
  types: TAGGABLE,
  problems: ({ name, type, props: { tags = {} } }) =>
    unless(Object.keys(tags).length > 0, `The ${type.split(":").at(-1)} ${name} must have tags: set tags.`),
});

export const tagRules = [tagged];
