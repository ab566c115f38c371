import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { EngineMismatchError } from "../../src/engine/errors.ts";
import { startKeptEngine, stopKeptEngine } from "../../src/engine/kept-engine.ts";
import { startDetachedEngine, startEngine } from "../../src/engine/start-engine.ts";
import type { Project } from "../../src/project/find-project.ts";
import { processesWith } from "../support/processes.ts";

/** A project without content, whose engine and files are gone after the test. */
function emptyProject(): Project {
  const root = mkdtempSync(join(tmpdir(), "kept-engine-"));
  const project = { root, stateFolder: join(root, ".tablewright") };
  onTestFinished(async () => {
    await stopKeptEngine(project);
    rmSync(root, { recursive: true, force: true });
  });
  return project;
}

describe("a kept engine", () => {
  it("is one, however many start it at once, also where a start that was killed left its mark", async () => {
    const project = emptyProject();
    await startKeptEngine(project, { engine: "dynoxide" });
    await stopKeptEngine(project);
    // No process has this id: Linux counts to 2^22 at most.
    writeFileSync(join(project.stateFolder, "engine.starting"), String(2 ** 30));
    const start = () => startKeptEngine(project, { engine: "dynoxide" });
    const starts = await Promise.all([start(), start(), start()]);
    expect(new Set(starts.map(({ engine }) => engine.pid)).size).toBe(1);
    expect(starts.map(({ alreadyRunning }) => alreadyRunning).sort()).toEqual([false, true, true]);
    expect(processesWith(project.root)).toHaveLength(1);
  });

  it("is not another than the one asked for", async () => {
    const project = emptyProject();
    const { engine } = await startKeptEngine(project, { engine: "dynoxide" });
    const port = Number(new URL(engine.endpoint).port);
    const same = await startKeptEngine(project, { engine: "dynoxide", port });
    expect(same.alreadyRunning).toBe(true);
    for (const other of [{ engine: "dynamodb-local" } as const, { port: port + 1 }]) {
      await expect(startKeptEngine(project, other)).rejects.toThrow(EngineMismatchError);
    }
  });
});

describe("a start that is interrupted while it looks for an engine", () => {
  it("starts none", async () => {
    const reason = new Error("Ctrl-C");
    const signal = AbortSignal.abort(reason);
    // Whoever would start an engine opens its log first, in a folder that is not there.
    const log = join(tmpdir(), "no-such-folder", "engine.log");
    await expect(startDetachedEngine(log, { engine: "dynoxide", signal })).rejects.toBe(reason);
    await expect(startEngine({ engine: "dynoxide", signal })).rejects.toBe(reason);
  });
});
