import { Alias, Key } from "@pulumi/aws/kms/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { Encryption } from "../../config.ts";
import { accountId, partition } from "../account.ts";

/**
 * The policy of a table's key: the account administers it, and whoever may use the table may use the key,
 * only through DynamoDB.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
const keyPolicy = () => {
  const root = pulumi.interpolate`arn:${partition()}:iam::${accountId()}:root`;
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AccountAdministersTheKey",
        Effect: "Allow",
        Principal: { AWS: root },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "UseThroughDynamoDbOnly",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: [
          "kms:Encrypt",
          "kms:Decrypt",
          "kms:ReEncrypt*",
          "kms:GenerateDataKey*",
          "kms:DescribeKey",
          "kms:CreateGrant",
        ],
        Resource: "*",
        Condition: {
          StringEquals: { "kms:CallerAccount": accountId() },
          StringLike: { "kms:ViaService": "dynamodb.*.amazonaws.com" },
        },
      },
    ],
  });
};

/** Makes a key that is rotated every year, with an alias. */
function makeKey(name: string, alias: string, options: pulumi.CustomResourceOptions): pulumi.Output<string> {
  const key = new Key(
    name,
    {
      description: `Encrypts the DynamoDB table ${alias}`,
      enableKeyRotation: true,
      // The longest time to change one's mind: what the key has encrypted is lost with it.
      deletionWindowInDays: 30,
      policy: keyPolicy(),
    },
    options,
  );
  new Alias(name, { name: `alias/${alias}`, targetKeyId: key.id }, options);
  return key.arn;
}

/** The key that a table is encrypted with; undefined where it is AWS's. */
export function tableKey(
  name: string,
  encryption: Encryption,
  physicalName: string,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> | undefined {
  if (encryption.kind !== "customer-key") return undefined;
  return encryption.keyArn === undefined
    ? makeKey(name, physicalName, options)
    : pulumi.output(encryption.keyArn);
}

/**
 * A table's serverSideEncryption. Without it DynamoDB encrypts with a key of its own; with it and no key,
 * with the account's `aws/dynamodb` key.
 */
export function encryptionArgs(encryption: Encryption, keyArn: pulumi.Output<string> | undefined) {
  if (encryption.kind === "aws-owned") return {};
  return { serverSideEncryption: { enabled: true, ...(keyArn && { kmsKeyArn: keyArn }) } };
}
