import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { RoleName } from "../../../infra/components/access/permissions.ts";
import quickPhotos from "../../../infra/tables/quick-photos.ts";
import querySet from "../../../queries/quick-photos/index.ts";
import { type CommandContext, type Connection, createContext } from "../../../src/commands/context.ts";
import { openMigrator } from "../../../src/commands/migrate/open-migrator.ts";
import { runProve } from "../../../src/commands/seed/prove.ts";
import { runSeed } from "../../../src/commands/seed/run-seed.ts";
import { runVerify } from "../../../src/commands/verify.ts";
import type { Evaluation } from "../../../src/deploy/evaluate-program.ts";
import { createClient } from "../../../src/dynamo/client.ts";
import { describeTable } from "../../../src/dynamo/describe.ts";
import { scanSegments } from "../../../src/dynamo/scan.ts";
import { localTarget } from "../../../src/dynamo/target.ts";
import { silentLog } from "../../../src/log.ts";
import type { Project } from "../../../src/project/find-project.ts";
import type { AnyAccessPattern } from "../../../src/query/access-pattern.ts";
import { openDatabase } from "../../../src/query/database.ts";
import { parseInput } from "../../../src/query/parse-input.ts";
import { startFaultProxy } from "../../faults/proxy.ts";
import { projectWith } from "../../migrate/support.ts";
import { ROOT } from "../../support/processes.ts";
import { createTestTable, putItems, sharedTarget, uniqueName } from "../../support/tables.ts";
import { evaluate } from "../evaluate.ts";
import { type AuthorizedCall, authorizedCalls } from "./authorized-calls.ts";
import { declaredRole, fitOf, toIamRequest } from "./declared-roles.ts";
import { fewSeeds } from "./few-seeds.ts";
import { isAllowed } from "./iam.ts";

const overrides = {
  tableNamePrefix: `${uniqueName("access")}-`,
  ledgerTableName: uniqueName("ledger"),
  // The migrator makes the index: more than it does where Pulumi has made it.
  indexOwner: "migration",
  accessRoles: "true",
};
const table = `${overrides.tableNamePrefix}quick-photos`;

const file = await fewSeeds();
const { client } = createClient(sharedTarget());
afterAll(() => client.destroy());

let evaluation: Evaluation;
beforeAll(async () => {
  const { ledgerTableName: name } = overrides;
  [evaluation] = await Promise.all([
    evaluate("dev", overrides),
    // As `pulumi up` leaves them.
    createTestTable(client, quickPhotos, { indexes: false, name: table }),
    createTestTable(client, { ...quickPhotos, indexes: {} }, { name }),
  ]);
});

/** Runs commands as the command line does, and returns what IAM would have been asked. */
async function record(work: (context: CommandContext) => Promise<unknown>): Promise<AuthorizedCall[]> {
  const proxy = await startFaultProxy(inject("endpoint"));
  const connections: Connection[] = [];
  const options = {
    table: quickPhotos.model,
    stack: "dev",
    project: ROOT,
    yes: "",
    aws: false,
    dummyCredentials: false,
    json: false,
    verbose: false,
    color: false,
  };
  const target = localTarget(proxy.endpoint);
  await work(createContext(options, connections, { target, overrides, log: silentLog() }));
  for (const connection of connections) connection.client.destroy();
  expect(proxy.requests.length).toBeGreaterThan(0);
  return proxy.requests.flatMap(authorizedCalls);
}

/** The project's migrations, and one with the kinds of step that none of them has. */
function projectWithSettings(): Promise<Project> {
  const folder = join(ROOT, "migrations", quickPhotos.model);
  const names = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  const files = names.map((name) => [name, readFileSync(join(folder, name), "utf8")]);
  return projectWith({ ...Object.fromEntries(files), "0004-settings.ts": SETTINGS });
}

const SETTINGS = `import { defineMigration, ensureTtl, verify } from "tablewright/migrate";
export default defineMigration({
  id: "0004-settings",
  description: "turns TTL on and looks at an index",
  steps: [
    ensureTtl("expiresAt"),
    verify({ id: "look", where: { SK: { beginsWith: "PHOTO#" } }, index: "InvertedIndex", count: { min: 1 } }),
  ],
});
`;

const policyOf = (role: RoleName) => declaredRole(evaluation, role).policy;
const fitOfRole = (role: RoleName, calls: readonly AuthorizedCall[]) =>
  fitOf(
    policyOf(role),
    calls.map((call) => toIamRequest(call)),
  );
const EXACT = { refused: [], unused: [] };

/** What the table holds and the seed file does not. */
const STRANGER = { PK: { S: "USER#stranger" }, SK: { S: "#METADATA#stranger" } };

/** A proof that finds a difference: it reads it again before it tells. */
async function proveDifference(context: CommandContext): Promise<void> {
  await putItems(client, table, [STRANGER]);
  expect((await runProve(context, { files: [file], exact: true })).proof.status).toBe("different");
  await client.send(new DeleteItemCommand({ TableName: table, Key: STRANGER }));
}

/** One way to run each access pattern, in an order in which none is refused. */
const INPUTS: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ["create-user", { username: "ana", name: "Ana", email: "ana@example.com" }],
  ["create-user", { username: "ben", name: "Ben", email: "ben@example.com" }],
  ["upload-photo", { username: "ana", timestamp: "2020-01-01T00:00:00" }],
  [
    "add-reaction",
    { reactingUser: "ben", reactionType: "heart", photoUser: "ana", photoTimestamp: "2020-01-01T00:00:00" },
  ],
  ["follow-user", { followedUser: "ana", followingUser: "ben" }],
  ["update-user", { username: "ana", set: { name: "Ana B." } }],
  ["fetch-user", { username: "ana" }],
  ["fetch-user-and-photos", { username: "ana" }],
  ["recent-photos", { username: "ana" }],
  ["fetch-photo-and-reactions", { username: "ana", timestamp: "2020-01-01T00:00:00" }],
  ["find-followers", { username: "ana" }],
  ["find-following", { username: "ben" }],
  ["find-and-enrich-following", { username: "ben" }],
  [
    "remove-reaction",
    { reactingUser: "ben", reactionType: "heart", photoUser: "ana", photoTimestamp: "2020-01-01T00:00:00" },
  ],
  ["unfollow-user", { followedUser: "ana", followingUser: "ben" }],
];

/** The calls of each access pattern, by its id. */
const patternCalls = new Map<string, AuthorizedCall[]>();

async function runPattern(id: string, input: Readonly<Record<string, unknown>>): Promise<AuthorizedCall[]> {
  const patterns: readonly AnyAccessPattern[] = querySet.patterns;
  const pattern = patterns.find((candidate) => candidate.id === id);
  if (!pattern) throw new Error(`there is no access pattern ${id}`);
  return record(async (context) => {
    const connection = await context.connect();
    await pattern.run(openDatabase(connection.client, table), parseInput(pattern, input));
  });
}

// In the order of a table's life: each role finds what the one before has left.
describe("what a role may do is what its commands do, no less and no more:", () => {
  const ofLoads: AuthorizedCall[] = [];

  it("seeder, of a table without an index", async () => {
    const one = join(dirname(file), "one.json");
    writeFileSync(one, `${readFileSync(file, "utf8").split("\n")[0]}\n`);
    const calls = await record(async (context) => {
      // What is alone is put alone.
      await runSeed(context, { files: [one], proof: "none" });
      const { result } = await runSeed(context, { files: [file], proof: "full" });
      expect(result.proof.status).toBe("equal");
      await proveDifference(context);
      await putItems(client, table, [STRANGER]);
      const replace = await runSeed(context, { files: [file], proof: "none", mode: "replace" });
      expect(replace.result.deleted).toBe(1);
    });
    expect(fitOfRole("seeder", calls).refused).toEqual([]);
    ofLoads.push(...calls);
  });

  it("migrator", async () => {
    const calls = await record(async (context) => {
      const migrator = await openMigrator(context);
      await migrator.plan().result;
      // Of a sample, what carries counters is looked up.
      await migrator.plan({ sample: { items: 20 } }).result;
      const { error } = await migrator.up().result;
      expect(error).toBeUndefined();
      expect((await migrator.status()).pending).toBe(0);
      await migrator.planDown().result;
      await migrator.down().result;
      await migrator.up().result;
      await migrator.planReconcile().result;
      await migrator.reconcile().result;
      const settings = await openMigrator({ ...context, project: await projectWithSettings() });
      expect((await settings.up().result).error).toBeUndefined();
      expect((await settings.down().result).error).toBeUndefined();
    });
    expect(fitOfRole("migrator", calls)).toEqual(EXACT);
  });

  it("seeder, once there is an index", async () => {
    const calls = await record(proveDifference);
    expect(fitOfRole("seeder", [...ofLoads, ...calls])).toEqual(EXACT);
  });

  it("prover", async () => {
    const calls = await record(async (context) => {
      const migrator = await openMigrator(context);
      await migrator.status();
      await proveDifference(context);
      // Between them, these read in every way in which a pattern reads.
      const pattern = ["fetch-user", "fetch-user-and-photos", "find-and-enrich-following"];
      const options = { inputs: 1, pattern, readOnly: true, source: "table", invariants: true };
      const report = await runVerify(context, options);
      expect(report.patterns.filter(({ status }) => status !== "pass")).toEqual([]);
      const connection = await context.connect({ readOnly: true });
      // As `table count` does.
      for (const index of [undefined, "InvertedIndex"]) {
        const scan = { table, index, segments: 4, countOnly: true, consistent: index === undefined };
        await scanSegments(connection.client, scan, () => {});
      }
    });
    expect(fitOfRole("prover", calls)).toEqual(EXACT);
  });

  it("verifier", async () => {
    const calls = await record(async (context) => {
      const { patterns } = await runVerify(context, {
        inputs: 1,
        source: file,
        scratch: true,
        invariants: false,
      });
      expect(patterns.filter(({ status }) => status !== "pass")).toEqual([]);
      await runVerify(context, { inputs: 1, source: file, readOnly: true, pattern: ["fetch-user"] });
      await describeTable((await context.connect({ readOnly: true })).client, table);
    });
    expect(fitOfRole("verifier", calls)).toEqual(EXACT);
  });

  it("app", async () => {
    for (const [id, input] of INPUTS) {
      patternCalls.set(id, [...(patternCalls.get(id) ?? []), ...(await runPattern(id, input))]);
    }
    expect([...patternCalls.keys()].sort()).toEqual(querySet.patterns.map(({ id }) => id).sort());
    expect(fitOfRole("app", [...patternCalls.values()].flat())).toEqual(EXACT);
  });

  it("user: the patterns of the own item collection, and those of nobody else", () => {
    const may = (username: string, calls: readonly AuthorizedCall[]) =>
      calls.every((call) =>
        isAllowed(policyOf("user"), toIamRequest(call, { "aws:PrincipalTag/username": username })),
      );
    const own = [...patternCalls].filter(([id, calls]) => {
      // Ana was made first, and then Ben.
      const [first] = calls;
      return may("ana", id === "create-user" && first ? [first] : calls);
    });
    expect(own.map(([id]) => id).sort()).toEqual([
      "create-user",
      "fetch-user",
      "fetch-user-and-photos",
      "find-followers",
      "recent-photos",
      "update-user",
      "upload-photo",
    ]);
    for (const [id, calls] of own) expect({ id, may: may("eve", calls) }).toEqual({ id, may: false });
    const requests = own
      .flatMap(([, calls]) => calls)
      .map((call) => toIamRequest(call, { "aws:PrincipalTag/username": "ana" }));
    expect(fitOf(policyOf("user"), requests).unused).toEqual([]);
    // Without a key, as in a Scan, and without a tag, nothing is one's own.
    const [request] = requests;
    if (!request) throw new Error("nothing was sent");
    expect(isAllowed(policyOf("user"), request)).toBe(true);
    for (const missing of ["dynamodb:LeadingKeys", "aws:PrincipalTag/username"]) {
      const context = { ...request.context, [missing]: [] };
      expect(isAllowed(policyOf("user"), { ...request, context })).toBe(false);
    }
  });

  it("and there is no other role, and none for GitHub where the stack has no repository", () => {
    const roles = ["app", "migrator", "prover", "seeder", "user", "verifier"];
    expect(Object.keys(evaluation.outputs.roleArns as object).sort()).toEqual(roles);
    expect(JSON.stringify(evaluation.resources)).not.toContain("token.actions");
  });
});

describe("the comparison", () => {
  it("sees a right too few, a right too many, and a right on another table", () => {
    const calls = patternCalls.get("find-following") ?? [];
    const requests = calls.map((call) => toIamRequest(call));
    const index = `${requests[0]?.resource}`;
    expect(index).toMatch(/\/index\/InvertedIndex$/);
    const policy = (...statements: readonly (readonly [string, string])[]) => ({
      Statement: statements.map(([action, resource]) => ({
        Effect: "Allow" as const,
        Action: [action],
        Resource: [resource],
      })),
    });
    const query = ["dynamodb:Query", index] as const;
    expect(fitOf(policy(query), requests)).toEqual(EXACT);
    expect(fitOf(policy(), requests).refused).toEqual([`dynamodb:Query on ${index}`]);
    expect(fitOf(policy(query, ["dynamodb:Scan", index]), requests).unused).toHaveLength(1);
    const elsewhere = fitOf(policy(["dynamodb:Query", `${index}2`]), requests);
    expect([elsewhere.refused.length, elsewhere.unused.length]).toEqual([1, 1]);
  });
});
