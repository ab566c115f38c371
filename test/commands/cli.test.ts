import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { CLI, eventually, launch, ROOT, tablewright } from "../support/processes.ts";
import { cleanEnvironment, copyProject } from "../support/project-copy.ts";
import { createTestTable, testClient } from "../support/tables.ts";

const run = (...args: string[]) => tablewright(args, { env: cleanEnvironment });

describe("the command line", () => {
  it("--help lists every command and the exit codes, within 80 columns", async () => {
    const { status, stdout, stderr } = await run("--help");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const command of [
      "start",
      "local",
      "deploy",
      "table",
      "migrate",
      "seed",
      "query",
      "verify",
      "stream",
      "doctor",
    ]) {
      expect(stdout).toMatch(new RegExp(`tablewright ${command}\\b`));
    }
    expect(stdout).toContain("Exit status: 0 fine");
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it.each([
    [["deploy"], "0 the tables are as declared", /default 10 /, undefined],
    [["stream", "run"], "1 records were given up (dead letters)", /--once/, /--aws/],
    [["stream", "tail"], "0 with --once: all that there is was printed", /--aws/, undefined],
    [["migrate", "up"], "2 not yet (pending migrations in check", /--aws/, undefined],
    [["start"], "1 the answer is no", /--engine/, /--aws|--endpoint/],
  ])(
    "%j --help says what its exit status means, and lists no option that it refuses",
    async (args, exit, listed, refused) => {
      const { stdout } = await run(...args, "--help");
      expect(stdout.replaceAll(/\s+/g, " ")).toContain(exit);
      expect(stdout).toMatch(listed);
      if (refused) expect(stdout).not.toMatch(refused);
    },
  );

  it.each([
    [[], "Say what to do"],
    [["sed"], "Did you mean seed?"],
    [["table", "list", "--tabel", "x"], "Unknown argument: tabel"],
    [["table", "list", "--dry-run", "--noSuch"], "Unknown arguments: dry-run, noSuch\n"],
    [["table"], "Say what to do"],
    [["table", "list", "--table"], "Not enough arguments following: table"],
  ])("%j is a usage error: exit 4, one message, no stack trace", async (args, message) => {
    const { status, stdout, stderr } = await run(...args);
    expect(status).toBe(4);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("with --json even a usage error is one document", async () => {
    const { status, stdout, stderr } = await run("nonsense", "--json");
    expect(status).toBe(4);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ command: "tablewright", error: { code: "usage" } });
  });

  it("a reader that goes away is no failure", async () => {
    const { child, finished, stderr } = launch("bash", [
      "-c",
      `node ${CLI} --help | head -1; exit \${PIPESTATUS[0]}`,
    ]);
    expect((await finished).status).toBe(0);
    expect(stderr()).toBe("");
    expect(child.killed).toBe(false);
  });

  it.each([
    ["standard output", "--json | true"],
    ["standard error", "2>&1 >/dev/null | true"],
  ])("a reader of %s that goes away does not change what the command says", async (_, pipe) => {
    const command = `node ${CLI} table list --endpoint http://127.0.0.1:9 ${pipe}; exit \${PIPESTATUS[0]}`;
    expect((await launch("bash", ["-c", command]).finished).status).toBe(3);
  });

  it("a build older than its sources is an error", async () => {
    const root = mkdtempSync(join(tmpdir(), "tablewright-stale-"));
    for (const folder of ["dist", "src"]) cpSync(join(ROOT, folder), join(root, folder), { recursive: true });
    cpSync(join(ROOT, "package.json"), join(root, "package.json"));
    symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
    const cli = join(root, "dist", "cli.js");
    const later = new Date(Date.now() + 10_000);
    utimesSync(join(root, "src", "errors.ts"), later, later);
    expect((await launch(process.execPath, [cli, "--version"]).finished).status).toBe(0);

    const expectStale = async () => {
      const stale = await launch(process.execPath, [cli, "--version"]).finished;
      expect(stale.status).toBe(4);
      expect(stale.stderr).toContain("npm run build");
    };
    const errors = readFileSync(join(root, "src", "errors.ts"));
    writeFileSync(join(root, "src", "errors.ts"), "// changed\n");
    utimesSync(join(root, "src", "errors.ts"), later, later);
    await expectStale();

    // A build after all of that, and then a file is deleted.
    writeFileSync(join(root, "src", "errors.ts"), errors);
    const built = new Date(Date.now() + 5_000);
    utimesSync(join(root, "dist", "build-stamp.json"), built, built);
    rmSync(join(root, "src", "dynamo", "meter.ts"));
    utimesSync(join(root, "src", "dynamo"), later, later);
    await expectStale();
  });
});

describe("where a command goes", () => {
  it("nowhere without an engine: exit 3 and how to start one", async () => {
    const project = copyProject();
    const { status, stderr } = await project.run("table", "list");
    expect(status).toBe(3);
    expect(stderr).toContain("tablewright local start");
  });

  it("never off the machine without --aws", async () => {
    const { status, stderr } = await run("table", "list", "--endpoint", "http://dynamodb:8000");
    expect(status).toBe(4);
    expect(stderr).toContain("is not on this machine");
  });

  it("AWS_ENDPOINT_URL_DYNAMODB counts as --endpoint", async () => {
    const env = { ...cleanEnvironment, AWS_ENDPOINT_URL_DYNAMODB: inject("endpoint") };
    const { status, stdout } = await tablewright(["table", "list", "--json"], { env });
    expect(status).toBe(0);
    expect(JSON.parse(stdout).target).toContain(inject("endpoint"));
  });

  it("a dead endpoint is exit 3", async () => {
    const { status, stderr } = await run("table", "list", "--endpoint", "http://127.0.0.1:9");
    expect(status).toBe(3);
    expect(stderr).toContain("does not answer");
  });

  it("--aws without a region or without credentials is exit 3, with what to do", async () => {
    const nowhere = await run("table", "list", "--aws");
    expect(nowhere).toMatchObject({ status: 3, stderr: expect.stringContaining("Give --region") });
    const nobody = await run("table", "list", "--aws", "--region", "us-east-1");
    expect(nobody).toMatchObject({ status: 3, stderr: expect.stringContaining("doctor --aws") });
  });

  it("outside a project is exit 4", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nowhere-"));
    const { status, stderr } = await tablewright(["table", "list"], { cwd: folder, env: cleanEnvironment });
    expect(status).toBe(4);
    expect(stderr).toContain("no Pulumi.yaml");
  });
});

describe("a kept local engine", () => {
  it("is started once, found by other commands, keeps its tables over a restart, and stops", async () => {
    const project = copyProject();
    const started = JSON.parse((await project.run("local", "start", "--json")).stdout);
    expect(started).toMatchObject({
      command: "local start",
      engine: "dynamodb-local",
      alreadyRunning: false,
    });
    const again = JSON.parse((await project.run("local", "start", "--json")).stdout);
    expect(again).toMatchObject({ pid: started.pid, alreadyRunning: true });

    const other = await project.run("local", "start", "--engine", "dynoxide");
    expect(other).toMatchObject({ status: 4, stderr: expect.stringContaining("local stop") });

    expect((await project.run("table", "describe")).status).toBe(3);
    const { client } = testClient(started.endpoint);
    await createTestTable(client, quickPhotos, { name: "quick-photos" });
    const described = JSON.parse((await project.run("table", "describe", "--json")).stdout);
    expect(described).toMatchObject({ model: "quick-photos", table: "quick-photos" });

    expect((await project.run("local", "stop")).stdout).toContain("has stopped");
    await eventually(() => !existsSync(`/proc/${started.pid}`), "the engine's process is gone");
    expect((await project.run("local", "stop")).stdout).toContain("no local engine was running");

    expect((await project.run("local", "start")).status).toBe(0);
    expect((await project.run("table", "list")).stdout).toContain("quick-photos");
    expect((await project.run("table", "count")).stdout).toBe("0 items in quick-photos\n");

    const refused = await project.run("table", "delete");
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain("--yes");
    expect((await project.run("table", "delete", "--yes", "other-table")).status).toBe(4);
    expect((await project.run("table", "delete", "--yes")).stdout).toContain("deleted quick-photos");
    expect((await project.run("table", "list")).stdout).not.toContain("quick-photos\n");
  });

  it("removes its data only when told twice", async () => {
    const project = copyProject();
    mkdirSync(join(project.root, ".tablewright", "data"), { recursive: true });
    mkdirSync(join(project.root, ".tablewright", "streams"));
    expect((await project.run("local", "stop", "--remove-data")).status).toBe(4);
    expect(existsSync(join(project.root, ".tablewright", "data"))).toBe(true);
    expect((await project.run("local", "stop", "--remove-data", "--yes")).status).toBe(0);
    expect(readdirSync(join(project.root, ".tablewright"))).toEqual([]);
  });

  it("a port that is none is exit 4", async () => {
    const project = copyProject();
    for (const port of ["abc", "1.5", "0", "65536"]) {
      const { status, stderr } = await project.run("local", "start", "--port", port);
      expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringContaining("from 1 to 65535") });
    }
  });

  it("a state folder that cannot be written is exit 3 and names it", async () => {
    const project = copyProject();
    // A file where the folder should be: a read-only folder does not stop root.
    writeFileSync(join(project.root, ".tablewright"), "");
    chmodSync(join(project.root, ".tablewright"), 0o400);
    const { status, stderr } = await project.run("local", "start");
    expect(status).toBe(3);
    expect(stderr).toContain(".tablewright");
  });
});

describe("doctor", () => {
  it("says what is there and what is missing", async () => {
    const project = copyProject();
    const { status, stdout } = await project.run("doctor", "--json");
    const { healthy, findings } = JSON.parse(stdout) as {
      healthy: boolean;
      findings: { subject: string; state: string }[];
    };
    expect({ status, healthy }).toEqual({ status: 0, healthy: true });
    expect(findings).toContainEqual(expect.objectContaining({ subject: "DynamoDB Local", state: "fine" }));
    expect(findings).toContainEqual(expect.objectContaining({ subject: "Local engine", state: "missing" }));
  });

  it("a broken stack file is bad: exit 3", async () => {
    const project = copyProject();
    writeFileSync(join(project.root, "Pulumi.dev.yaml"), "config: [1");
    const { status, stdout } = await project.run("doctor");
    expect(status).toBe(3);
    expect(stdout).toContain("Pulumi.dev.yaml");
  });
});
