import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ErrorDocument } from "../../errors.ts";
import { childEnvironment } from "../../settings.ts";
import type { VerifyReport } from "../../verify/report.ts";
import type { GlobalOptions } from "../options.ts";
import type { VerifyRequest } from "../verify.ts";

/** What a worker is asked for. */
export interface WatchJob {
  readonly options: GlobalOptions;
  readonly request: VerifyRequest;
}

/** What it came to: a report, or the reason why there is none, such as a file that does not load. */
export type WatchAnswer = { readonly report: VerifyReport } | { readonly error: ErrorDocument };

/** The same source as this file, compiled or not. */
const WORKER = fileURLToPath(new URL(`watch-worker${import.meta.url.slice(-3)}`, import.meta.url));

/** Processes that judge one job each, of which one is always started ahead. */
export class WatchProcesses {
  #spare: ChildProcess;
  readonly #alive = new Set<ChildProcess>();

  constructor() {
    this.#spare = this.#start();
  }

  #start(): ChildProcess {
    // What patterns print would be taken for results.
    const child = fork(WORKER, { env: childEnvironment(), stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#alive.add(child);
    child.once("exit", () => this.#alive.delete(child));
    return child;
  }

  /** Has a job done by a process that has loaded none of the project's files; ends it where the signal is aborted. */
  async run(job: WatchJob, signal: AbortSignal): Promise<WatchAnswer> {
    const child = this.#spare;
    const answered = once(child, "message");
    const ended = once(child, "exit");
    // A process that cannot be spoken to ends, which is what the other one tells.
    answered.catch(() => {});
    const stop = () => child.kill("SIGTERM");
    signal.addEventListener("abort", stop, { once: true });
    child.send(job, () => {});
    const first = await Promise.race([answered, ended.then(() => undefined)]).catch(() => undefined);
    signal.removeEventListener("abort", stop);
    this.#spare = this.#start();
    if (first) return first[0] as WatchAnswer;
    const message = "the process that judges the patterns ended without an answer";
    const next = "Save the file again; `tablewright verify` shows what is wrong.";
    return { error: { code: "watch-process", message, next, facts: {} } };
  }

  /** Ends all of them, and waits until they are gone. */
  async stop(): Promise<void> {
    const children = [...this.#alive];
    await Promise.all(
      children.map(async (child) => {
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        await ended;
      }),
    );
  }
}
