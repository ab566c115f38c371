import { Role, RolePolicy } from "@pulumi/aws/iam/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { TableStore } from "../table-store/table-store.ts";

/** What a stream consumer may touch. */
export interface FunctionRoleArgs {
  /** The name of the role on AWS. */
  readonly physicalName: string;
  /** The table whose stream it reads. */
  readonly source: TableStore;
  /** The tables that it writes. */
  readonly writes: readonly TableStore[];
  readonly deadLetterQueueArn: pulumi.Input<string>;
  readonly logGroupArn: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
}

const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** The customer keys of some tables, usable through DynamoDB only; no statement where there are none. */
function keyStatements(tables: readonly TableStore[]) {
  const keys = tables.flatMap(({ keyArn }) => (keyArn ? [keyArn] : []));
  if (keys.length === 0) return [];
  return [
    {
      Sid: "UseTheTablesKeys",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
      Resource: keys,
      Condition: { StringLike: { "kms:ViaService": "dynamodb.*.amazonaws.com" } },
    },
  ];
}

function policyOf({ source, writes, deadLetterQueueArn, logGroupArn }: FunctionRoleArgs) {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        // The four that an event source mapping needs (DynamoDB developer guide, "IAM policy to process streams").
        Sid: "ReadTheStream",
        Effect: "Allow",
        Action: [
          "dynamodb:DescribeStream",
          "dynamodb:GetRecords",
          "dynamodb:GetShardIterator",
          "dynamodb:ListStreams",
        ],
        Resource: pulumi.interpolate`${source.arn}/stream/*`,
      },
      {
        // A transaction is authorized by the actions in it.
        Sid: "WriteTheEffects",
        Effect: "Allow",
        Action: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
        Resource: writes.map(({ arn }) => arn),
      },
      {
        Sid: "SendDeadLetters",
        Effect: "Allow",
        Action: "sqs:SendMessage",
        Resource: deadLetterQueueArn,
      },
      {
        Sid: "WriteLogLines",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: pulumi.interpolate`${logGroupArn}:*`,
      },
      {
        // X-Ray knows no resources for these (Service Authorization Reference, "AWS X-Ray").
        Sid: "SendTraces",
        Effect: "Allow",
        Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
        Resource: "*",
      },
      ...keyStatements([source, ...writes]),
    ],
  });
}

/** Makes the role that the function runs as, with what it needs and nothing more. */
export function functionRole(
  name: string,
  args: FunctionRoleArgs,
  options: pulumi.CustomResourceOptions,
): { readonly role: Role; readonly policy: RolePolicy } {
  const { physicalName, tags } = args;
  const role = new Role(name, { name: physicalName, assumeRolePolicy: TRUST, tags }, options);
  const policy = new RolePolicy(
    name,
    { name: physicalName, role: role.name, policy: policyOf(args) },
    options,
  );
  return { role, policy };
}
