import { DeleteTableCommand, ListTablesCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { expect, inject, it } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { deploy } from "../../src/deploy/deploy.ts";
import { ReadOnlyViolationError } from "../../src/dynamo/errors.ts";
import { silentLog } from "../../src/log.ts";
import { findProject } from "../../src/project/find-project.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { type Finished, ROOT, tablewright } from "../support/processes.ts";
import { createTestTable, testClient, uniqueName } from "../support/tables.ts";
import { invertedIndex, plainInputs, resource } from "./declare.ts";
import { inJavaScript, writeProject } from "./programs.ts";

const project = findProject(ROOT);
const stack = { project, settings: readStackSettings(project, "dev"), log: silentLog() };

it("plans every table before it touches one, so that one that cannot be mended stops it all", async () => {
  const { client } = testClient();
  const [good, bad] = [uniqueName(), uniqueName()];
  const evaluation = (hashKey: string) => ({
    resources: [
      resource(plainInputs(good), { urn: "urn:good" }),
      resource({
        ...plainInputs(bad),
        hashKey,
        attributes: [hashKey, "SK"].map((name) => ({ name, type: "S" })),
      }),
      resource({}, { urn: "urn:queue", type: "aws:sqs/queue:Queue", name: "queue" }),
    ],
    outputs: {},
  });
  const justBad = { resources: evaluation("PK").resources.slice(1), outputs: {} };
  expect((await deploy({ ...stack, client, evaluation: justBad })).otherResources).toEqual([
    { urn: "urn:queue", type: "aws:sqs/queue:Queue", name: "queue" },
  ]);
  const refused = deploy({ ...stack, client, evaluation: evaluation("id") });
  await expect(refused).rejects.toThrow("partitionKey: declared id (S), found PK (S)");
  const { TableNames } = await client.send(
    new ListTablesCommand({ ExclusiveStartTableName: `${good.slice(0, -1)}` }),
  );
  expect(TableNames).not.toContain(good);
});

it("refuses a table with an index that its engine never finishes deleting, dry run or not", async () => {
  const { client } = testClient();
  const name = uniqueName();
  await createTestTable(client, quickPhotos, { name });
  const GlobalSecondaryIndexUpdates = [{ Delete: { IndexName: "InvertedIndex" } }];
  await client.send(new UpdateTableCommand({ TableName: name, GlobalSecondaryIndexUpdates }));
  const evaluation = { resources: [resource(plainInputs(name))], outputs: {} };
  const refused = [true, false].map((dryRun) =>
    expect(deploy({ ...stack, client, dryRun, evaluation })).rejects.toMatchObject({
      code: "stuck-index",
      message: expect.stringContaining(`index InvertedIndex of ${name} is being deleted`),
      next: expect.stringContaining("tablewright table delete"),
    }),
  );
  await Promise.all(refused);
  await client.send(new DeleteTableCommand({ TableName: name }));
});

it("a dry run says the same steps and cannot write", async () => {
  const name = uniqueName();
  const evaluation = { resources: [resource(plainInputs(name))], outputs: {} };
  const reader = testClient(undefined, { readOnly: true }).client;
  const { client } = testClient();
  const dry = await deploy({ ...stack, client: reader, dryRun: true, evaluation });
  await expect(deploy({ ...stack, client: reader, evaluation })).rejects.toThrow(ReadOnlyViolationError);
  const wet = await deploy({ ...stack, client, evaluation });
  expect(wet.tables.map(({ steps }) => steps)).toEqual(dry.tables.map(({ steps }) => steps));
  await client.send(new DeleteTableCommand({ TableName: name }));
});

/** Runs the command in a project. */
function runDeploy(root: string, ...args: string[]): Promise<Finished> {
  const where = ["--project", root, "--endpoint", inject("endpoint")];
  return tablewright(["deploy", ...where, ...args]);
}

it("the command: dry run, deploy, drift, prune, in text and JSON", { timeout: 90_000 }, async () => {
  const name = uniqueName("cli");
  const indexed = (index: object | undefined) =>
    `table(${JSON.stringify(name)}, { rangeKey: "SK",
      attributes: ["PK", "SK"${index ? ', "other"' : ""}].map((name) => ({ name, type: "S" })),
      ${index ? `globalSecondaryIndexes: [${JSON.stringify(index)}],` : ""} tags: { a: "b" } });`;
  const full = writeProject(inJavaScript(indexed({ ...invertedIndex, hashKey: "other" })));
  const bare = writeProject(inJavaScript(indexed(undefined)));

  const dry = await runDeploy(full.root, "--dry-run");
  expect(dry).toMatchObject({ status: 0, stderr: "" });
  expect(dry.stdout).toContain(
    `${name}:\n  would create the table, keys PK (S), SK (S), index InvertedIndex, on-demand`,
  );
  expect(dry.stdout).toContain("nothing was changed");

  const first = await runDeploy(full.root);
  expect(first.status).toBe(0);
  expect(first.stdout).toContain("  done: create the table");
  expect(first.stdout).toContain("  not applied locally: tags");

  const drifted = await runDeploy(bare.root, "--json");
  expect(drifted.status).toBe(1);
  expect(JSON.parse(drifted.stdout)).toMatchObject({
    command: "deploy",
    stack: "dev",
    target: expect.stringContaining(inject("endpoint")),
    dryRun: false,
    indexOwner: "pulumi",
    tables: [
      {
        name,
        steps: [],
        notAppliedLocally: ["tags"],
        drift: [{ kind: "extraIndex", index: "InvertedIndex" }],
      },
    ],
  });

  const pruned = await runDeploy(bare.root, "--prune");
  expect(pruned.status).toBe(0);
  expect(pruned.stdout).toContain("  done: delete index InvertedIndex");
});

it("the command says of AWS what deploys there, and what is wrong of an owner and of a stack", async () => {
  const [aws, owner, stack] = await Promise.all([
    runDeploy(ROOT, "--aws", "--stack", "prod"),
    runDeploy(ROOT, "--index-owner", "nobody"),
    runDeploy(ROOT, "--stack", "nowhere", "--json"),
  ]);
  expect(aws).toMatchObject({ status: 4, stdout: "" });
  expect(aws.stderr).toContain("npx pulumi up --stack prod");
  expect(owner.status).toBe(4);
  expect(stack.status).toBe(4);
  expect(JSON.parse(stack.stdout)).toMatchObject({ command: "deploy", error: { code: "stack-config" } });
});
