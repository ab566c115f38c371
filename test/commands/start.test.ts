import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually, launch, processesMarked, tablewright } from "../support/processes.ts";
import { CLI, cleanEnvironment, copyProject } from "../support/project-copy.ts";

interface StartDocument {
  engine: string;
  indexOwner: string;
  phases: Record<string, unknown>[];
}

/** Starts `start` with a mark that all its descendants carry, to find the ones it leaves behind. */
function launchMarked(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const marker = `TABLEWRIGHT_TEST_MARK=${randomUUID()}`;
  const [name = "", value = ""] = marker.split("=");
  const running = launch(process.execPath, [CLI, "start", ...args], {
    env: { ...cleanEnvironment, ...env, [name]: value },
  });
  return { ...running, left: () => processesMarked(marker) };
}

const nothingLeft = (left: () => number[]) =>
  eventually(() => left().length === 0, "every process of start is gone");

describe("start", () => {
  // The README's own block is the same with indexes by a migration (test/readme.test.ts), and so is the
  // library's main job (test/library.test.ts).
  it.each([["dynamodb-local", "pulumi"]])(
    "goes through the whole life on %s with indexes by %s",
    async (engine, indexOwner) => {
      const { finished, left } = launchMarked(["--engine", engine, "--index-owner", indexOwner, "--json"]);
      const { status, stdout, stderr } = await finished;
      expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
      expect(stderr.match(/^(deploy|seed|migrate|prove|verify) +\d+\.\d s$/gm)).toHaveLength(5);
      const document = JSON.parse(stdout) as StartDocument;
      expect(document).toMatchObject({ command: "start", engine, indexOwner });
      expect(document.phases.map(({ name, status: state }) => `${name} ${state}`)).toEqual([
        "deploy done",
        "seed done",
        "migrate done",
        "prove done",
        "verify done",
      ]);
      const [, seed, migrate, prove, verify] = document.phases;
      expect(seed).toMatchObject({
        rejected: 0,
        unwritten: 0,
        unknown: 0,
        proof: { status: "equal", scope: "exact" },
      });
      expect(seed?.written).toBe(seed?.read);
      expect(migrate).toMatchObject({ pending: 0 });
      expect(prove).toMatchObject({
        proof: { status: "equal", scope: "exact", missing: 0, extra: 0, different: 0 },
      });
      expect(verify).toMatchObject({ passed: 14, failed: 0, notRun: 0, indeterminate: 0 });
      await nothingLeft(left);
    },
  );

  it.each([["--aws"], ["--endpoint", "http://127.0.0.1:1"]])(
    "refuses %s: it has an engine of its own",
    async (...args) => {
      expect((await tablewright(["start", ...args], { env: cleanEnvironment })).status).toBe(4);
    },
  );
});

describe("start, ended from outside, leaves no process", () => {
  // What standard error shows when the signal is sent; with nothing yet, engine and program are starting.
  // test/commands/start.long.test.ts goes over many more moments.
  it.each([
    ["SIGINT", "", 130],
    ["SIGTERM", "is up at", 143],
    ["SIGKILL", "", null],
    ["SIGKILL", "seed ", null],
  ] as const)("by %s after %j: exit %j", async (signal, moment, exit) => {
    const { child, finished, stderr, left } = launchMarked();
    if (moment === "") await eventually(() => left().length > 3, "engine and program are starting");
    await eventually(() => stderr().includes(moment), `start shows ${moment}`, 30);
    child.kill(signal);
    const { status, stdout } = await finished;
    expect({ status, stdout }).toEqual({ status: exit, stdout: "" });
    await nothingLeft(left);
  });
});

describe("start, when a part says no", () => {
  const startIn = (root: string) =>
    launch(process.execPath, [CLI, "start"], { cwd: root, env: cleanEnvironment }).finished;

  it("a program that throws is exit 4 and names the place", async () => {
    const project = copyProject();
    writeFileSync(join(project.root, "infra", "index.ts"), 'throw new Error("no such region");\n');
    const { status, stderr, stdout } = await startIn(project.root);
    expect(status).toBe(4);
    expect(stderr).toContain("no such region");
    expect(stdout).toBe("");
  });

  it("a defect of the seed file is exit 1, with file and line, and nothing after it runs", async () => {
    const project = copyProject();
    writeFileSync(
      join(project.root, "seeds", "quick-photos", "items.json"),
      '{"PK":"a","SK":"b"}\n{"PK":"a"}\n',
    );
    const { status, stderr } = await startIn(project.root);
    expect(status).toBe(1);
    expect(stderr).toContain(`${join("seeds", "quick-photos", "items.json")}:2`);
    expect(stderr).not.toMatch(/^migrate /m);
  });

  it("a pattern that answers in the wrong order is found by verify: exit 1, with what was expected", async () => {
    const project = copyProject();
    const pattern = join(project.root, "queries", "quick-photos", "recent-photos.ts");
    const code = readFileSync(pattern, "utf8");
    expect(code).toContain("descending: true");
    writeFileSync(pattern, code.replace("descending: true", "descending: false"));
    const { status, stdout } = await startIn(project.root);
    expect(status).toBe(1);
    expect(stdout).toContain("verify says no");
    expect(stdout).toMatch(/FAIL recent-photos/);
  });
});
