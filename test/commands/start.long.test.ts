import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { eventually, launch, processesMarked } from "../support/processes.ts";
import { CLI, cleanEnvironment } from "../support/project-copy.ts";

const RUNS = 40;

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

it("goes through the whole life on dynoxide with indexes by the program", async () => {
  const args = [CLI, "start", "--engine", "dynoxide", "--index-owner", "pulumi", "--json"];
  const { status, stdout } = await launch(process.execPath, args, { env: cleanEnvironment }).finished;
  expect(status).toBe(0);
  const { phases } = JSON.parse(stdout) as { phases: { status: string }[] };
  expect(phases.map((phase) => phase.status)).toEqual(["done", "done", "done", "done", "done"]);
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
