import { UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, it } from "vitest";
import { deploy } from "../../../src/deploy/deploy.ts";
import { diffLive } from "../../../src/deploy/diff/diff-live.ts";
import type { DeclaredResource } from "../../../src/deploy/monitor.ts";
import type { Properties } from "../../../src/deploy/resource-values.ts";
import { silentLog } from "../../../src/log.ts";
import { findProject } from "../../../src/project/find-project.ts";
import { readStackSettings } from "../../../src/project/stack-settings.ts";
import type { Answer } from "../../faults/answers.ts";
import { type FaultRule, startFaultProxy } from "../../faults/proxy.ts";
import { ROOT } from "../../support/processes.ts";
import { testClient, uniqueName } from "../../support/tables.ts";
import { invertedIndex, plainInputs, resource } from "../declare.ts";

const project = findProject(ROOT);

function stack(inputs: Properties = {}, options: Partial<DeclaredResource> = {}) {
  const name = uniqueName("diff");
  const settings = readStackSettings(project, "dev", { tableNamePrefix: name });
  const indexed = { ...plainInputs(name), globalSecondaryIndexes: [invertedIndex], ...inputs };
  const resources = [resource(indexed, options), resource({}, { urn: "urn:q", type: "aws:sqs/queue:Queue" })];
  return { name, project, settings, resources, region: "us-east-1" };
}

describe("against a local engine", () => {
  it("a table that was deployed is as declared; one that somebody changed is not, field by field", async () => {
    const { client } = testClient();
    const reader = testClient(undefined, { readOnly: true }).client;
    const options = stack({ tags: { team: "a" } });
    const compare = () => diffLive({ ...options, client: reader, aws: false });

    expect((await compare()).tables).toMatchObject([
      { exists: false, drift: [{ path: "table", declared: "present", live: "none" }] },
    ]);
    const evaluation = { resources: options.resources, outputs: {} };
    await deploy({ ...options, client, log: silentLog(), evaluation });
    expect(await compare()).toEqual({
      otherResources: 1,
      tables: [{ name: options.name, exists: true, drift: [], notes: [], notCompared: ["tags"] }],
    });
    const StreamSpecification = { StreamEnabled: true, StreamViewType: "KEYS_ONLY" as const };
    await client.send(new UpdateTableCommand({ TableName: options.name, StreamSpecification }));
    expect((await compare()).tables[0]?.drift).toEqual([
      { path: "streamEnabled", declared: "false", live: "true" },
    ]);
  });
});

/** What AWS answers and DynamoDB Local does not. The answers are written here: nothing of this ran on AWS. */
function awsAnswers(table: Record<string, unknown>, recovery: object, tagPages: object[]): FaultRule[] {
  const ok = (body: Record<string, unknown>): Answer => ({ status: 200, body });
  const described = ({ body }: Answer) => {
    const { GlobalSecondaryIndexes, ...rest } = body.Table as { GlobalSecondaryIndexes: object[] };
    const limits = { OnDemandThroughput: { MaxReadRequestUnits: -1, MaxWriteRequestUnits: 7 } };
    const indexes = GlobalSecondaryIndexes.map((index) => ({ ...index, ...limits }));
    return ok({ Table: { ...rest, GlobalSecondaryIndexes: indexes, ...table } });
  };
  return [
    { operation: "DescribeTable", fault: { kind: "rewrite", change: described } },
    {
      operation: "DescribeContinuousBackups",
      fault: {
        kind: "rewrite",
        change: () =>
          ok({
            ContinuousBackupsDescription: {
              ContinuousBackupsStatus: "ENABLED",
              PointInTimeRecoveryDescription: recovery,
            },
          }),
      },
    },
    {
      operation: "ListTagsOfResource",
      fault: {
        kind: "rewrite",
        change: (_answer, { nth }) => ok(tagPages[nth - 1] as Record<string, unknown>),
      },
    },
  ];
}

it("an index that is being deleted counts as gone", async () => {
  const options = stack();
  const { client } = testClient();
  const evaluation = { resources: options.resources, outputs: {} };
  await deploy({ ...options, client, log: silentLog(), evaluation });
  const dying = ({ status, body }: Answer): Answer => {
    const Table = body.Table as { GlobalSecondaryIndexes: object[] };
    const indexes = Table.GlobalSecondaryIndexes.map((index) => ({ ...index, IndexStatus: "DELETING" }));
    return { status, body: { Table: { ...Table, GlobalSecondaryIndexes: indexes } } };
  };
  const rules: FaultRule[] = [{ operation: "DescribeTable", fault: { kind: "rewrite", change: dying } }];
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  const result = await diffLive({ ...options, client: testClient(proxy.endpoint).client, aws: false });
  expect(result.tables[0]?.drift.map(({ path }) => path)).toEqual(["globalSecondaryIndexes.InvertedIndex"]);
});

describe("against answers as AWS gives them", () => {
  const KEY = "arn:aws:kms:us-east-1:123456789012:key/one";

  async function compare(inputs: Properties, table: object, recovery: object, tagPages: object[]) {
    const { client } = testClient();
    const options = stack(inputs);
    const evaluation = { resources: options.resources, outputs: {} };
    await deploy({ ...options, client, log: silentLog(), evaluation });
    const TableArn = `arn:aws:dynamodb:us-east-1:123456789012:table/${options.name}`;
    const rules = awsAnswers({ TableArn, ...table }, recovery, tagPages);
    const proxy = await startFaultProxy(inject("endpoint"), { rules });
    const reader = testClient(proxy.endpoint, { readOnly: true, maxAttempts: 1 }).client;
    const { tables } = await diffLive({ ...options, client: reader, aws: true });
    return { ...tables[0], operations: proxy.requests.map(({ operation }) => operation) };
  }

  const full = {
    pointInTimeRecovery: { enabled: true, recoveryPeriodInDays: 14 },
    serverSideEncryption: { enabled: true, kmsKeyArn: KEY },
    onDemandThroughput: { maxReadRequestUnits: 100 },
    globalSecondaryIndexes: [{ ...invertedIndex, onDemandThroughput: { maxWriteRequestUnits: 7 } }],
    replicas: [{ regionName: "eu-west-1" }],
    tags: { team: "photos", env: "prod" },
  };
  const live = {
    SSEDescription: { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: KEY },
    OnDemandThroughput: { MaxReadRequestUnits: 100, MaxWriteRequestUnits: -1 },
    Replicas: [{ RegionName: "eu-west-1", ReplicaStatus: "ACTIVE" }, { RegionName: "us-east-1" }],
    WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000, Status: "ACTIVE" },
    TableClassSummary: { TableClass: "STANDARD" },
  };
  const recovery = { PointInTimeRecoveryStatus: "ENABLED", RecoveryPeriodInDays: 14 };
  const tags = [
    { Tags: [{ Key: "team", Value: "photos" }], NextToken: "more" },
    {
      Tags: [
        { Key: "env", Value: "prod" },
        { Key: "aws:cloudformation:stack-name", Value: "x" },
      ],
    },
  ];

  it("a table with every setting is as declared: every page of its tags, none of AWS's own", async () => {
    const { drift, notCompared, operations } = await compare(full, live, recovery, tags);
    expect(drift).toEqual([]);
    expect(notCompared).toEqual(["replicas.eu-west-1: recovery, deletion protection and tags of the copy"]);
    expect(operations.filter((operation) => operation === "ListTagsOfResource")).toHaveLength(2);
  });

  it("a table that lost its settings by hand differs in each of them", async () => {
    const bare = { TableClassSummary: { TableClass: "STANDARD_INFREQUENT_ACCESS" }, Replicas: [] };
    const off = { PointInTimeRecoveryStatus: "DISABLED" };
    const { drift } = await compare(full, bare, off, [{ Tags: [] }]);
    expect(drift?.map(({ path, live: found }) => `${path}=${found}`)).toEqual([
      "pointInTimeRecovery.enabled=false",
      "tableClass=STANDARD_INFREQUENT_ACCESS",
      "onDemandThroughput.maxReadRequestUnits=none",
      "replicas.eu-west-1=none",
      "tags.team=none",
      "tags.env=none",
      "serverSideEncryption=aws-owned",
    ]);
  });

  it("a table in another region than the stack's is told", async () => {
    const TableArn = "arn:aws:dynamodb:eu-west-1:123456789012:table/x";
    const { drift } = await compare(full, { ...live, TableArn }, recovery, tags);
    expect(drift).toContainEqual({ path: "region", declared: "us-east-1", live: "eu-west-1" });
  });
});
