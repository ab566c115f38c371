import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, readFileSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DeleteItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it, onTestFinished } from "vitest";
import type { FaultRule } from "../faults/proxy.ts";
import { eventually, launch } from "../support/processes.ts";
import { CLI, cleanEnvironment } from "../support/project-copy.ts";
import { allItems } from "../support/tables.ts";
import { keyOf, lines, makeStack, sharedProject } from "./stacks.ts";

const COMMITTED = join(import.meta.dirname, "../../seeds/quick-photos/items.json");
// What the commands print and how they exit; what they do is tested in run-seed.test.ts, without a process each.
const project = sharedProject();
const write = (name: string, content: string) => {
  writeFileSync(join(project.root, name), content);
  return name;
};

async function setUp(rules?: FaultRule[]) {
  const stack = await makeStack(project.root, { ...(rules && { rules }) });
  const run = async (...words: string[]) => {
    const finished = await project.run(...stack.args(...words));
    return { ...finished, document: () => JSON.parse(finished.stdout) as Record<string, unknown> };
  };
  const start = (...words: string[]) => {
    const options = { cwd: project.root, env: cleanEnvironment };
    const running = launch(process.execPath, [CLI, ...stack.args(...words)], options);
    onTestFinished(() => void running.child.kill("SIGKILL"));
    return running;
  };
  return { ...stack, run, start };
}

describe("seed", () => {
  it("loads the model's file, proves it, and says so as one document; and some of it again, as text", async () => {
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
        indexes: [{ index: "InvertedIndex", expected: items, found: items, status: "equal" }],
        readUnits: expect.any(Number),
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

    // The same items, and more in the table, is no error.
    const again = await run(write("some.json", lines.slice(0, 30).join("")));
    expect(again.status).toBe(0);
    expect(again.stdout).toContain(`some.json -> ${table}: 30 read = 30 written`);
    expect(again.stdout).toContain(`the table holds ${items - 30} other items`);
    expect(again.stdout).toContain(`index InvertedIndex holds ${items} entries, as the table's items make`);
    expect(again.stderr).toContain("loading 30 items");
    expect(again.stderr).toMatch(/the proof reads about \d+ read units, \d+ of them for its indexes, by/);

    const unconfirmed = await run("--redo-migrations", "--json");
    expect(unconfirmed.status).toBe(4);
    expect(unconfirmed.document()).toMatchObject({ error: { code: "usage" } });
  });

  it("--dry-run counts and writes nothing, and needs no table", async () => {
    const dry = await project.run("seed", "--dry-run", "--json");
    expect(dry.status).toBe(0);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      dryRun: true,
      items: lines.length,
      requests: Math.ceil(lines.length / 25),
    });
  });

  it("writes nothing of a file with a defect, and names every one", async () => {
    const { run, client, table } = await setUp();
    const bad = write("bad.json", [...lines.slice(0, 3), lines[1], "{\n", '{"PK":"x"}'].join(""));
    const text = await run(bad);
    expect(text).toMatchObject({ status: 1, stdout: "" });
    expect(text.stderr).toContain("bad.json has 3 defects; nothing was written");
    expect(text.stderr).toContain("bad.json:4: has the same key as line 2");
    expect(text.stderr).toContain("bad.json:5:2: is not JSON");
    expect(text.stderr).toContain("bad.json:6: SK is the sort key of the table, and is missing");
    expect(await allItems(client, table)).toEqual([]);
  });

  it("tells what is wrong of the command line before it connects, and warns of a file without items", async () => {
    const nowhere = (...words: string[]) => project.run("seed", ...words, "--endpoint", "http://127.0.0.1:9");
    const rate = await nowhere("--rate", "banana");
    expect(rate).toMatchObject({ status: 4, stderr: expect.stringContaining('"banana" is no rate') });
    const model = await nowhere("--table", "nope");
    expect(model).toMatchObject({ status: 4, stderr: expect.stringContaining('no table model "nope"') });
    const { run } = await setUp();
    const empty = write("empty.json", "\n");
    const { status, stderr } = await run(empty);
    expect(status).toBe(0);
    expect(stderr).toContain("empty.json holds no items");
  });

  it("throttled to the end, as --retry-for says: exit 3, and the sum says how far it came", async () => {
    const { run } = await setUp([
      { operation: "BatchWriteItem", nth: [1, 2], fault: { kind: "delay", milliseconds: 0 } },
      { operation: "BatchWriteItem", fault: { kind: "throttle" } },
      // An item that comes back again and again is sent alone, to learn why.
      {
        operation: "PutItem",
        where: ({ body }) => !body.TableName?.endsWith("-ledger"),
        fault: { kind: "throttle" },
      },
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

  it("Ctrl-C: what is in flight ends, the sum is printed, exit 130", async () => {
    const rules: FaultRule[] = [{ operation: "BatchWriteItem", fault: { kind: "delay", milliseconds: 200 } }];
    const { start, client, table } = await setUp(rules);
    const running = start("--concurrency", "1", "--json");
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

  it("Ctrl-C while the proof reads the file: the sum is printed, exit 130", async () => {
    const { start } = await setUp();
    const path = join(project.root, "pipe.json");
    execFileSync("mkfifo", [path]);
    const running = start("pipe.json", "--json");
    /** Opens the pipe as soon as the command has opened it to read; the sign keeps the readings apart. */
    const feed = async (sign: string, text: string) => {
      let pipe: FileHandle | undefined;
      const opened = async () => {
        if (!running.stderr().includes(sign)) return false;
        pipe = await open(path, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
        return pipe !== undefined;
      };
      await eventually(opened, `it reads the file after "${sign}"`, 20);
      await pipe?.write(text);
      return pipe as FileHandle;
    };
    await (await feed("", lines.join(""))).close();
    await (await feed("loading", lines.join(""))).close();
    const endless = await feed("comparing", lines[0] as string);
    onTestFinished(() => endless.close());
    running.child.kill("SIGINT");
    let hasEnded = false;
    void running.finished.then(() => {
      hasEnded = true;
    });
    while (!hasEnded) {
      await endless.write(lines[0] as string).catch(() => {});
      await delay(5);
    }
    const { status, stdout } = await running.finished;
    expect(status).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      read: lines.length,
      written: lines.length,
      proof: { status: "indeterminate" },
      error: { code: "interrupted" },
    });
  });
});

describe("seed prove", () => {
  it("finds a change, names it, and exits 1", async () => {
    const { run, client, table } = await setUp();
    expect((await run("--proof", "none", "--json")).document()).toMatchObject({
      proof: { status: "skipped" },
    });
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
    const file = /all differences are in (\S+)/.exec(stdout)?.[1] ?? "";
    expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(2);

    const twice = write("twice.json", [...lines, lines[0]].join(""));
    const sampled = await run(
      "prove",
      twice,
      "--duplicates",
      "first",
      "--proof",
      "sample=100%",
      "--sample-seed",
      "7",
      "--redact",
      "--json",
    );
    expect(sampled.status).toBe(1);
    expect(sampled.document()).toMatchObject({
      proof: {
        status: "different",
        missing: 1,
        different: 1,
        sample: { percent: 100, seed: 7, items: lines.length, of: lines.length },
      },
    });
    expect(sampled.stdout).not.toContain("john42");
  });
});

describe("seed check", () => {
  it("judges a file without a connection", async () => {
    const wrong = write("wrong.json", '{"PK":1,"SK":"x"}\n');
    const [fine, bad] = await Promise.all([
      project.run("seed", "check"),
      project.run("seed", "check", wrong, "--json"),
    ]);
    expect(fine).toMatchObject({ status: 0, stderr: "" });
    expect(fine.stdout).toContain(`items.json is sound: ${lines.length.toLocaleString("en-US")} items`);
    expect(bad.status).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({
      command: "seed check",
      items: 0,
      defectCount: 1,
      defects: [{ line: 1, column: 2, reason: expect.stringContaining("must be a string") }],
    });
  });
});

describe("output that goes nowhere", () => {
  it("a log that nobody reads any more does not end a load", async () => {
    const { args, client, table } = await makeStack(project.root);
    const file = write("unread.json", `${lines.slice(0, 30).join("\n")}\n`);
    const words = [CLI, ...args(file, "--proof", "none")].map((word) => `'${word}'`).join(" ");
    const command = `node ${words} 2>&1 >/dev/null | true; exit \${PIPESTATUS[0]}`;
    const { finished } = launch("bash", ["-c", command], { cwd: project.root, env: cleanEnvironment });
    expect((await finished).status).toBe(0);
    expect(await allItems(client, table)).toHaveLength(30);
  });

  it("a full disk behind standard output is said in words", async () => {
    const command = `node '${CLI}' seed generate --out - > /dev/full`;
    const { finished } = launch("bash", ["-c", command], { cwd: project.root, env: cleanEnvironment });
    const { status, stderr } = await finished;
    expect(status).toBe(3);
    expect(stderr).toMatch(/^tablewright: cannot write to standard output: ENOSPC.*\n.*\n$/);
  });
});

describe("seed generate", () => {
  it("to standard output loses nothing, however slow its reader is", async () => {
    const args = ["seed", "generate", "--users", "200", "--out"];
    const child = spawn(process.execPath, [CLI, ...args, "-"], {
      cwd: project.root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const parts: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => {
      parts.push(part);
      child.stdout.pause();
      setTimeout(() => child.stdout.resume(), 30);
    });
    const [status] = await once(child, "close");
    expect(status).toBe(0);
    expect((await project.run(...args, "all.json")).status).toBe(0);
    expect(Buffer.concat(parts).equals(readFileSync(join(project.root, "all.json")))).toBe(true);
  });

  it("makes the committed file, to a file or to standard output", async () => {
    const generate = (...words: string[]) => project.run("seed", "generate", ...words);
    const [streamed, written, tooFew] = await Promise.all([
      generate("--out", "-"),
      generate("--users", "12", "--seed", "5", "--photos", "40", "--out", "more.json", "--json"),
      generate("--users", "3", "--out", "few.json"),
    ]);
    const unwritable = await generate("--out", "more.json/items.json");
    expect(unwritable.status).toBe(4);
    expect(unwritable.stderr).toContain("Name a file that can be written with --out.");
    expect(streamed).toMatchObject({ status: 0, stderr: "" });
    expect(streamed.stdout).toBe(readFileSync(COMMITTED, "utf8"));
    expect(JSON.parse(written.stdout)).toMatchObject({ users: 12, seed: 5, photos: 40, out: "more.json" });
    const made = readFileSync(join(project.root, "more.json"), "utf8");
    expect(made.trimEnd().split("\n")).toHaveLength(JSON.parse(written.stdout).items);
    expect(tooFew.status).toBe(4);
    expect(tooFew.stderr).toContain("at least 10 users");
    expect(tooFew.stderr).toContain("Ask for another number with --users or --photos.");
    const unknown = await generate("--albums", "40", "--out", "never.json");
    expect(unknown.status).toBe(4);
    expect(unknown.stderr).toContain("Unknown argument: albums");
  });
});
