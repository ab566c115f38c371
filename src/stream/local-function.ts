import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { ContentError } from "../project/errors.ts";
import type { Project } from "../project/find-project.ts";

/** A Lambda function, as far as a local run depends on it. */
export interface FunctionOptions {
  readonly project: Project;
  /** Its code is infra/functions/<name>/handler.ts. */
  readonly name: string;
  /** All of its environment variables: nothing of the caller's own is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** A call that takes longer fails, and ends whatever the function is doing. */
  readonly timeoutSeconds: number;
  /** Takes what the function prints, line by line. */
  readonly onLine: (line: string) => void;
}

/** A call of the function failed: it threw, ended, or took too long. */
export class InvocationError extends Error {
  override readonly name = "InvocationError";
}

type Reply =
  | { readonly ready: boolean; readonly error?: string }
  | { readonly id: string; readonly answer?: string; readonly error?: string };

const HOST = new URL("./function-host.mjs", import.meta.url);

/** Hears one reply of a worker; rejects when the worker has ended instead. */
function nextReply(worker: Worker): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let cause: unknown;
    const onError = (error: unknown) => {
      cause = error;
    };
    const onExit = (code: number) => {
      worker.off("message", onMessage);
      const reason = cause instanceof Error ? cause.message : `status ${code}`;
      reject(new InvocationError(`the function ended: ${reason}`, { cause }));
    };
    const onMessage = (reply: Reply) => {
      worker.off("error", onError).off("exit", onExit);
      resolve(reply);
    };
    worker.once("message", onMessage).once("error", onError).once("exit", onExit);
  });
}

/** Hears one reply of a worker, or ends it where that takes too long. */
async function replyWithin(worker: Worker, seconds: number): Promise<Reply> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void worker.terminate();
  }, seconds * 1000);
  try {
    return await nextReply(worker);
  } catch (error) {
    throw late ? new InvocationError(`the function took longer than ${seconds} s`, { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs a Lambda function on this machine, in a worker: one call at a time, as one instance of it does on
 * AWS. After a call that took too long or ended the function, the next call begins with a fresh one.
 */
export class LocalFunction {
  readonly #options: FunctionOptions;
  readonly #file: string;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: FunctionOptions, file: string) {
    this.#options = options;
    this.#file = file;
  }

  /**
   * Loads a function.
   * @throws {ContentError} when its file is missing, does not load, or exports no `handler`.
   */
  static async load(options: FunctionOptions): Promise<LocalFunction> {
    const name = join("infra", "functions", options.name, "handler.ts");
    const file = join(options.project.root, name);
    if (!existsSync(file)) throw new ContentError(name, "the file does not exist", `Create ${name}.`);
    const loaded = new LocalFunction(options, file);
    try {
      await loaded.#start();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ContentError(name, `does not load: ${reason}`, "Correct the file; tsc says where.", error);
    }
    return loaded;
  }

  /** Calls the function with an event. @throws {InvocationError} */
  invoke(event: object): Promise<unknown> {
    const call = this.#last.then(() => this.#call(event));
    this.#last = call.catch(() => {});
    return call;
  }

  /** Ends the function, once it has answered what it was called with. */
  async stop(): Promise<void> {
    await this.#last;
    await this.#worker?.terminate();
  }

  async #start(): Promise<Worker> {
    const { name, environment, timeoutSeconds, onLine } = this.#options;
    const worker = new Worker(HOST, {
      env: { ...environment },
      workerData: { file: pathToFileURL(this.#file).href, functionName: name, timeoutSeconds },
      stdout: true,
      stderr: true,
    });
    for (const input of [worker.stdout, worker.stderr]) createInterface({ input }).on("line", onLine);
    worker.once("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    const reply = await nextReply(worker);
    if (reply.error !== undefined) {
      await worker.terminate();
      throw new InvocationError(reply.error);
    }
    this.#worker = worker;
    return worker;
  }

  async #call(event: object): Promise<unknown> {
    const worker = this.#worker ?? (await this.#start());
    worker.postMessage({ id: randomUUID(), event: JSON.stringify(event) });
    const reply = await replyWithin(worker, this.#options.timeoutSeconds);
    if (reply.error !== undefined) throw new InvocationError(reply.error);
    return JSON.parse(("answer" in reply && reply.answer) || "null");
  }
}
