import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "../dynamo/backoff.ts";
import type { EngineName } from "../dynamo/target.ts";
import type { Project } from "../project/find-project.ts";
import { StateFolderError } from "./errors.ts";
import { answers } from "./probe.ts";
import { type DetachedEngine, startDetachedEngine } from "./start-engine.ts";

/** The project's kept engine, as noted in `.tablewright/engine.json`. */
export interface KeptEngine extends DetachedEngine {
  /** ISO time. */
  readonly startedAt: string;
  readonly dataFolder: string;
}

const noteOf = (project: Project) => join(project.stateFolder, "engine.json");

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function readNote(project: Project): KeptEngine | undefined {
  try {
    return JSON.parse(readFileSync(noteOf(project), "utf8")) as KeptEngine;
  } catch {
    return undefined;
  }
}

/** The project's kept engine, or undefined where none runs. A note left by a crash counts as none. */
export async function findKeptEngine(project: Project): Promise<KeptEngine | undefined> {
  const note = readNote(project);
  if (!note || !isAlive(note.pid) || !(await answers(note.endpoint))) return undefined;
  return note;
}

/** What {@link startKeptEngine} found or did. */
export interface KeptEngineStart {
  engine: KeptEngine;
  alreadyRunning: boolean;
}

/**
 * Starts the project's kept engine, whose data stay in `.tablewright/data`, or finds it running.
 * @throws {StateFolderError} {@link NoEngineError} {@link EngineStartError}
 */
export async function startKeptEngine(
  project: Project,
  options: { engine?: EngineName | undefined; port?: number | undefined; signal?: AbortSignal } = {},
): Promise<KeptEngineStart> {
  const running = await findKeptEngine(project);
  if (running) return { engine: running, alreadyRunning: true };
  const dataFolder = join(project.stateFolder, "data");
  try {
    mkdirSync(dataFolder, { recursive: true });
    rmSync(noteOf(project), { force: true });
    writeFileSync(join(project.stateFolder, "engine.log"), "");
  } catch (error) {
    throw new StateFolderError(project.stateFolder, error);
  }
  const started = await startDetachedEngine(join(project.stateFolder, "engine.log"), {
    ...options,
    storage: { kind: "folder", folder: dataFolder },
  });
  const engine: KeptEngine = { ...started, startedAt: new Date().toISOString(), dataFolder };
  const temporary = `${noteOf(project)}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(engine, null, 2)}\n`);
  renameSync(temporary, noteOf(project));
  return { engine, alreadyRunning: false };
}

/** Ends the project's kept engine; undefined where none ran. Its data stay. */
export async function stopKeptEngine(project: Project): Promise<KeptEngine | undefined> {
  const engine = await findKeptEngine(project);
  if (engine) {
    process.kill(engine.pid, "SIGTERM");
    // DynamoDB Local answers SIGTERM in a third of a second; one that hangs is ended hard.
    for (let waited = 0; isAlive(engine.pid); waited += 50) {
      if (waited === 5_000) process.kill(engine.pid, "SIGKILL");
      await sleep(50);
    }
  }
  rmSync(noteOf(project), { force: true });
  return engine;
}

/** What a kept engine leaves: its tables, its log, and the places in its streams. */
const LEFT_BY_ENGINE = ["data", "engine.log", "streams"];

/** Removes the kept engine's data. The engine must not be running. */
export function removeKeptData(project: Project): void {
  for (const name of LEFT_BY_ENGINE)
    rmSync(join(project.stateFolder, name), { recursive: true, force: true });
}
