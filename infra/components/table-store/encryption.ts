import * as pulumi from "@pulumi/pulumi";
import type { Encryption } from "../../config.ts";
import { customerKey, useThrough } from "../customer-key.ts";
import type { Tags } from "../naming.ts";

/** Whose key it is, and what its new key is called and tagged with. */
export interface TableKeyArgs {
  readonly encryption: Encryption;
  readonly physicalName: string;
  readonly tags?: Tags | undefined;
}

/**
 * The key that a table is encrypted with; undefined where it is AWS's. Whoever may use the table may use a
 * key that is made here, only through DynamoDB.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
export function tableKey(
  name: string,
  { encryption, physicalName, tags }: TableKeyArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> | undefined {
  if (encryption.kind !== "customer-key") return undefined;
  return encryption.keyArn === undefined
    ? customerKey(name, { physicalName, tags, uses: [useThrough("dynamodb")] }, options).arn
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
