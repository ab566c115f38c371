import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually, launch, processesMarked, tablewright } from "../support/processes.ts";
import { CLI, cleanEnvironment, copyProject } from "../support/project-copy.ts";

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
  // It goes through the whole life in the README's own block (test/readme.test.ts), in CI as `npm start`, by the
  // library (test/library.test.ts), and with other engines and owners in test/commands/start.long.test.ts.
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
});
