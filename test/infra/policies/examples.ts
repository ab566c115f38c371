import type { PolicedResource } from "../../support/policies.ts";

/** A resource of a stack, protected unless the example says otherwise. */
export const resource = (
  type: string,
  inputs: Record<string, unknown>,
  { name = "it", protect = true } = {},
): PolicedResource => ({
  type,
  name,
  urn: `urn:pulumi:prod::tablewright::${type}::${name}`,
  inputs,
  protect,
});

const table = (inputs: Record<string, unknown> = {}, options?: { protect?: boolean }) =>
  resource("aws:dynamodb/table:Table", { name: "t", ...inputs }, options);
const replica = (inputs: Record<string, unknown> = {}, options?: { protect?: boolean }) =>
  resource("aws:dynamodb/tableReplica:TableReplica", { region: "eu-west-1", ...inputs }, options);
const key = (inputs: Record<string, unknown>) => resource("aws:kms/key:Key", inputs);
const alarm = (inputs: Record<string, unknown>, name = "alarm") =>
  resource("aws:cloudwatch/metricAlarm:MetricAlarm", inputs, { name });
const role = (inputs: Record<string, unknown>) => resource("aws:iam/role:Role", inputs);
const lambda = (inputs: Record<string, unknown>) =>
  resource("aws:lambda/function:Function", { name: "f", ...inputs });
const logGroup = (inputs: Record<string, unknown>) => resource("aws:cloudwatch/logGroup:LogGroup", inputs);
const target = (resourceId: string, scalableDimension: string) =>
  resource(
    "aws:appautoscaling/target:Target",
    { resourceId, scalableDimension },
    { name: resourceId + scalableDimension },
  );
const scaled = (resourceId: string, kind: string) =>
  ["Read", "Write"].map((side) => target(resourceId, `dynamodb:${kind}:${side}CapacityUnits`));
const allow = (statement: object) => JSON.stringify({ Statement: [{ Effect: "Allow", ...statement }] });
const permission = (statement: object) =>
  resource("aws:iam/rolePolicy:RolePolicy", { policy: allow(statement) });
const TABLE_ARN = "arn:aws:dynamodb:us-east-1:111122223333:table/t";
const selection = (inputs: object) => resource("aws:backup/selection:Selection", { ...inputs });
const index = { globalSecondaryIndexes: [{ name: "I" }] };
const throttle = (metricName: string, IndexName?: string) =>
  alarm(
    { metricName, dimensions: { TableName: "t", ...(IndexName && { GlobalSecondaryIndexName: IndexName }) } },
    `${metricName} ${IndexName}`,
  );
const systemErrors = alarm(
  { metricQueries: [{ expression: "SUM(METRICS())" }, { metric: errorsOf("Query") }] },
  "errors",
);
function errorsOf(Operation: string) {
  return { metricName: "SystemErrors", dimensions: { TableName: "t", Operation } };
}
const throttles = [throttle("ReadThrottleEvents"), throttle("WriteThrottleEvents")];
const GITHUB = "token.actions.githubusercontent.com";
const github = (sub: string | undefined, aud: string | undefined = "sts.amazonaws.com") =>
  role({
    assumeRolePolicy: allow({
      Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${GITHUB}` },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: { ...(aud && { [`${GITHUB}:aud`]: aud }) },
        StringLike: { ...(sub && { [`${GITHUB}:sub`]: sub }) },
      },
    }),
  });
const mapping = (inputs: Record<string, unknown>) =>
  resource("aws:lambda/eventSourceMapping:EventSourceMapping", inputs);
const onFailure = { destinationConfig: { onFailure: { destinationArn: "arn:aws:sqs:::dead" } } };

/** A stack's resources: those that a policy lets pass, and those that it does not. */
interface Examples {
  readonly passes: Readonly<Record<string, readonly PolicedResource[]>>;
  readonly fails: Readonly<Record<string, readonly PolicedResource[]>>;
}

/** At least one passing and one failing example of each policy, by its id. */
export const EXAMPLES: Readonly<Record<string, Examples>> = {
  "dynamodb-customer-key": {
    passes: { "a key": [table({ serverSideEncryption: { enabled: true, kmsKeyArn: "arn" } })] },
    fails: {
      "AWS's own key": [table()],
      "the account's aws/dynamodb key": [table({ serverSideEncryption: { enabled: true } })],
      "off, with a key": [table({ serverSideEncryption: { enabled: false, kmsKeyArn: "arn" } })],
    },
  },
  "dynamodb-replica-key": {
    passes: {
      "no replica": [table()],
      "a key": [replica({ kmsKeyArn: "arn" })],
    },
    fails: { "no key": [replica()] },
  },
  "dynamodb-pitr": {
    passes: {
      on: [table({ pointInTimeRecovery: { enabled: true } })],
      "on, in the replica too": [
        table({ pointInTimeRecovery: { enabled: true } }),
        replica({ pointInTimeRecovery: true }),
      ],
    },
    fails: {
      "not said": [table()],
      off: [table({ pointInTimeRecovery: { enabled: false } })],
      "off in a replica": [replica({ pointInTimeRecovery: false })],
    },
  },
  "dynamodb-deletion-protection": {
    passes: {
      on: [table({ deletionProtectionEnabled: true }), replica({ deletionProtectionEnabled: true })],
    },
    fails: {
      "not said": [table()],
      "off in a replica": [replica()],
    },
  },
  "dynamodb-protect": {
    passes: { protected: [table(), replica()] },
    fails: {
      "not protected": [table({}, { protect: false })],
      "a replica that is not": [replica({}, { protect: false })],
    },
  },
  "dynamodb-stream-view": {
    passes: {
      "no stream": [table()],
      both: [table({ streamEnabled: true, streamViewType: "NEW_AND_OLD_IMAGES" })],
    },
    fails: { keys: [table({ streamEnabled: true, streamViewType: "KEYS_ONLY" })] },
  },
  "dynamodb-on-demand-caps": {
    passes: {
      provisioned: [table({ billingMode: "PROVISIONED" })],
      caps: [
        table({
          billingMode: "PAY_PER_REQUEST",
          onDemandThroughput: {},
          globalSecondaryIndexes: [{ name: "I", onDemandThroughput: {} }],
        }),
      ],
    },
    fails: {
      "no caps": [table({ billingMode: "PAY_PER_REQUEST" })],
      "no caps of an index": [table({ billingMode: "PAY_PER_REQUEST", onDemandThroughput: {}, ...index })],
    },
  },
  "dynamodb-scales": {
    passes: {
      "on-demand": [table({ billingMode: "PAY_PER_REQUEST", ...index })],
      autoscaled: [table(index), ...scaled("table/t", "table"), ...scaled("table/t/index/I", "index")],
    },
    fails: {
      provisioned: [table({ billingMode: "PROVISIONED" })],
      "another table is scaled": [table(), ...scaled("table/other", "table")],
      "writes are not scaled": [table(), ...scaled("table/t", "table").slice(0, 1)],
      "the index is not scaled": [table(index), ...scaled("table/t", "table")],
    },
  },
  "dynamodb-in-backup-plan": {
    passes: {
      "by ARN": [table(), selection({ resources: [TABLE_ARN] })],
      "by tag": [
        table({ tags: { backup: "daily" } }),
        selection({ selectionTags: [{ key: "backup", value: "daily" }] }),
      ],
    },
    fails: {
      "no plan": [table()],
      "another table": [table(), selection({ resources: [`${TABLE_ARN}2`] })],
      "another tag": [
        table({ tags: { backup: "no" } }),
        selection({ selectionTags: [{ key: "backup", value: "daily" }] }),
      ],
    },
  },
  "cloudwatch-alarm-actions": {
    passes: { actions: [alarm({ alarmActions: ["arn"], actionsEnabled: true })] },
    fails: {
      none: [alarm({ alarmActions: [] })],
      "switched off": [alarm({ alarmActions: ["arn"], actionsEnabled: false })],
    },
  },
  "dynamodb-alarms": {
    passes: {
      "a table": [table(), systemErrors, ...throttles],
      "a table and its index": [
        table(index),
        systemErrors,
        ...throttles,
        throttle("ReadThrottleEvents", "I"),
        throttle("WriteThrottleEvents", "I"),
      ],
    },
    fails: {
      none: [table()],
      "not of the index": [table(index), systemErrors, ...throttles],
      "no system errors": [table(), ...throttles],
      "no writes": [table(), systemErrors, throttle("ReadThrottleEvents")],
    },
  },
  "kms-rotation": {
    passes: { on: [key({ enableKeyRotation: true })] },
    fails: { "not said": [key({})] },
  },
  "kms-policy": { passes: { one: [key({ policy: "{}" })] }, fails: { none: [key({})] } },
  "sns-encryption": {
    passes: { "a key": [resource("aws:sns/topic:Topic", { kmsMasterKeyId: "arn" })] },
    fails: {
      none: [resource("aws:sns/topic:Topic", {})],
      "aws/sns": [resource("aws:sns/topic:Topic", { kmsMasterKeyId: "alias/aws/sns" })],
    },
  },
  "sqs-encryption": {
    passes: {
      "SQS's keys": [resource("aws:sqs/queue:Queue", { sqsManagedSseEnabled: true })],
      "a key": [resource("aws:sqs/queue:Queue", { kmsMasterKeyId: "arn" })],
    },
    fails: { none: [resource("aws:sqs/queue:Queue", {})] },
  },
  "backup-vault-key": {
    passes: { "a key": [resource("aws:backup/vault:Vault", { kmsKeyArn: "arn" })] },
    fails: { none: [resource("aws:backup/vault:Vault", {})] },
  },
  "iam-no-wildcard": {
    passes: {
      "named actions": [
        permission({ Action: ["dynamodb:Query"], Resource: [TABLE_ARN, `${TABLE_ARN}/index/*`] }),
      ],
      "a family of one action": [
        permission({ Action: "kms:GenerateDataKey*", Resource: "arn:aws:kms:::key/k" }),
      ],
      "what has no resource": [permission({ Action: "xray:PutTraceSegments", Resource: "*" })],
      "keys by their alias": [
        permission({
          Action: "kms:DescribeKey",
          Resource: "arn:aws:kms:us-east-1:111122223333:key/*",
          Condition: { "ForAnyValue:StringLike": { "kms:ResourceAliases": "alias/prod-*" } },
        }),
      ],
      "what AWS names": [
        permission({
          Action: "lambda:GetEventSourceMapping",
          Resource: "arn:aws:lambda:us-east-1:111122223333:event-source-mapping:*",
        }),
      ],
      "a denial": [
        resource("aws:iam/policy:Policy", {
          policy: { Statement: { Effect: "Deny", Action: "*", Resource: "*" } },
        }),
      ],
      "objects of one bucket": [
        permission({ Action: "s3:GetObject", Resource: "arn:aws:s3:::exports/seed/*" }),
      ],
    },
    fails: {
      everything: [permission({ Action: "*", Resource: TABLE_ARN })],
      "a service": [permission({ Action: "dynamodb:*", Resource: TABLE_ARN })],
      "a family": [permission({ Action: "dynamodb:Get*", Resource: TABLE_ARN })],
      "each resource": [permission({ Action: "dynamodb:Query", Resource: "*" })],
      "each table": [
        permission({ Action: "dynamodb:Query", Resource: TABLE_ARN.replace("table/t", "table/*") }),
      ],
      "each key of a region": [
        permission({
          Action: "kms:Decrypt",
          Resource: "*",
          Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } },
        }),
      ],
      "each table, with a second factor": [
        permission({
          Action: "dynamodb:Query",
          Resource: "*",
          Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
        }),
      ],
      "each bucket": [permission({ Action: "s3:GetObject", Resource: "arn:aws:s3:::*" })],
      "what has no resource, with what has": [
        permission({ Action: ["xray:PutTraceSegments", "sqs:SendMessage"], Resource: "*" }),
      ],
      "all but": [permission({ NotAction: "iam:PassRole", Resource: TABLE_ARN })],
      "inside a role": [
        role({ inlinePolicies: [{ policy: allow({ Action: "dynamodb:*", Resource: TABLE_ARN }) }] }),
      ],
    },
  },
  "iam-no-public-principal": {
    passes: {
      "a service": [role({ assumeRolePolicy: allow({ Principal: { Service: "backup.amazonaws.com" } }) })],
      "whoever comes through DynamoDB": [
        key({
          policy: allow({
            Principal: { AWS: "*" },
            Action: "kms:Decrypt",
            Condition: { StringEquals: { "kms:CallerAccount": "111122223333" } },
          }),
        }),
      ],
    },
    fails: {
      "a queue for everybody": [
        resource("aws:sqs/queuePolicy:QueuePolicy", {
          policy: allow({ Principal: "*", Action: "sqs:SendMessage" }),
        }),
      ],
      "a queue for whoever comes by TLS": [
        resource("aws:sqs/queuePolicy:QueuePolicy", {
          policy: allow({
            Principal: "*",
            Action: "sqs:SendMessage",
            Condition: { Bool: { "aws:SecureTransport": "true" } },
          }),
        }),
      ],
      "a table for each account": [
        resource("aws:dynamodb/resourcePolicy:ResourcePolicy", {
          policy: allow({ Principal: { AWS: ["*"] }, Action: "dynamodb:GetItem" }),
        }),
      ],
      "everybody but one": [key({ policy: allow({ NotPrincipal: { AWS: "arn" }, Action: "kms:Decrypt" }) })],
    },
  },
  "iam-github-trust": {
    passes: {
      "an environment": [github("repo:org/app:environment:prod")],
      "no GitHub": [role({ assumeRolePolicy: allow({ Principal: { Service: "lambda.amazonaws.com" } }) })],
    },
    fails: {
      "no subject": [github(undefined)],
      "no audience": [github("repo:org/app:environment:prod", "")],
      "each repository": [github("repo:org/*:ref:refs/heads/main")],
      "each branch": [github("repo:org/app:*")],
    },
  },
  "logs-retention": {
    passes: { "a year": [logGroup({ retentionInDays: 365 })] },
    fails: { "for ever": [logGroup({})], "a month": [logGroup({ retentionInDays: 30 })] },
  },
  "lambda-log-group": {
    passes: {
      declared: [lambda({}), logGroup({ name: "/aws/lambda/f" })],
      "named by the function": [lambda({ loggingConfig: { logGroup: "logs" } }), logGroup({ name: "logs" })],
    },
    fails: { none: [lambda({})], "of another": [lambda({}), logGroup({ name: "/aws/lambda/g" })] },
  },
  "lambda-tracing": {
    passes: { active: [lambda({ tracingConfig: { mode: "Active" } })] },
    fails: {
      "not said": [lambda({})],
      "passed through": [lambda({ tracingConfig: { mode: "PassThrough" } })],
    },
  },
  "lambda-concurrency": {
    passes: { limited: [lambda({ reservedConcurrentExecutions: 5 })] },
    fails: { "not said": [lambda({})] },
  },
  "lambda-dead-letters": {
    passes: { both: [mapping({ ...onFailure, maximumRetryAttempts: 5 })] },
    fails: {
      "no queue": [mapping({ maximumRetryAttempts: 5 })],
      "until it expires": [mapping({ ...onFailure, maximumRetryAttempts: -1 })],
    },
  },
  tags: {
    passes: { some: [table({ tags: { team: "photos" } })], "what has none": [selection({})] },
    fails: { none: [table()], empty: [key({ tags: {} })] },
  },
};
