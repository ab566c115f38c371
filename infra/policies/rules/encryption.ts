import { resourceRule, unless } from "./define.ts";

const KEY = "aws:kms/key:Key";

interface KeyProps {
  readonly enableKeyRotation?: boolean;
  readonly policy?: string;
}

const rotation = resourceRule<KeyProps>({
  id: "kms-rotation",
  controls: ["KMS.4", "CKV_AWS_7", "AWS-0065"],
  description: "A customer key is rotated every year.",
  severity: "medium",
  types: [KEY],
  problems: ({ name, props }) =>
    unless(props.enableKeyRotation, `The key ${name} must be rotated: set enableKeyRotation.`),
});

const keyPolicy = resourceRule<KeyProps>({
  id: "kms-policy",
  controls: ["CKV2_AWS_64"],
  description: "A customer key says who may use it.",
  severity: "medium",
  types: [KEY],
  problems: ({ name, props }) =>
    unless(props.policy !== undefined, `The key ${name} must have a policy of its own.`),
});

interface TopicProps {
  readonly kmsMasterKeyId?: string;
}

const topics = resourceRule<TopicProps>({
  id: "sns-encryption",
  controls: ["CKV_AWS_26", "AWS-0095", "AWS-0136"],
  description: "A topic is encrypted with a customer key: CloudWatch cannot write through aws/sns.",
  severity: "medium",
  types: ["aws:sns/topic:Topic"],
  problems: ({ name, props: { kmsMasterKeyId } }) =>
    unless(
      kmsMasterKeyId !== undefined && kmsMasterKeyId !== "alias/aws/sns",
      `The topic ${name} must be encrypted with a customer key: set kmsMasterKeyId.`,
    ),
});

interface QueueProps {
  readonly kmsMasterKeyId?: string;
  readonly sqsManagedSseEnabled?: boolean;
}

const queues = resourceRule<QueueProps>({
  id: "sqs-encryption",
  controls: ["SQS.1", "CKV_AWS_27", "AWS-0096"],
  description: "A queue is encrypted at rest.",
  severity: "medium",
  types: ["aws:sqs/queue:Queue"],
  problems: ({ name, props }) =>
    unless(
      props.kmsMasterKeyId !== undefined || props.sqsManagedSseEnabled,
      `The queue ${name} must be encrypted: set sqsManagedSseEnabled or kmsMasterKeyId.`,
    ),
});

interface VaultProps {
  readonly kmsKeyArn?: string;
}

const vaults = resourceRule<VaultProps>({
  id: "backup-vault-key",
  controls: ["Backup.1", "CKV_AWS_166"],
  description: "Backups are encrypted with a customer key.",
  severity: "medium",
  types: ["aws:backup/vault:Vault"],
  problems: ({ name, props }) =>
    unless(
      props.kmsKeyArn !== undefined,
      `The vault ${name} must have a customer key: set encryption to customer-key.`,
    ),
});

export const encryptionRules = [rotation, keyPolicy, topics, queues, vaults];
