import { UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, test } from "vitest";
import { waitUntilActive } from "../../src/dynamo/waits.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import type { MigrationEnvironment } from "../../src/migrate/environment.ts";
import { type MigrateResult, RepairRefusedError } from "../../src/migrate/index.ts";
import { Progress } from "../../src/migrate/progress.ts";
import { repairMigration } from "../../src/migrate/repair.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { IndexLife } from "../faults/index-life.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { tappedClient } from "../ledger/support.ts";
import { type AtEnd, uniqueName } from "../support/tables.ts";
import { up as takeOver } from "./crash-matrix.ts";
import { FIRST, indexOf, outcomeOf } from "./first-migration.ts";
import { smallTable } from "./photos.ts";
import { clientOf, statesOf, testBed } from "./support.ts";

/** One for all tables of this file: making one takes longer than most tests. */
const LEDGER = uniqueName("ledger");

const INDEX = "InvertedIndex";
/** All of them are in the index. */
const ITEMS = smallTable(3);

/** A bed behind a proxy that shows an index's life as AWS has it. */
async function lifeBed(life: IndexLife, atEnd: AtEnd, before: readonly FaultRule[] = []) {
  const bed = await testBed({ ledgerTable: LEDGER, atEnd, items: ITEMS });
  const proxy = await startFaultProxy(inject("endpoint"), { rules: [...before, ...life.rules], atEnd });
  const lines: string[] = [];
  const progress = new Progress(undefined, (event) => {
    if (event.type === "waiting" && event.for === "index") lines.push(event.description);
  });
  const environment: MigrationEnvironment = { ...bed.through(clientOf(proxy.endpoint, atEnd)), progress };
  const sent = (what: "Create" | "Delete") =>
    proxy.requests.filter(
      ({ operation, body }) => operation === "UpdateTable" && JSON.stringify(body).includes(`"${what}"`),
    );
  return { bed, proxy, environment, lines, sent };
}

const up = (environment: MigrationEnvironment, waiting: Partial<MigrationEnvironment> = {}) =>
  migrateUp({ ...environment, ...waiting }, { to: FIRST });

/** The stages that a run said, in order. */
const stagesIn = (lines: readonly string[]) =>
  lines.flatMap((line) => /^index InvertedIndex of \S+: (.*)$/.exec(line)?.[1] ?? []);

function expectWaiting({ results, error }: MigrateResult, stage: string): void {
  expect(results).toMatchObject([{ result: "waiting" }]);
  expect(error).toMatchObject({ code: "not-yet", exitCode: 2 });
  expect(error?.message).toMatch(
    new RegExp(`^index InvertedIndex of \\S+ is ${stage}: this run waits no longer`),
  );
}

async function stageShown(environment: MigrationEnvironment) {
  const status = await migrateStatus(environment);
  expect(statesOf(status)[FIRST]).toBe("pending");
  expect(status.problems).toEqual([]);
  return status.migrations[0]?.steps[0]?.stage;
}

// One after the other: DynamoDB Local with several index operations at once takes longer than the time of grace.
describe("an index that is being created", () => {
  test("is waited for by its own status: TableStatus is ACTIVE long before (aws-cli#3399)", async ({
    onTestFinished,
  }) => {
    const life = new IndexLife(INDEX);
    life.moveAfter({ allocating: 1, early: 2, filling: 2 });
    life.entries = 1;
    const throttled: FaultRule = {
      operation: "DescribeTable",
      where: () => life.shown.length > 1,
      times: 2,
      fault: { kind: "throttle" },
    };
    const { bed, proxy, environment, lines } = await lifeBed(life, onTestFinished, [throttled]);
    expect((await up(environment)).error).toBeUndefined();
    expect(stagesIn(lines)).toEqual([
      "requested",
      `backfilling ${Math.floor(100 / ITEMS.length)} %`,
      "active",
      "probed",
    ]);
    expect(await outcomeOf(bed)).toBe("created");
    expect((await bed.history()).steps[0]?.notes.stage).toBe("probed");
    // Only once it was active was it asked anything.
    const queries = proxy.requests.filter(({ body }) => body.IndexName === INDEX);
    expect(queries.map(({ fault }) => fault)).toEqual([undefined]);
    expect(life.shown.at(-1)).toBe("active");
  });

  test("keeps no CI job waiting for days (terraform-provider-aws#38721): a later up goes on", async ({
    onTestFinished,
  }) => {
    const life = new IndexLife(INDEX, "filling");
    const { bed, environment, sent } = await lifeBed(life, onTestFinished);
    expectWaiting(await up(environment, { waitMs: 200 }), "backfilling");
    expect(await stageShown(environment)).toBe("backfilling");
    life.entries = ITEMS.length - 1;
    const percent = Math.floor((100 * life.entries) / ITEMS.length);
    expectWaiting(await up(environment, { waitMs: 0 }), `backfilling ${percent} %`);
    life.entries = ITEMS.length;
    expectWaiting(await up(environment, { waitMs: 0 }), "backfilling 99 %");
    expect(await stageShown(environment)).toBe("backfilling 99 %");
    life.stage = "active";
    expect((await up(environment)).results).toMatchObject([{ result: "applied" }]);
    expect(await outcomeOf(bed)).toBe("created");
    expect(sent("Create")).toHaveLength(1);
  });

  test("is left by --detach once it is requested, and taken up again by any later up", async ({
    onTestFinished,
  }) => {
    const life = new IndexLife(INDEX);
    const { bed, environment, sent, lines } = await lifeBed(life, onTestFinished);
    expectWaiting(await up(environment, { detach: true }), "requested");
    expect(await stageShown(environment)).toBe("requested");
    life.stage = "filling";
    expectWaiting(await up(environment, { detach: true }), "backfilling");
    life.stage = "active";
    await waitUntilActive(bed.client, environment.table, { pollMs: 20 });
    expect((await up(environment, { detach: true })).results).toMatchObject([{ result: "applied" }]);
    expect(stagesIn(lines)).toEqual(["requested", "backfilling", "active", "probed"]);
    expect(sent("Create")).toHaveLength(1);
    expect(await outcomeOf(bed)).toBe("created");
  });

  test("is no longer waited for once its migration is marked pending", async ({ onTestFinished }) => {
    const life = new IndexLife(INDEX);
    const { bed, environment } = await lifeBed(life, onTestFinished);
    expectWaiting(await up(environment, { detach: true }), "requested");
    const request = { id: FIRST, repair: "mark-pending", reason: "dropped by hand" } as const;
    expect(await repairMigration(environment, request)).toMatchObject({
      from: "pending",
      changes: [expect.stringContaining("forgets"), expect.stringContaining("which is running")],
    });
    expect((await bed.history()).migrations).toEqual([]);
    expect(await stageShown(environment)).toBeUndefined();
    // What the ledger does not know cannot be forgotten.
    await expect(repairMigration(environment, request)).rejects.toThrow(RepairRefusedError);
  });

  test.for(["allocating", "early", "filling"] as const)(
    "is re-attached to after a runner was killed while it was %s",
    async (stage, { onTestFinished }) => {
      const life = new IndexLife(INDEX, stage);
      const { bed, proxy, environment, sent } = await lifeBed(life, onTestFinished);
      const { client, tap } = tappedClient(proxy.endpoint, onTestFinished);
      life.onLook = () => {
        tap.dead = true;
      };
      await up({ ...environment, client }).catch(() => {});
      expect(life.shown).toEqual([stage]);
      life.onLook = undefined;
      life.moveAfter({ allocating: 2, early: 1, filling: 1 });
      await takeOver(environment);
      expect(await outcomeOf(bed)).toBe("created");
      // A busy engine may refuse it for a moment before.
      expect(sent("Create").filter(({ applied }) => applied)).toHaveLength(1);
    },
  );

  test("can be dropped only once it is being filled: down waits for that", async ({ onTestFinished }) => {
    const life = new IndexLife(INDEX, "early");
    const { bed, environment, sent } = await lifeBed(life, onTestFinished);
    expectWaiting(await up(environment, { detach: true }), "requested");
    const early = await migrateDown({ ...environment, waitMs: 200 });
    expect(early.results).toMatchObject([{ result: "waiting" }]);
    expect(early.error?.exitCode).toBe(2);
    expect(sent("Delete")).toHaveLength(0);
    life.moveAfter({ allocating: 0, early: life.shown.length + 2, filling: 99 });
    const { results } = await migrateDown(environment);
    expect(results).toMatchObject([{ result: "reverted", steps: [{ outcome: "dropped" }] }]);
    expect(life.shown.at(-1)).toBe("filling");
    // The engine may refuse it for a moment, as it fills the index too; before that it was not even sent.
    expect(new Set(sent("Delete").map(({ fault }) => fault))).toEqual(new Set([undefined]));
    expect(await indexOf(bed)).toBeUndefined();
  });
});

describe.concurrent("one index operation at a time (aws-cdk#14920, aws-record-ruby#143)", () => {
  const other = (table: string) =>
    new UpdateTableCommand({
      TableName: table,
      AttributeDefinitions: [{ AttributeName: "PK", AttributeType: "S" }],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: "Other",
            KeySchema: [{ AttributeName: "PK", KeyType: "HASH" }],
            Projection: { ProjectionType: "KEYS_ONLY" },
          },
        },
      ],
    });

  test("a second index queues until the first one is active, and says so", async ({ onTestFinished }) => {
    const life = new IndexLife("Other", "filling");
    life.moveAfter({ allocating: 0, early: 0, filling: 4 });
    const { bed, environment, lines, sent } = await lifeBed(life, onTestFinished);
    await bed.client.send(other(environment.table));
    expect((await up(environment)).error).toBeUndefined();
    // The engine may show how it fills the second one, or not.
    const [queued, ...rest] = stagesIn(lines).filter((stage) => !stage.startsWith("backfilling"));
    expect(queued).toMatch(
      /^queued, as index Other of \S+ is CREATING \(backfilling\): one change at a time$/,
    );
    expect(rest).toEqual(["requested", "active", "probed"]);
    // It was not even asked for before its turn.
    expect(sent("Create").map(({ fault }) => fault)).toEqual([undefined]);
    expect(await outcomeOf(bed)).toBe("created");
  });

  test("one that is refused because another has just begun queues too", async ({ onTestFinished }) => {
    const life = new IndexLife("Other", "filling");
    let elsewhere: Promise<unknown> | undefined;
    const begins: FaultRule = {
      operation: "UpdateTable",
      times: 1,
      where: () => {
        elsewhere ??= bed.client.send(other(environment.table));
        return true;
      },
      fault: { kind: "error", name: "LimitExceededException", message: "Only 1 online index" },
    };
    const { bed, environment, lines } = await lifeBed(life, onTestFinished, [begins]);
    life.moveAfter({ allocating: 0, early: 0, filling: 4 });
    const { error } = await up(environment);
    await elsewhere;
    expect(error).toBeUndefined();
    const stages = stagesIn(lines).map((stage) => stage.split(/[, ]/)[0] ?? "");
    // Whether the other index shows before the request is sent again is a matter of moments.
    const own = stages.filter((stage) => !["queued", "backfilling"].includes(stage));
    expect(own).toEqual(["requested", "active", "probed"]);
    expect(await outcomeOf(bed)).toBe("created");
  });

  test("a queue that takes too long ends with exit 2, and nothing was asked for", async ({
    onTestFinished,
  }) => {
    const life = new IndexLife("Other", "filling");
    const { bed, environment, sent } = await lifeBed(life, onTestFinished);
    await bed.client.send(other(environment.table));
    const { results, error } = await up(environment, { waitMs: 200 });
    expect(results).toMatchObject([{ result: "waiting" }]);
    expect(error?.message).toContain("index Other");
    expect(await stageShown(environment)).toBe("queued");
    expect(sent("Create")).toHaveLength(0);
  });
});
