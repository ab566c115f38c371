import { Alias, Key } from "@pulumi/aws/kms/index.js";
import * as pulumi from "@pulumi/pulumi";
import { accountId, partition } from "./account.ts";
import { type Tags, tagArgs, withoutDots } from "./naming.ts";

/** What a {@link customerKey} is made from. */
export interface CustomerKeyArgs {
  /** What the key encrypts: the end of its alias, and of the sentence "Encrypts …". */
  readonly physicalName: string;
  /** Who may use the key, and how. The account itself may administer it. */
  readonly uses: readonly object[];
  /** @default none */
  readonly tags?: Tags | undefined;
}

/** Lets a service of AWS encrypt what it hands over, on behalf of this account only. */
export const useByServices = (...services: readonly string[]) => ({
  Sid: "UseByServicesOfTheAccount",
  Effect: "Allow",
  Principal: { Service: services },
  Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
  Resource: "*",
  Condition: { StringEquals: { "aws:SourceAccount": accountId() } },
});

/** Lets whoever may use the data use the key, through one service only: `dynamodb`, `backup`. */
export const useThrough = (service: string) => ({
  Sid: "UseThroughOneServiceOnly",
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
    StringLike: { "kms:ViaService": `${service}.*.amazonaws.com` },
  },
});

const keyPolicy = (uses: readonly object[]) =>
  pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AccountAdministersTheKey",
        Effect: "Allow",
        Principal: { AWS: pulumi.interpolate`arn:${partition()}:iam::${accountId()}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      ...uses,
    ],
  });

/**
 * Makes a key that is rotated every year, with an alias.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
 */
export function customerKey(name: string, args: CustomerKeyArgs, options: pulumi.CustomResourceOptions): Key {
  const { physicalName, uses, tags } = args;
  const key = new Key(
    name,
    {
      description: `Encrypts ${physicalName}`,
      enableKeyRotation: true,
      // The longest time to change one's mind: what the key has encrypted is lost with it.
      deletionWindowInDays: 30,
      policy: keyPolicy(uses),
      ...tagArgs(tags),
    },
    options,
  );
  new Alias(name, { name: `alias/${withoutDots(physicalName)}`, targetKeyId: key.id }, options);
  return key;
}
