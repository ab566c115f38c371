import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "../dynamo/backoff.ts";
import type { EngineName } from "../dynamo/target.ts";
import type { Project } from "../project/find-project.ts";
import { EngineMismatchError, StateFolderError } from "./errors.ts";
import { answers } from "./probe.ts";
import { isAlive } from "./process.ts";
import { type DetachedEngine, startDetachedEngine } from "./start-engine.ts";
import { withStartLock } from "./start-lock.ts";

/** The project's kept engine, as noted in `.tablewright/engine.json`. */
export interface KeptEngine extends DetachedEngine {
  /** ISO time. */
  readonly startedAt: string;
  readonly dataFolder: string;
}

const noteOf = (project: Project) => join(project.stateFolder, "engine.json");

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

/** What a kept engine is to be. */
export interface KeptEngineOptions {
  /** Default: as {@link startDetachedEngine} chooses, or the one that runs. */
  readonly engine?: EngineName | undefined;
  readonly port?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The engine that runs, if it is the one asked for. @throws {EngineMismatchError} */
function asWanted(running: KeptEngine, { engine, port }: KeptEngineOptions): KeptEngineStart {
  const isOther =
    (engine !== undefined && engine !== running.engine) ||
    (port !== undefined && port !== Number(new URL(running.endpoint).port));
  if (isOther) throw new EngineMismatchError(running.title, running.endpoint);
  return { engine: running, alreadyRunning: true };
}

async function launch(project: Project, options: KeptEngineOptions): Promise<KeptEngineStart> {
  const running = await findKeptEngine(project);
  if (running) return asWanted(running, options);
  const dataFolder = join(project.stateFolder, "data");
  const log = join(project.stateFolder, "engine.log");
  rmSync(noteOf(project), { force: true });
  writeFileSync(log, "");
  const started = await startDetachedEngine(log, {
    ...options,
    storage: { kind: "folder", folder: dataFolder },
  });
  const engine: KeptEngine = { ...started, startedAt: new Date().toISOString(), dataFolder };
  const temporary = `${noteOf(project)}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(engine, null, 2)}\n`);
  renameSync(temporary, noteOf(project));
  return { engine, alreadyRunning: false };
}

/**
 * Starts the project's kept engine, whose data stay in `.tablewright/data`, or finds it running. Of several
 * at once one starts it: two engines on the same data would not see each other's tables.
 * @throws {StateFolderError} {@link NoEngineError} {@link EngineStartError} {@link EngineMismatchError}
 */
export async function startKeptEngine(
  project: Project,
  options: KeptEngineOptions = {},
): Promise<KeptEngineStart> {
  const running = await findKeptEngine(project);
  if (running) return asWanted(running, options);
  const { stateFolder } = project;
  try {
    mkdirSync(join(stateFolder, "data"), { recursive: true });
    accessSync(stateFolder, constants.W_OK);
  } catch (error) {
    throw new StateFolderError(stateFolder, error);
  }
  const lock = join(stateFolder, "engine.starting");
  return withStartLock(lock, () => launch(project, options), options.signal);
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
