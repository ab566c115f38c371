import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeleteItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { userKey } from "../../queries/quick-photos/keys.ts";
import generate from "../../seeds/quick-photos/generate.ts";
import { silentLog } from "../../src/log.ts";
import { migrateUp } from "../../src/migrate/index.ts";
import { findProject } from "../../src/project/find-project.ts";
import { itemLines } from "../../src/seed/generate/generate-items.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { eventually, launch } from "../support/processes.ts";
import { CLI, cleanEnvironment, copyProject } from "../support/project-copy.ts";
import { allItems, createTestTable, sharedTarget, testClient, uniqueName } from "../support/tables.ts";

const COMMITTED = join(import.meta.dirname, "../../seeds/quick-photos/items.json");
/** Fewer items than are committed: what is tested here is the command, and it has many runs. */
const lines = [...itemLines(generate({ users: 12, seed: 1 }), { items: 0, bytes: 0 })];
const keyOf = (username: string) => {
  const { PK, SK } = userKey({ username });
  return { PK: { S: PK }, SK: { S: SK } };
};

/** A copy of the project whose stack names a table and a ledger of this test, behind a proxy where there are rules. */
async function setUp(rules?: FaultRule[]) {
  const project = copyProject();
  const prefix = `${uniqueName("s")}-`;
  const ledgerTable = `${prefix}ledger`;
  const config = `config:\n  tableNamePrefix: ${prefix}\n  ledgerTableName: ${ledgerTable}\n`;
  writeFileSync(join(project.root, "Pulumi.dev.yaml"), config);
  writeFileSync(join(project.root, "seeds/quick-photos/items.json"), lines.join(""));
  const { client } = testClient();
  const table = await createTestTable(client, quickPhotos, { name: `${prefix}quick-photos` });
  const proxy = rules && (await startFaultProxy(inject("endpoint"), { rules }));
  const endpoint = proxy?.endpoint ?? inject("endpoint");
  const args = (...words: string[]) => ["seed", ...words, "--endpoint", endpoint];
  const run = async (...words: string[]) => {
    const finished = await project.run(...args(...words));
    return { ...finished, document: () => JSON.parse(finished.stdout) as Record<string, unknown> };
  };
  const write = (name: string, content: string) => {
    writeFileSync(join(project.root, name), content);
    return name;
  };
  return { project, client, table, ledgerTable, run, args, write };
}

describe("seed", () => {
  it("loads the model's file, proves it, and says so as one document", async () => {
    const { run, table, ledgerTable, client } = await setUp();
    const { status, document } = await run("--json");
    expect(status).toBe(0);
    const items = lines.length;
    expect(document()).toEqual({
      command: "seed",
      model: "quick-photos",
      table,
      source: "seeds/quick-photos/items.json",
      read: items,
      written: items,
      identical: 0,
      rejected: 0,
      superseded: 0,
      unwritten: 0,
      unknown: 0,
      retriedItems: 0,
      requests: Math.ceil(items / 25),
      seconds: expect.any(Number),
      itemsPerSecond: expect.any(Number),
      consumedWriteUnits: items * 2,
      proof: {
        status: "equal",
        scope: "exact",
        missing: 0,
        extra: 0,
        different: 0,
        differences: [],
        leftOut: [],
      },
      pendingAgain: [],
    });
    expect(await allItems(client, table)).toHaveLength(items);
    const [note] = (await allItems(client, ledgerTable)).filter(({ SK }) => SK?.S?.startsWith("EVENT#"));
    expect(note).toMatchObject({
      kind: { S: "load" },
      subject: { S: "seeds/quick-photos/items.json" },
      outcome: { S: "written, proof equal" },
      counts: { M: { read: { N: String(items) }, written: { N: String(items) } } },
    });
  });

  it("loads again: the same items, and more in the table is no error", async () => {
    const { run, write, table } = await setUp();
    await run("--proof", "none", "--json");
    const some = write("some.json", lines.slice(0, 30).join(""));
    const again = await run(some);
    expect(again.status).toBe(0);
    expect(again.stdout).toContain(`some.json -> ${table}: 30 read = 30 written`);
    expect(again.stdout).toContain(`the table holds ${lines.length - 30} other items`);
    expect(again.stderr).toContain("loading 30 items");
  });

  it("--dry-run counts and writes nothing, and needs no table", async () => {
    const { run, client, table } = await setUp();
    const { status, document } = await run("--dry-run", "--json");
    expect(status).toBe(0);
    expect(document()).toMatchObject({
      dryRun: true,
      items: lines.length,
      requests: expect.any(Number),
    });
    expect(await allItems(client, table)).toEqual([]);
  });

  it("writes nothing of a file with a defect, and names every one", async () => {
    const { run, write, client, table } = await setUp();
    const bad = write("bad.json", [...lines.slice(0, 3), lines[1], "{\n", '{"PK":"x"}'].join(""));
    const text = await run(bad);
    expect(text).toMatchObject({ status: 1, stdout: "" });
    expect(text.stderr).toContain("bad.json has 3 defects; nothing was written");
    expect(text.stderr).toContain("bad.json:4: has the same key as line 2");
    expect(text.stderr).toContain("bad.json:5:2: is not JSON");
    expect(text.stderr).toContain("bad.json:6: SK is the sort key of the table, and is missing");
    const json = await run(bad, "--json");
    expect(json.status).toBe(1);
    expect(json.document()).toMatchObject({ error: { code: "seed-defects", facts: { defectCount: 3 } } });
    expect(await allItems(client, table)).toEqual([]);
  });

  it("a file that is not there is a usage error", async () => {
    const { run } = await setUp();
    const { status, stderr } = await run("nowhere.json");
    expect(status).toBe(4);
    expect(stderr).toContain("nowhere.json cannot be read");
  });

  it("throttled to the end: exit 3, and the sum says how far it came", async () => {
    const { run } = await setUp([
      { operation: "BatchWriteItem", nth: [1, 2], fault: { kind: "delay", milliseconds: 0 } },
      { operation: "BatchWriteItem", fault: { kind: "throttle" } },
    ]);
    const { status, document } = await run("--retry-for", "0.3", "--json");
    expect(status).toBe(3);
    expect(document()).toMatchObject({
      read: lines.length,
      written: 50,
      unwritten: lines.length - 50,
      proof: { status: "skipped" },
      error: { code: "load-exhausted" },
    });
  });

  it("an item that DynamoDB refuses: exit 1, set aside in a file, missing in the proof", async () => {
    const poison = (request: { body: object }) => JSON.stringify(request.body).includes("#METADATA#john42");
    const fault = { kind: "error", name: "ValidationException", message: "too poisonous" } as const;
    const { run } = await setUp([{ operation: "BatchWriteItem", where: poison, fault }]);
    const { status, document } = await run("--json");
    expect(status).toBe(1);
    expect(document()).toMatchObject({
      rejected: 1,
      written: lines.length - 1,
      proof: {
        status: "different",
        missing: 1,
        differences: [{ kind: "missing", key: { PK: "USER#john42" } }],
      },
    });
    const rejects = readFileSync(document().rejects as string, "utf8");
    expect(JSON.parse(rejects)).toMatchObject({ reason: "too poisonous", item: { username: "john42" } });
  });

  it("refused credentials stop it at once, with the sum", async () => {
    const fault = { kind: "error", name: "ExpiredTokenException" } as const;
    const { run } = await setUp([{ operation: "BatchWriteItem", nth: 2, fault }]);
    const { status, document } = await run("--concurrency", "1", "--json");
    expect(status).toBe(3);
    expect(document()).toMatchObject({
      written: 25,
      unwritten: lines.length - 25,
      error: { code: "credentials" },
    });
  });

  it("Ctrl-C: what is in flight ends, the sum is printed, exit 130", async () => {
    const rules: FaultRule[] = [{ operation: "BatchWriteItem", fault: { kind: "delay", milliseconds: 200 } }];
    const { project, args, client, table } = await setUp(rules);
    const running = launch(process.execPath, [CLI, ...args("--concurrency", "1", "--json")], {
      cwd: project.root,
      env: cleanEnvironment,
    });
    onTestFinished(() => {
      running.child.kill("SIGKILL");
    });
    await eventually(async () => (await allItems(client, table)).length > 0, "a first write", 20);
    running.child.kill("SIGINT");
    const { status, stdout } = await running.finished;
    expect(status).toBe(130);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ read: lines.length, error: { code: "interrupted" } });
    expect(document.written).toBe((await allItems(client, table)).length);
    expect(document.written + document.unwritten).toBe(lines.length);
    expect(document.unwritten).toBeGreaterThan(0);
  });

  it("refuses a table that migrations have written to, unless they are taken back first", async () => {
    const { project, run, client, table, ledgerTable } = await setUp();
    await run("--json");
    const migrated = await migrateUp({
      client,
      target: sharedTarget(),
      project: findProject(project.root),
      model: "quick-photos",
      table,
      ledgerTable,
      indexOwner: "pulumi",
      log: silentLog(),
    });
    expect(migrated.error).toBeUndefined();

    const refused = await run("--json");
    expect(refused.status).toBe(1);
    const migrations = ["0002-backfill-reaction-counts", "0003-backfill-follow-counts"];
    expect(refused.document()).toMatchObject({ error: { code: "migrated-table", facts: { migrations } } });

    const proved = await run("prove", "--exact", "--json");
    expect(proved.status).toBe(0);
    const { leftOut } = proved.document().proof as { leftOut: { attributes: string[]; items: number }[] };
    expect(new Set(leftOut.flatMap(({ attributes }) => attributes))).toEqual(
      new Set(["reactions", "counted", "followers", "following"]),
    );
    expect(leftOut.every(({ items }) => items > 0)).toBe(true);

    expect((await run("--redo-migrations", "--json")).status).toBe(4);
    const redone = await run("--redo-migrations", "--yes", "--json");
    expect(redone.status).toBe(0);
    expect(redone.document()).toMatchObject({
      pendingAgain: migrations,
      proof: { status: "equal", leftOut: [] },
    });
    expect((await run("prove", "--exact")).stdout).toContain("and nothing else");
  });
});

describe("seed prove", () => {
  it("finds a change, names it, and exits 1", async () => {
    const { run, client, table } = await setUp();
    await run("--proof", "none");
    expect((await run("prove")).status).toBe(0);
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyOf("john42"),
        UpdateExpression: "SET birthdate = :other",
        ExpressionAttributeValues: { ":other": { S: "1999-01-01" } },
      }),
    );
    await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf("ppierce") }));
    const { status, stdout } = await run("prove");
    expect(status).toBe(1);
    expect(stdout).toContain("differ, or someone wrote meanwhile: 1 missing, 1 different, 0 extra");
    expect(stdout).toMatch(/missing: PK = USER#ppierce, SK = #METADATA#ppierce \(line \d+\)/);
    expect(stdout).toMatch(/different: PK = USER#john42, SK = #METADATA#john42 \(line \d+\)/);
  });
});

describe("seed check", () => {
  it("judges a file without a connection", async () => {
    const { project, write } = await setUp();
    const fine = await project.run("seed", "check");
    expect(fine).toMatchObject({ status: 0, stderr: "" });
    expect(fine.stdout).toContain(`items.json is sound: ${lines.length} items`);
    const bad = await project.run("seed", "check", write("bad.json", '{"PK":1,"SK":"x"}\n'), "--json");
    expect(bad.status).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({
      command: "seed check",
      items: 0,
      defectCount: 1,
      defects: [{ line: 1, column: 2, reason: expect.stringContaining("must be a string") }],
    });
  });
});

describe("seed generate", () => {
  it("makes the committed file, to a file or to standard output", async () => {
    const { project } = await setUp();
    const streamed = await project.run("seed", "generate", "--out", "-");
    expect(streamed).toMatchObject({ status: 0, stderr: "" });
    expect(streamed.stdout).toBe(readFileSync(COMMITTED, "utf8"));
    const written = await project.run(
      "seed",
      "generate",
      "--users",
      "12",
      "--seed",
      "5",
      "--out",
      "more.json",
      "--json",
    );
    expect(JSON.parse(written.stdout)).toMatchObject({ users: 12, seed: 5, out: "more.json" });
    const made = readFileSync(join(project.root, "more.json"), "utf8");
    expect(made.trimEnd().split("\n")).toHaveLength(JSON.parse(written.stdout).items);
    const tooFew = await project.run("seed", "generate", "--users", "3", "--out", "few.json");
    expect(tooFew.status).toBe(4);
    expect(tooFew.stderr).toContain("at least 10 users");
  });
});
