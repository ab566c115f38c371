import { DescribeTimeToLiveCommand, PutItemCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { describeTable, indexDesignOf, type Sender } from "../../src/dynamo/describe.ts";
import { waitUntilActive } from "../../src/dynamo/waits.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { IrreversibleMigrationError } from "../../src/migrate/index.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { planMigrations } from "../../src/migrate/plan.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { sharedTarget, testClient, uniqueName } from "../support/tables.ts";
import { down, runStopped, up } from "./crash-matrix.ts";
import { userItem } from "./photos.ts";
import { clientOf, projectWith, resultsOf, spelled, statesOf, type TestBed, testBed } from "./support.ts";

/** One for all tables of this file: making one takes longer than most tests. */
const LEDGER = uniqueName("ledger");

const BUILDERS = "backfill, defineMigration, dropIndex, ensureIndex, ensureStream, ensureTtl, script, verify";

/** A project with one migration, `0001-a`, of these steps, given as code. */
const projectOf = (...steps: readonly string[]) =>
  projectWith({
    "0001-a.ts": `import { ${BUILDERS} } from "tablewright/migrate";
export default defineMigration({ id: "0001-a", description: "d", steps: [${steps.join(", ")}] });
`,
  });

const outcomes = async (bed: TestBed) => (await bed.history()).steps.map(({ outcome }) => outcome);
const tableOf = async ({ client, environment }: TestBed) => describeTable(client, environment.table);

async function ttlOf({ client, environment }: TestBed) {
  const request = new DescribeTimeToLiveCommand({ TableName: environment.table });
  const { TimeToLiveDescription: ttl } = await client.send(request);
  return ttl?.TimeToLiveStatus === "ENABLED" ? ttl.AttributeName : undefined;
}

const streamOf = async (bed: TestBed) => (await tableOf(bed))?.StreamSpecification?.StreamViewType;

async function indexOf(bed: TestBed, name = "ByName") {
  const description = await tableOf(bed);
  return description && indexDesignOf(description, name);
}

const BY_NAME = `"ByName", { partitionKey: { name: "SK", type: "S" }, projection: "KEYS_ONLY" }`;

/** A table with an index that can be dropped: DynamoDB Local does so only with one that UpdateTable made. */
async function bedWithIndex() {
  const bed = await testBed({ ledgerTable: LEDGER, project: await projectOf(`ensureIndex(${BY_NAME})`) });
  await migrateUp(bed.environment);
  const project = await projectWith({
    "0001-a.ts": `import { ${BUILDERS} } from "tablewright/migrate";
export default defineMigration({ id: "0001-a", description: "d", steps: [ensureIndex(${BY_NAME})] });
`,
    "0002-b.ts": `import { ${BUILDERS} } from "tablewright/migrate";
export default defineMigration({ id: "0002-b", description: "d", steps: [dropIndex("ByName")] });
`,
  });
  const environment = { ...bed.environment, migrations: migrationsOf(project, "quick-photos") };
  return { ...bed, environment, through: (client: Sender) => ({ ...environment, client }) };
}

const SETTINGS = [
  { name: "ttl", step: 'ensureTtl("expires")', other: 'ensureTtl("until")', read: ttlOf, value: "expires" },
  {
    name: "stream",
    step: 'ensureStream("KEYS_ONLY")',
    other: 'ensureStream("NEW_IMAGE")',
    read: streamOf,
    value: "KEYS_ONLY",
  },
] as const;

describe("a setting of the table", () => {
  test.for(SETTINGS)("$name is turned on, and turned off by down", async ({ step, read, value }) => {
    const bed = await testBed({ ledgerTable: LEDGER, project: await projectOf(step) });
    const plan = await planMigrations(bed.environment);
    expect(plan.planned[0]?.steps).toMatchObject([
      { action: expect.stringMatching(/^turn .* on$/), changes: 1 },
    ]);
    await migrateUp(bed.environment);
    expect(await outcomes(bed)).toEqual(["turned on"]);
    expect(await read(bed)).toBe(value);
    const { results } = await migrateDown(bed.environment);
    expect(results).toMatchObject([{ result: "reverted", steps: [{ outcome: "turned off" }] }]);
    expect(await read(bed)).toBeUndefined();
  });

  test.for(SETTINGS)(
    "$name that is on is adopted, and left on by down",
    async ({ step, other, read, value }) => {
      const bed = await testBed({ ledgerTable: LEDGER, project: await projectOf(step) });
      await migrateUp(bed.environment);
      // The same table under another ledger: a history that knows nothing of who turned it on.
      const elsewhere = { ...bed.environment, ledgerTable: `${bed.environment.ledgerTable}-2` };
      const { results } = await migrateUp(elsewhere);
      expect(results).toMatchObject([{ result: "applied", steps: [{ outcome: "adopted" }] }]);
      expect((await planMigrations(elsewhere, { includeApplied: true })).changes).toBe(0);
      const reverted = await migrateDown(elsewhere);
      expect(reverted.results).toMatchObject([{ steps: [{ outcome: "left as it was found" }] }]);
      expect(await read(bed)).toBe(value);

      const drifted = { ...elsewhere, migrations: migrationsOf(await projectOf(other), "quick-photos") };
      const { error } = await migrateUp(drifted);
      expect(error).toMatchObject({ exitCode: 1, cause: { code: "setting-drift" } });
      expect(await read(bed)).toBe(value);
    },
  );

  test("TTL that was changed within the hour is not yet done, and no failure", async ({ onTestFinished }) => {
    const bed = await testBed({
      ledgerTable: LEDGER,
      project: await projectOf('ensureTtl("expires")'),
      atEnd: onTestFinished,
    });
    const message = "Time to live has been modified multiple times within a fixed interval";
    const proxy = await startFaultProxy(sharedTarget().endpoint ?? "", {
      rules: [
        {
          operation: "UpdateTimeToLive",
          times: 1,
          fault: { kind: "error", name: "ValidationException", message },
        },
      ],
      atEnd: onTestFinished,
    });
    const { results, error } = await migrateUp(bed.through(clientOf(proxy.endpoint, onTestFinished)));
    expect(results).toMatchObject([{ result: "waiting" }]);
    expect(error).toMatchObject({ code: "not-yet", exitCode: 2 });
    expect(statesOf(await migrateStatus(bed.environment))).toEqual({ "0001-a": "pending" });
    await migrateUp(bed.environment);
    expect(await outcomes(bed)).toEqual(["turned on"]);
  });

  test("one that was asked for, and whose answer was lost, is the migration's own", async ({
    onTestFinished,
  }) => {
    const bed = await testBed({
      ledgerTable: LEDGER,
      project: await projectOf('ensureTtl("expires")'),
      atEnd: onTestFinished,
    });
    const proxy = await startFaultProxy(sharedTarget().endpoint ?? "", {
      rules: [{ operation: "UpdateTimeToLive", times: 1, fault: { kind: "loseAnswer" } }],
      atEnd: onTestFinished,
    });
    await migrateUp(bed.through(clientOf(proxy.endpoint, onTestFinished)));
    expect(await outcomes(bed)).toEqual(["turned on"]);
  });

  test("one that somebody turned on otherwise is left alone by down", async ({ onTestFinished }) => {
    const bed = await testBed({
      ledgerTable: LEDGER,
      project: await projectOf('ensureTtl("expires")'),
      atEnd: onTestFinished,
    });
    await migrateUp(bed.environment);
    const turn = (AttributeName: string, Enabled: boolean) =>
      bed.client.send(
        new UpdateTimeToLiveCommand({
          TableName: bed.environment.table,
          TimeToLiveSpecification: { AttributeName, Enabled },
        }),
      );
    await turn("expires", false);
    await turn("until", true);
    const { error } = await migrateDown(bed.environment);
    expect(error?.message).toContain("TTL by until");
    expect(await ttlOf(bed)).toBe("until");
  });
});

describe("dropIndex", () => {
  test("drops an index, and down makes it again as it was", async () => {
    const bed = await bedWithIndex();
    const design = await indexOf(bed);
    const plan = await planMigrations(bed.environment);
    expect(plan.planned[0]?.steps).toMatchObject([{ action: "drop the index ByName", changes: 1 }]);
    await migrateUp(bed.environment);
    expect((await outcomes(bed)).at(-1)).toBe("dropped");
    expect(await indexOf(bed)).toBeUndefined();
    const { results } = await migrateDown(bed.environment);
    expect(results).toMatchObject([{ result: "reverted", steps: [{ outcome: "made again" }] }]);
    expect(await indexOf(bed)).toEqual(design);
  });

  test("is refused where the Pulumi program owns the index, and finds nothing to do once it is gone", async () => {
    const bed = await bedWithIndex();
    const owned = { ...bed.environment, indexOwner: "pulumi" } as const;
    await expect(planMigrations(owned)).rejects.toMatchObject({ code: "index-owned" });
    const { error, results } = await migrateUp(owned);
    expect(results).toMatchObject([{ result: "failed" }]);
    expect(error?.message).toContain("belongs to the Pulumi program");
    expect(await indexOf(bed)).toBeDefined();

    const never = await testBed({
      ledgerTable: LEDGER,
      project: await projectOf('dropIndex("Never")'),
      indexOwner: "pulumi",
    });
    await migrateUp(never.environment);
    expect(await outcomes(never)).toEqual(["absent"]);
    const { results: reverted } = await migrateDown(never.environment);
    expect(reverted).toMatchObject([{ result: "reverted", steps: [{ outcome: "nothing to make again" }] }]);
  });
});

describe("what a killed run had asked for", () => {
  test.for(SETTINGS)("$name is the migration's own", async ({ step, read, value }) => {
    const project = await projectOf(step);
    const calls = await runStopped(await testBed({ ledgerTable: LEDGER, project }), migrateUp);
    const asked = 1 + calls.findIndex((call) => call.startsWith("UpdateT") && !call.startsWith("UpdateItem"));
    expect(asked).toBeGreaterThan(1);
    for (const call of [asked - 1, asked]) {
      const bed = await testBed({ ledgerTable: LEDGER, project });
      await runStopped(bed, migrateUp, "killed after", call);
      await up(bed.environment);
      expect(await outcomes(bed), `killed after call ${call}`).toEqual(["turned on"]);
      expect(await read(bed)).toBe(value);
      await down(bed.environment);
      expect(await read(bed)).toBeUndefined();
    }
  });

  test("the drop of an index is finished, and still undone", async () => {
    const calls = await runStopped(await bedWithIndex(), migrateUp);
    const asked = 1 + calls.indexOf("UpdateTableCommand");
    expect(asked).toBeGreaterThan(1);
    const killed = [asked - 1, asked, asked + 1].map(async (call) => {
      const bed = await bedWithIndex();
      const design = await indexOf(bed);
      await runStopped(bed, migrateUp, "killed after", call);
      // Straight down again, or up first: either way the index comes back.
      if (call !== asked) await up(bed.environment);
      await down(bed.environment);
      expect(await indexOf(bed), `killed after call ${call}`).toEqual(design);
    });
    await Promise.all(killed);
  });
});

describe("verify", () => {
  const USERS = 'where: { SK: { beginsWith: "#METADATA#" } }';
  const nicked = 'expect: (item) => (item.nick ? undefined : "has no nick")';

  test("holds, or fails the migration with the items named, and goes on once they are mended", async () => {
    const project = await projectOf(
      'backfill({ id: "fill", where: { SK: { beginsWith: "#METADATA#" } }, set: { level: 1 }, undo: "remove" })',
      `verify({ id: "check", ${USERS}, ${nicked} })`,
    );
    const bed = await testBed({
      ledgerTable: LEDGER,
      project,
      items: [userItem("a"), { ...userItem("b"), nick: { S: "B" } }],
    });
    const first = await migrateUp(bed.environment);
    expect(resultsOf(first)).toEqual({ "0001-a": "failed" });
    expect(first.error).toMatchObject({
      exitCode: 1,
      cause: { code: "check-failed", facts: { items: 2, wrong: 1 } },
    });
    expect(first.error?.message).toContain(
      "1 of 2 items (SK begins with #METADATA#) are wrong (has no nick): USER#a",
    );

    const { table } = bed.environment;
    await bed.client.send(
      new PutItemCommand({ TableName: table, Item: { ...userItem("a"), nick: { S: "A" } } }),
    );
    const { results } = await migrateUp(bed.environment);
    // Only the check: the step before it was done.
    expect(results).toMatchObject([{ result: "applied", steps: [{ id: "check", counts: { items: 2 } }] }]);
    expect(resultsOf(await migrateDown(bed.environment))).toEqual({ "0001-a": "reverted" });
  });

  test("judges how many there are, and items through an index", async () => {
    const bed = await testBed({ ledgerTable: LEDGER, indexes: true, items: [userItem("a"), userItem("b")] });
    const verdict = async (rest: string) => {
      const { error } = await migrateUp({
        ...bed.environment,
        ledgerTable: uniqueName("ledger"),
        migrations: migrationsOf(
          await projectOf(`verify({ id: "check", ${USERS}, ${rest} })`),
          "quick-photos",
        ),
      });
      return error?.message ?? "holds";
    };
    expect(await verdict("count: { min: 2, max: 2 }")).toBe("holds");
    expect(await verdict("count: { min: 3 }")).toContain(
      "2 items (SK begins with #METADATA#), at least 3 wanted",
    );
    expect(await verdict("count: { max: 1  }")).toContain("at most 1 wanted");
    expect(await verdict('index: "InvertedIndex", count: { min: 2 }')).toBe("holds");
    expect(await verdict('expect: () => { throw new Error("odd"); }')).toContain("odd");
  });

  test("of a sample looks at a part, and says so beforehand", async () => {
    const items = Array.from({ length: 60 }, (_, n) => userItem(`user${n}`));
    const project = await projectOf(
      `verify({ id: "check", ${USERS}, expect: () => undefined, sample: 0.5 })`,
    );
    const bed = await testBed({ ledgerTable: LEDGER, project, items });
    const plan = await planMigrations(bed.environment);
    expect(plan.planned[0]?.steps[0]?.action).toContain("check a sample (50 %) of the items");
    const { results } = await migrateUp(bed.environment);
    const counted = results[0]?.steps[0]?.counts.items ?? 0;
    expect(counted).toBeGreaterThan(0);
    expect(counted).toBeLessThan(60);
  });
});

describe("script", () => {
  const PUT = `import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { defineMigration, script } from "tablewright/migrate";

const Key = { PK: { S: "made" }, SK: { S: "by a script" } };
`;
  const file = (step: string) => ({
    "0001-a.ts": `${PUT}export default defineMigration({ id: "0001-a", description: "d", steps: [script({ id: "free", idempotent: true, ${step} })] });\n`,
  });
  const run =
    "run: async ({ client, table }) => { await client.send(new PutItemCommand({ TableName: table, Item: Key })); return { put: 1 }; }";
  const undo =
    "undo: async ({ client, table }) => { await client.send(new DeleteItemCommand({ TableName: table, Key })); }";

  test("is run and undone, and its plan says that it cannot be planned", async () => {
    const bed = await testBed({
      ledgerTable: LEDGER,
      project: await projectWith(file(`${run}, ${undo}`)),
      items: [userItem("a")],
    });
    const plan = await planMigrations(bed.environment);
    expect(plan.planned[0]?.steps).toMatchObject([
      { unplanned: true, action: expect.stringContaining("cannot be planned") },
    ]);
    const { results } = await migrateUp(bed.environment);
    expect(results).toMatchObject([{ result: "applied", steps: [{ outcome: "run", counts: { put: 1 } }] }]);
    expect(await bed.items()).toHaveLength(2);
    await migrateDown(bed.environment);
    expect(spelled(await bed.items())).toEqual(spelled([userItem("a")]));
  });

  test("without an undo is refused by down", async () => {
    const bed = await testBed({ ledgerTable: LEDGER, project: await projectWith(file(run)) });
    await migrateUp(bed.environment);
    await expect(migrateDown(bed.environment)).rejects.toThrow(IrreversibleMigrationError);
  });

  test("keeps its notes over a failure, and reports what it may", async () => {
    const step = `run: async ({ notes, remember }) => {
      if (!notes.half) { await remember("half", "done"); throw new Error("half way"); }
      return notes.half === "done" ? undefined : { wrong: "text" };
    }`;
    const bed = await testBed({ ledgerTable: LEDGER, project: await projectWith(file(step)) });
    expect((await migrateUp(bed.environment)).error?.message).toContain("half way");
    expect(resultsOf(await migrateUp(bed.environment))).toEqual({ "0001-a": "applied" });

    const odd = await testBed({
      ledgerTable: LEDGER,
      project: await projectWith(file('run: async () => ({ done: "all" })')),
    });
    const { error } = await migrateUp(odd.environment);
    expect(error).toMatchObject({ exitCode: 1, cause: { code: "invalid-counts" } });
  });

  test("sends nothing more once the run was stopped, also where it does not look", async () => {
    const step = `run: async ({ client, table, log }) => {
      log.info("stop me");
      await client.send(new PutItemCommand({ TableName: table, Item: Key })).catch(() => {});
    }`;
    const controller = new AbortController();
    const { client } = testClient();
    const bed = await testBed({
      ledgerTable: LEDGER,
      project: await projectWith(file(step)),
      signal: controller.signal,
    });
    const log = { ...bed.environment.log, info: (line: string) => line === "stop me" && controller.abort() };
    const { results } = await migrateUp({ ...bed.environment, client, log: log as never });
    expect(results).toMatchObject([{ result: "interrupted" }]);
    expect(await bed.items()).toEqual([]);
    await waitUntilActive(client, bed.environment.table);
  });
});
