import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { bundleFunction } from "../../infra/components/stream-consumer/bundle-function.ts";
import { consumerMistakes } from "../../infra/components/stream-consumer/check-consumer.ts";
import type { Evaluation } from "../../src/deploy/evaluate-program.ts";
import { ROOT } from "../support/processes.ts";
import { evaluate, named, ofType } from "./evaluate.ts";

const ACCOUNT = "000000000000";
const FUNCTION = "prod-quick-photos-stream-consumer";
const TABLES = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table`;

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: unknown;
}
const statementsOf = (policy: unknown) =>
  (JSON.parse(String(policy)) as { Statement: Statement[] }).Statement;

describe("a stack with a stream consumer", () => {
  let evaluation: Evaluation;
  const inputsOf = (type: string, name = "stream-consumer") => named(evaluation, type, name).inputs;
  beforeAll(async () => {
    evaluation = await evaluate("prod", {
      stream: "true",
      streamConsumer: "true",
      encryption: "customer-key",
      consumerBatchSize: "50",
      consumerParallelization: "2",
      consumerRetryAttempts: "3",
      consumerMaximumRecordAgeSeconds: "3600",
      logRetentionDays: "30",
      tags: '["team=photos"]',
    });
  });

  it("declares the function, with its code, its table and its traces", () => {
    expect(inputsOf("lambda/function:Function")).toEqual({
      name: FUNCTION,
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      code: { archive: { "index.mjs": { asset: "text" } } },
      handler: "index.handler",
      role: `arn:aws:iam::${ACCOUNT}:role/${FUNCTION}`,
      timeout: 60,
      memorySize: 256,
      environment: { variables: { ACTIVITY_TABLE: "prod-quick-photos-activity" } },
      tracingConfig: { mode: "Active" },
      loggingConfig: { logFormat: "Text", logGroup: `/aws/lambda/${FUNCTION}` },
      tags: { team: "photos" },
    });
    expect(inputsOf("cloudwatch/logGroup:LogGroup")).toMatchObject({
      name: `/aws/lambda/${FUNCTION}`,
      retentionInDays: 30,
    });
  });

  it("maps the table's stream to it, as the configuration says", () => {
    const { filterCriteria, ...mapping } = inputsOf("lambda/eventSourceMapping:EventSourceMapping");
    expect(mapping).toEqual({
      eventSourceArn: expect.stringMatching(new RegExp(`^${TABLES}/prod-quick-photos/stream/`)),
      functionName: FUNCTION,
      startingPosition: "TRIM_HORIZON",
      batchSize: 50,
      parallelizationFactor: 2,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 3,
      maximumRecordAgeInSeconds: 3600,
      functionResponseTypes: ["ReportBatchItemFailures"],
      destinationConfig: {
        onFailure: { destinationArn: `arn:aws:sqs:us-east-1:${ACCOUNT}:${FUNCTION}-dead-letters` },
      },
      tags: { team: "photos" },
    });
    const { filters } = filterCriteria as { filters: { pattern: string }[] };
    expect(filters.map(({ pattern }) => JSON.parse(pattern))).toEqual([
      { eventName: ["INSERT", "REMOVE"] },
      {
        eventName: ["MODIFY"],
        dynamodb: {
          Keys: {
            PK: { S: [{ prefix: "USER#" }] },
            SK: { S: [{ prefix: "#METADATA#" }, { prefix: "PHOTO#" }] },
          },
        },
      },
    ]);
  });

  it("keeps dead letters for as long as SQS can, encrypted, and by TLS only", () => {
    expect(inputsOf("sqs/queue:Queue")).toMatchObject({
      name: `${FUNCTION}-dead-letters`,
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: 1_209_600,
    });
    expect(statementsOf(inputsOf("sqs/queuePolicy:QueuePolicy").policy)).toMatchObject([
      { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ]);
  });

  it("gives it a role that may do what it does, and nothing else", () => {
    const statements = statementsOf(inputsOf("iam/rolePolicy:RolePolicy").policy);
    const allowed = statements.map(({ Sid, Action, Resource }) => [Sid, [Action].flat(), [Resource].flat()]);
    expect(allowed).toEqual([
      [
        "ReadTheStream",
        ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map((name) => `dynamodb:${name}`),
        [`${TABLES}/prod-quick-photos/stream/*`],
      ],
      [
        "WriteTheEffects",
        ["dynamodb:PutItem", "dynamodb:UpdateItem"],
        [`${TABLES}/prod-quick-photos-activity`],
      ],
      ["SendDeadLetters", ["sqs:SendMessage"], [`arn:aws:sqs:us-east-1:${ACCOUNT}:${FUNCTION}-dead-letters`]],
      [
        "WriteLogLines",
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [`arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/lambda/${FUNCTION}:*`],
      ],
      // X-Ray has no resources to name.
      ["SendTraces", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]],
      [
        "UseTheTablesKeys",
        ["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
        [expect.stringMatching(/^arn:aws:kms:/), expect.stringMatching(/^arn:aws:kms:/)],
      ],
    ]);
    expect(statementsOf(inputsOf("iam/role:Role").assumeRolePolicy)).toEqual([
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ]);
  });

  it("makes the function once its role may do all: Lambda tries the right to send traces", () => {
    const { urn } = named(evaluation, "iam/rolePolicy:RolePolicy", "stream-consumer");
    expect(named(evaluation, "lambda/function:Function", "stream-consumer").dependencies).toContain(urn);
    const mapping = named(evaluation, "lambda/eventSourceMapping:EventSourceMapping", "stream-consumer");
    expect(mapping.dependencies).toContain(urn);
  });

  it("declares the consumer's own table, as safe as the app's, and forgetting events", () => {
    const { inputs, protect } = named(evaluation, "dynamodb/table:Table", "activity");
    expect(inputs).toMatchObject({
      name: "prod-quick-photos-activity",
      billingMode: "PAY_PER_REQUEST",
      ttl: { attributeName: "expiresAt", enabled: true },
      deletionProtectionEnabled: true,
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true },
    });
    expect(inputs).not.toHaveProperty("streamEnabled");
    expect(protect).toBe(true);
  });

  it("puts the outputs out, and everything under one component", () => {
    expect(evaluation.outputs).toMatchObject({
      functionName: FUNCTION,
      deadLetterQueueUrl: `https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/${FUNCTION}-dead-letters`,
    });
    const component = evaluation.resources.find(({ type }) => type === "tablewright:infra:StreamConsumer");
    const children = evaluation.resources.filter(({ parent }) => parent === component?.urn);
    expect(children).toHaveLength(7);
  });
});

describe("a stack without one", () => {
  it("declares nothing of it", async () => {
    const evaluation = await evaluate("dev", { stream: "true" });
    expect(ofType(evaluation, "lambda/function:Function")).toEqual([]);
    expect(ofType(evaluation, "dynamodb/table:Table").map(({ name }) => name)).not.toContain("activity");
    expect(evaluation.outputs).toMatchObject({ functionName: null, deadLetterQueueUrl: null });
  });
});

describe("a consumer that AWS would refuse", () => {
  it("is refused, every mistake at once", () => {
    const physicalName = "x".repeat(65);
    expect(consumerMistakes({ physicalName, source: { streamArn: undefined } })).toEqual([
      `physicalName "${physicalName}" has 65 characters, and the name of a Lambda function has at most 64`,
      "source has no stream: give its table one",
    ]);
    expect(consumerMistakes({ physicalName: "x".repeat(64), source: { streamArn: {} } })).toEqual([]);
  });
});

describe("the bundle", () => {
  const textOf = async (archive: pulumi.asset.AssetArchive) => {
    const { "index.mjs": file } = await archive.assets;
    return (file as pulumi.asset.StringAsset).text;
  };

  it("is the same each time, small, and brings no SDK", async () => {
    const [first, second] = [
      bundleFunction("stream-consumer", "node24"),
      bundleFunction("stream-consumer", "node24"),
    ];
    const text = await textOf(first);
    expect(await textOf(second)).toBe(text);
    expect(text).not.toContain(ROOT);
    expect(text.length).toBeLessThan(1_500_000);
    const outside = [...text.matchAll(/^import .* from "([^"]+)";$|^} from "([^"]+)";$/gm)].map(
      ([, first, second]) => first ?? second,
    );
    expect([...new Set(outside)].sort()).toEqual([
      "@aws-sdk/client-dynamodb",
      "@aws-sdk/util-dynamodb",
      "node:timers/promises",
      "node:util",
    ]);
  });

  it("loads as Lambda loads it, and exports the handler", async () => {
    vi.stubEnv("ACTIVITY_TABLE", "activity");
    onTestFinished(() => void vi.unstubAllEnvs());
    // Inside the project, as Lambda's own SDK is not here.
    const folder = mkdtempSync(join(ROOT, "node_modules", ".bundle-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "index.mjs");
    writeFileSync(file, await textOf(bundleFunction("stream-consumer", "node24")));
    const { handler } = (await import(pathToFileURL(file).href)) as {
      handler: (event: unknown) => Promise<unknown>;
    };
    expect(await handler({ Records: [] })).toEqual({ batchItemFailures: [] });
  });

  it("of a function that there is not names the file", () => {
    expect(() => bundleFunction("nothing", "node24")).toThrow(/nothing\/handler\.ts/);
  });
});
