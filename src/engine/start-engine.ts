import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import getPort from "get-port";
import { sleep } from "../dynamo/backoff.ts";
import type { EngineName, RunningEngine } from "../dynamo/target.ts";
import { childEnvironment } from "../settings.ts";
import { chooseEngine } from "./choose-engine.ts";
import { EngineStartError } from "./errors.ts";
import type { LaunchCommand, Launcher, Storage } from "./launcher.ts";
import { answers } from "./probe.ts";

/** How an engine is started. */
export interface StartOptions {
  /** Default: DynamoDB Local, or dynoxide where there is no Java. */
  engine?: EngineName | undefined;
  /** Default: in memory. */
  storage?: Storage;
  /** Default: a free one. */
  port?: number | undefined;
  /** The engine will live for seconds. Default false. */
  shortLived?: boolean;
  /** Give up after this many seconds. Default 30. */
  timeoutSeconds?: number;
  signal?: AbortSignal | undefined;
}

/** An engine that belongs to this process and ends with it, whichever way it ends. */
export interface Engine extends RunningEngine {
  readonly title: string;
  /** Ends the engine and resolves when its process is gone. Calling it again does nothing. */
  stop(): Promise<void>;
}

/** An engine that goes on after this process. */
export interface DetachedEngine extends RunningEngine {
  readonly title: string;
  readonly pid: number;
}

const SUPERVISOR = fileURLToPath(new URL("../supervisor.mjs", import.meta.url));

/** The last lines an engine printed, for the message when it does not come up. */
function tailOf(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (printed: string) => {
      text = (text + printed).slice(-2_000);
    });
  }
  return () => text.trim();
}

const hasExited = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/** Waits until the engine answers; rejects when its process ends or time is up. */
async function waitUntilUp(
  child: ChildProcess,
  endpoint: string,
  title: string,
  output: () => string,
  options: StartOptions,
): Promise<void> {
  let failure: Error | undefined;
  child.on("error", (error) => {
    failure = error;
  });
  const deadline = performance.now() + (options.timeoutSeconds ?? 30) * 1000;
  for (;;) {
    if (failure) throw new EngineStartError(title, failure.message, output());
    if (hasExited(child))
      throw new EngineStartError(title, `its process ended with ${child.exitCode}`, output());
    if (await answers(endpoint)) return;
    if (performance.now() > deadline)
      throw new EngineStartError(title, "it did not answer in time", output());
    await sleep(20, options.signal);
  }
}

interface Launch {
  launcher: Launcher;
  endpoint: string;
  command: LaunchCommand;
}

async function prepareLaunch(options: StartOptions): Promise<Launch> {
  const launcher = await chooseEngine(options.engine);
  // Ctrl-C ends the `java -version` of this process as well, and no Java was the answer.
  options.signal?.throwIfAborted();
  const port = options.port ?? (await getPort({ host: "127.0.0.1" }));
  const command = launcher.command({
    port,
    storage: options.storage ?? { kind: "memory" },
    shortLived: options.shortLived ?? false,
  });
  return { launcher, endpoint: `http://127.0.0.1:${port}`, command };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (hasExited(child)) resolve();
    else child.once("exit", () => resolve());
  });
}

/**
 * Starts an engine that ends with this process. It runs under a supervisor in a session of its own, so
 * that Ctrl-C reaches only this process, which ends the engine when its own work has stopped.
 * @throws {NoEngineError} {@link EngineStartError}
 */
export async function startEngine(options: StartOptions = {}): Promise<Engine> {
  options.signal?.throwIfAborted();
  const { launcher, endpoint, command } = await prepareLaunch(options);
  const child = spawn(process.execPath, [SUPERVISOR, command.program, ...command.args], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: childEnvironment(),
  });
  const stop = async () => {
    child.stdin.destroy();
    await ended(child);
  };
  child.stdin.on("error", () => {});
  const output = tailOf(child);
  try {
    await waitUntilUp(child, endpoint, launcher.title, output, options);
  } catch (error) {
    await stop();
    throw error;
  }
  return { engine: launcher.name, title: launcher.title, endpoint, stop };
}

/**
 * Starts an engine that goes on when this process ends.
 * @param logFile where the engine's own output goes
 * @throws {NoEngineError} {@link EngineStartError}
 */
export async function startDetachedEngine(
  logFile: string,
  options: StartOptions = {},
): Promise<DetachedEngine> {
  const { launcher, endpoint, command } = await prepareLaunch(options);
  const log = openSync(logFile, "a");
  const child = spawn(command.program, command.args, {
    stdio: ["ignore", log, log],
    detached: true,
    env: childEnvironment(),
  });
  closeSync(log);
  try {
    await waitUntilUp(child, endpoint, launcher.title, () => `See ${logFile}.`, options);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  child.unref();
  return { engine: launcher.name, title: launcher.title, endpoint, pid: child.pid as number };
}
