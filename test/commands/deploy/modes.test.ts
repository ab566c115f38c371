import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { type Connection, createContext } from "../../../src/commands/context.ts";
import { runDiff } from "../../../src/commands/deploy/diff.ts";
import { runGraph } from "../../../src/commands/deploy/graph.ts";
import { DEFAULT_TRAFFIC, type DeployCommandOptions } from "../../../src/commands/deploy/options.ts";
import { runPlan } from "../../../src/commands/deploy/plan.ts";
import { deploy } from "../../../src/deploy/deploy.ts";
import { UsageError } from "../../../src/errors.ts";
import { silentLog } from "../../../src/log.ts";
import type { Project } from "../../../src/project/find-project.ts";
import { readStackSettings } from "../../../src/project/stack-settings.ts";
import { resource } from "../../deploy/declare.ts";
import { inTypeScript, writeProject } from "../../deploy/programs.ts";
import { flowchartMistakes } from "../../support/mermaid-check.ts";
import { testClient, uniqueName } from "../../support/tables.ts";

/** The command line of one of the modes, in a project of its own. */
function commandLine(project: Project, options: Partial<DeployCommandOptions> = {}) {
  const all: DeployCommandOptions = {
    table: "orders",
    stack: "dev",
    project: project.root,
    aws: false,
    dummyCredentials: false,
    json: false,
    verbose: false,
    color: false,
    ...options,
  };
  const connections: Connection[] = [];
  onTestFinished(() => {
    for (const { client } of connections) client.destroy();
  });
  return [createContext(all, connections), all] as const;
}

/** A project whose program declares the table of one model, and a queue. */
function ordersProject(name: string): Project {
  const program = `import { Queue } from "@pulumi/aws/sqs/queue.js";
    table("orders", { name: ${JSON.stringify(name)} }); new Queue("orders", { name: "orders" });`;
  const [prefix] = name.split("orders");
  return writeProject({
    ...inTypeScript(program),
    "Pulumi.dev.yaml": `config:\n  other:tableNamePrefix: ${JSON.stringify(prefix)}\n`,
    "infra/tables/orders.ts": "export default {};",
  });
}

/** What `table` in a project of {@link writeProject} declares. */
const onlyPartitionKey = (name: string) => ({
  name,
  hashKey: "PK",
  attributes: [{ name: "PK", type: "S" }],
  billingMode: "PAY_PER_REQUEST",
});

describe("deploy --plan", () => {
  it("shows the stack and its cost with no engine anywhere, as text and as data", async () => {
    const [context, options] = commandLine(ordersProject("plan-orders"), { writesPerSecond: 50 });
    const { document, text } = await runPlan(context, options);
    expect(document).toMatchObject({
      stack: "dev",
      region: "us-east-1",
      resources: 2,
      tables: 1,
      roots: [{ name: "orders", type: "aws:dynamodb/table:Table" }, { type: "aws:sqs/queue:Queue" }],
      estimate: {
        table: "plan-orders",
        traffic: { ...DEFAULT_TRAFFIC, writesPerSecond: 50 },
        priced: true,
      },
    });
    expect(text).toContain("name        plan-orders");
    expect(text).toMatch(/ {2}total +\d+\.\d\d/);
    expect(text?.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("refuses traffic that is no number", async () => {
    const [context, options] = commandLine(ordersProject("plan-orders"), { storageGb: Number.NaN });
    await expect(runPlan(context, options)).rejects.toThrow(UsageError);
    await expect(runPlan(context, options)).rejects.toThrow("--storage-gb must be a number, 0 or more");
    const both = commandLine(ordersProject("plan-orders"), { readsPerSecond: -1, storageGb: Number.NaN });
    await expect(runPlan(...both)).rejects.toThrow(
      "--reads-per-second must be a number, 0 or more\n--storage-gb must be",
    );
  });
});

describe("deploy --graph", () => {
  it("writes a flowchart to a file", async () => {
    const project = ordersProject("graph-orders");
    const out = join(project.root, "docs", "stack.mmd");
    const [context, options] = commandLine(project, { out });
    const { document } = await runGraph(context, options);
    const mermaid = readFileSync(out, "utf8");
    expect(document).toMatchObject({ stack: "dev", mermaid, out });
    expect(flowchartMistakes(mermaid)).toEqual([]);
    expect(mermaid).toContain('[("graph-orders<br/>PK (S)<br/>on-demand")]');
  });
});

describe("deploy --diff", () => {
  it("is 1 where a table is missing or changed, and 0 where all is as declared", async () => {
    const name = `${uniqueName("diff")}-orders`;
    const project = ordersProject(name);
    const endpoint = inject("endpoint");
    const [context, options] = commandLine(project, { endpoint });
    const missing = await runDiff(context, options);
    expect(missing.exitCode).toBe(1);
    expect(missing.text).toContain(`${name}: there is no such table`);
    expect(missing.text).toContain("npx tablewright deploy --stack dev");

    const settings = readStackSettings(project, "dev");
    const { client } = testClient();
    const evaluation = { resources: [resource(onlyPartitionKey(name))], outputs: {} };
    await deploy({ project, settings, client, log: silentLog(), evaluation });
    const equal = await runDiff(context, options);
    expect(equal.exitCode).toBe(0);
    expect(equal.document).toMatchObject({ equal: true, tables: [{ name, model: "orders", drift: [] }] });
    expect(equal.text).toContain("1 other resource was not compared");
    expect(equal.text).toContain("is as stack dev declares it");

    const { client: writer } = testClient();
    await writer.send(
      new UpdateTableCommand({
        TableName: name,
        AttributeDefinitions: [{ AttributeName: "total", AttributeType: "N" }],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: "By.Total",
              KeySchema: [{ AttributeName: "total", KeyType: "HASH" }],
              Projection: { ProjectionType: "ALL" },
            },
          },
        ],
      }),
    );
    const extra = await runDiff(context, options);
    expect(extra.exitCode).toBe(1);
    expect(extra.text).toContain("npx tablewright deploy --stack dev --prune, which deletes indexes");
  });
});
