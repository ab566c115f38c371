import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { readDeclaredTables } from "../../src/deploy/declared-tables.ts";
import { type Evaluation, evaluateProgram } from "../../src/deploy/evaluate-program.ts";
import { silentLog } from "../../src/log.ts";
import { findProject } from "../../src/project/find-project.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { ROOT } from "../support/processes.ts";

const project = findProject(ROOT);

async function evaluate(stack: string, overrides: Record<string, string>): Promise<Evaluation> {
  vi.stubEnv("NODE_OPTIONS", "--conditions=tablewright-source");
  try {
    const settings = readStackSettings(project, stack, overrides);
    return await evaluateProgram({ project, settings, log: silentLog() });
  } finally {
    vi.unstubAllEnvs();
  }
}

describe.each([
  { stack: "dev", indexOwner: "pulumi" },
  { stack: "dev", indexOwner: "migration" },
  { stack: "prod", indexOwner: "pulumi" },
  { stack: "prod", indexOwner: "migration" },
])("the program for $stack, indexes by $indexOwner", ({ stack, indexOwner }) => {
  const settings = readStackSettings(project, stack, { indexOwner });
  let evaluation: Evaluation;
  beforeAll(async () => {
    evaluation = await evaluate(stack, { indexOwner });
  });

  it("exports what the settings resolve without it", () => {
    expect(evaluation.outputs).toMatchObject({
      tableName: settings.tableName("quick-photos"),
      ledgerTableName: settings.ledgerTable,
      indexOwner: settings.indexOwner,
    });
    expect(evaluation.outputs.tableArn).toMatch(new RegExp(`:table/${settings.tableName("quick-photos")}$`));
    expect(evaluation.outputs.ledgerTableArn).toMatch(new RegExp(`:table/${settings.ledgerTable}$`));
  });

  it("declares the two tables, protected where the stack is", () => {
    const [photos, ledger] = readDeclaredTables(evaluation.resources);
    const capacity = { read: 10, write: 10 };
    const dev = stack === "dev";
    const keys = { partitionKey: { name: "PK", type: "S" }, sortKey: { name: "SK", type: "S" } };
    const inverted = { partitionKey: keys.sortKey, sortKey: keys.partitionKey, projection: "ALL" };
    expect(photos).toMatchObject({
      name: settings.tableName("quick-photos"),
      ...keys,
      billing: dev ? { mode: "PROVISIONED", capacity } : { mode: "PAY_PER_REQUEST" },
      deletionProtection: !dev,
      notAppliedLocally: ["pointInTimeRecovery"],
    });
    expect(photos?.indexes).toEqual(
      indexOwner === "pulumi" ? { InvertedIndex: { design: inverted, ...(dev ? { capacity } : {}) } } : {},
    );
    expect(ledger).toMatchObject({
      name: settings.ledgerTable,
      ...keys,
      billing: { mode: "PAY_PER_REQUEST" },
      indexes: {},
      deletionProtection: !dev,
    });
    expect(evaluation.resources.map(({ protect }) => protect).includes(true)).toBe(!dev);
  });

  it("tells the provider to leave a migration's index alone", () => {
    const [photos] = evaluation.resources.filter(({ name, custom }) => name === "quick-photos" && custom);
    expect(photos?.ignoreChanges).toEqual(
      indexOwner === "migration" ? ["globalSecondaryIndexes", "attributes"] : [],
    );
    expect(photos?.inputs).not.toHaveProperty("rangeKey", "");
  });
});

describe("the program", () => {
  it("has a stream, expiry and names of its own where the stack says so", async () => {
    const { resources, outputs } = await evaluate("prod", {
      stream: "true",
      ttlAttribute: "expiresAt",
      ledgerTableName: "history",
      tableNamePrefix: "team-",
    });
    const [photos, ledger] = readDeclaredTables(resources);
    expect(photos).toMatchObject({ streamView: "NEW_AND_OLD_IMAGES", ttlAttribute: "expiresAt" });
    expect(ledger?.streamView).toBeUndefined();
    expect(outputs).toMatchObject({ tableName: "team-quick-photos", ledgerTableName: "history" });
  });

  it("refuses a wrong configuration, every mistake at once, and without a stack trace", async () => {
    const refused = evaluate("dev", { stream: "perhaps", writeCapacity: "0", colour: "red" });
    await expect(refused).rejects.toThrow(/colour[\s\S]*writeCapacity[\s\S]*stream/);
    await expect(refused).rejects.not.toThrow(/^\s+at /m);
  });

  it("type-checks, without a way round the types", { timeout: 60_000 }, () => {
    const files = readdirSync(join(ROOT, "infra"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(ROOT, "infra", file));
    const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    const program = ts.createProgram(files, options);
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    expect(files.length).toBeGreaterThan(4);
    expect(problems).toEqual([]);
    for (const file of files)
      expect(readFileSync(file, "utf8")).not.toMatch(/\bany\b|@ts-|as unknown|as never/);
  });
});
