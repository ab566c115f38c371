import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readDeclaredTables } from "../../src/deploy/declared-tables.ts";
import { deploy } from "../../src/deploy/deploy.ts";
import type { Evaluation } from "../../src/deploy/evaluate-program.ts";
import { silentLog } from "../../src/log.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { ROOT } from "../support/processes.ts";
import { testClient, uniqueName } from "../support/tables.ts";
import { evaluate, ofType, project } from "./evaluate.ts";

const log = silentLog();

const settingsOf = (stack: string, overrides: Record<string, string>) =>
  readStackSettings(project, stack, overrides);

/** The code of a file without its comments, in which the words of the types are plain English. */
const withoutComments = (code: string) => code.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

/** Tables in dev that nobody else has, to be made on the engine. */
const tableNamePrefix = `${uniqueName("program")}-`;
const OWN = { tableNamePrefix, ledgerTableName: `${tableNamePrefix}ledger` };
const STREAMING = {
  stream: "true",
  ttlAttribute: "expiresAt",
  ledgerTableName: "history",
  tableNamePrefix: "team-",
};

const CASES = [
  { stack: "dev", indexOwner: "pulumi", overrides: OWN },
  { stack: "dev", indexOwner: "migration", overrides: OWN },
  { stack: "prod", indexOwner: "pulumi", overrides: {} },
  { stack: "prod", indexOwner: "migration", overrides: STREAMING },
];
const nameOf = ({ stack, indexOwner }: Pick<(typeof CASES)[number], "stack" | "indexOwner">) =>
  `${stack} ${indexOwner}`;

/** What the program declares in each case: each takes a second, so all are evaluated once, at the same time. */
const evaluations = new Map<string, Evaluation>();
beforeAll(async () => {
  await Promise.all(
    CASES.map(async (one) => {
      const { stack, indexOwner, overrides } = one;
      evaluations.set(nameOf(one), await evaluate(stack, { indexOwner, ...overrides }));
    }),
  );
});

function evaluationOf(stack: string, indexOwner: string): Evaluation {
  const found = evaluations.get(nameOf({ stack, indexOwner }));
  if (!found) throw new Error(`${stack} was not evaluated`);
  return found;
}

describe.each(CASES)("the program for $stack, indexes by $indexOwner", ({ stack, indexOwner, overrides }) => {
  const settings = settingsOf(stack, { indexOwner, ...overrides });
  let evaluation: Evaluation;
  beforeAll(() => {
    evaluation = evaluationOf(stack, indexOwner);
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
      notAppliedLocally: dev
        ? ["pointInTimeRecovery"]
        : expect.arrayContaining(["pointInTimeRecovery", "serverSideEncryption", "tags"]),
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

  it("tells the provider to leave copies and a migration's index alone", () => {
    const [photos] = ofType(evaluation, "dynamodb/table:Table");
    const ofMigration = indexOwner === "migration" ? ["globalSecondaryIndexes", "attributes"] : [];
    expect(photos?.ignoreChanges).toEqual(["replicas", ...ofMigration]);
    expect(photos?.inputs).not.toHaveProperty("rangeKey", "");
  });
});

describe("the program", () => {
  it("has a stream, expiry and names of its own where the stack says so", () => {
    const { resources, outputs } = evaluationOf("prod", "migration");
    const [photos, ledger] = readDeclaredTables(resources);
    expect(photos).toMatchObject({ streamView: "NEW_AND_OLD_IMAGES", ttlAttribute: "expiresAt" });
    expect(ledger?.streamView).toBeUndefined();
    expect(outputs).toMatchObject({ tableName: "team-quick-photos", ledgerTableName: "history" });
    const [plain] = readDeclaredTables(evaluationOf("dev", "pulumi").resources);
    expect(plain).toMatchObject({ streamView: undefined, ttlAttribute: undefined });
  });

  it("refuses a wrong configuration, every mistake at once, and without a stack trace", async () => {
    const refused = evaluate("dev", { stream: "perhaps", writeCapacity: "0", colour: "red" });
    await expect(refused).rejects.toThrow(/colour[\s\S]*stream[\s\S]*writeCapacity/);
    await expect(refused).rejects.not.toThrow(/^\s+at /m);
  });

  // That it type-checks at all is what `npm run check` finds out.
  it("goes no way round the types", () => {
    const files = readdirSync(join(ROOT, "infra"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
      .map((file) => join(ROOT, "infra", file));
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) {
      const text = readFileSync(file, "utf8");
      expect(text, file).not.toContain("@ts-");
      expect(withoutComments(text), file).not.toMatch(/\bany\b|as unknown|as never/);
    }
  });
});

it("deploys to an engine, and the second time changes nothing, whoever owns the index from then on", async () => {
  const { client } = testClient();
  const settings = settingsOf("dev", { indexOwner: "pulumi", ...OWN });
  const stack = { project, settings, log, client };
  const evaluation = evaluationOf("dev", "pulumi");
  const first = await deploy({ ...stack, evaluation });
  expect(first.otherResources).toEqual([]);
  const [photos, ledger] = first.tables;
  expect(photos).toMatchObject({
    name: settings.tableName("quick-photos"),
    model: "quick-photos",
    steps: [{ kind: "createTable", text: expect.stringContaining("index InvertedIndex") }],
    notAppliedLocally: ["pointInTimeRecovery"],
    drift: [],
  });
  // The engine's own ARN, not the one that the evaluation made up.
  expect(photos?.arn).toMatch(/^arn:aws:dynamodb:ddblocal:/);
  expect(ledger).toMatchObject({ name: settings.ledgerTable, steps: [{ kind: "createTable" }] });
  expect(ledger).not.toHaveProperty("model");

  const second = await deploy({ ...stack, evaluation });
  expect(second.tables.map(({ steps, drift }) => [...steps, ...drift])).toEqual([[], []]);
  const handedOver = await deploy({ ...stack, evaluation: evaluationOf("dev", "migration"), prune: true });
  expect(handedOver.tables.map(({ steps, drift }) => [...steps, ...drift])).toEqual([[], []]);
});
