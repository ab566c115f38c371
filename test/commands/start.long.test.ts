import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { eventually, launch, processesMarked } from "../support/processes.ts";
import { CLI, cleanEnvironment, copyProject } from "../support/project-copy.ts";

const RUNS = 40;

interface StartDocument {
  engine: string;
  indexOwner: string;
  phases: Record<string, unknown>[];
}

/** Milliseconds that a whole run takes here, and a little more, so that its end is among the moments. */
async function longestMs(): Promise<number> {
  const begun = performance.now();
  const { status } = await launch(process.execPath, [CLI, "start"], { env: cleanEnvironment }).finished;
  expect(status).toBe(0);
  return (performance.now() - begun) * 1.1;
}

it.each(["SIGINT", "SIGKILL"] as const)("start leaves no process, whenever %s comes", async (signal) => {
  const exits = new Map<string, number>();
  const longest = await longestMs();
  for (let run = 0; run < RUNS; run += 1) {
    const mark = randomUUID();
    const { child, finished } = launch(process.execPath, [CLI, "start"], {
      env: { ...cleanEnvironment, TABLEWRIGHT_TEST_MARK: mark },
    });
    const moment = (run / RUNS) * longest;
    await delay(moment);
    child.kill(signal);
    const { status, signal: endedBy } = await finished;
    const exit = String(status ?? endedBy);
    exits.set(exit, (exits.get(exit) ?? 0) + 1);
    await eventually(
      () => processesMarked(mark).length === 0,
      `nothing is left after ${signal} at ${moment} ms`,
    );
  }
  // Before its handler is there, and after its end, a signal finds the system's default or nobody.
  const allowed = signal === "SIGINT" ? ["130", "0", "SIGINT"] : ["SIGKILL", "0"];
  expect([...exits.keys()].filter((exit) => !allowed.includes(exit))).toEqual([]);
  expect(exits.get(signal === "SIGINT" ? "130" : "SIGKILL") ?? 0).toBeGreaterThan(RUNS / 4);
});

it.each([
  ["dynamodb-local", "pulumi"],
  ["dynoxide", "pulumi"],
])("goes through the whole life on %s with indexes by %s", async (engine, indexOwner) => {
  const args = [CLI, "start", "--engine", engine, "--index-owner", indexOwner, "--json"];
  const mark = randomUUID();
  const env = { ...cleanEnvironment, TABLEWRIGHT_TEST_MARK: mark };
  const { status, stdout, stderr } = await launch(process.execPath, args, { env }).finished;
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
  await eventually(() => processesMarked(mark).length === 0, "every process of start is gone");
});

it("a pattern that answers in the wrong order is found by verify: exit 1, with what was expected", async () => {
  const project = copyProject();
  const pattern = join(project.root, "queries", "quick-photos", "recent-photos.ts");
  const code = readFileSync(pattern, "utf8");
  expect(code).toContain("descending: true");
  writeFileSync(pattern, code.replace("descending: true", "descending: false"));
  const { status, stdout } = await launch(process.execPath, [CLI, "start"], {
    cwd: project.root,
    env: cleanEnvironment,
  }).finished;
  expect(status).toBe(1);
  expect(stdout).toContain("verify says no");
  expect(stdout).toMatch(/FAIL recent-photos/);
});

it("without Java takes dynoxide and says so; shows each part as it ends, and what to type next", async () => {
  const path = mkdtempSync(join(tmpdir(), "no-java-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  symlinkSync(process.execPath, join(path, "node"));
  const env = { ...cleanEnvironment, PATH: path };
  const { stdout, stderr, status } = await launch(process.execPath, [CLI, "start"], { env }).finished;
  expect(status).toBe(0);
  expect(stderr).toContain("dynoxide is up");
  expect(stderr.match(/^(deploy|seed|migrate|prove|verify) +\d+\.\d s$/gm)).toHaveLength(5);
  expect(stdout).toContain("quick-photos: everything holds");
  expect(stdout).toContain("npx pulumi up");
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});
