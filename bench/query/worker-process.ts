import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DUMMY_CREDENTIALS } from "../../src/dynamo/client.ts";

/** How Node runs the sources, whoever starts it. */
export const TYPESCRIPT = ["--conditions=tablewright-source", "--import", "tsx"];

/** What a worker is asked for. */
export interface Order {
  /** Of the pattern. */
  readonly id: string;
  readonly answers: number;
}

/** What an answer took, on average over those that were asked for. */
export interface Slice {
  /** User and system time of the worker's process. */
  readonly cpuMicros: number;
  readonly wallMicros: number;
}

/** A contestant in a process of its own. */
export interface Worker {
  run(order: Order): Promise<Slice>;
  stop(): void;
}

/** @param module of the contestant, from this folder */
export async function startWorker(module: string, endpoint: string, table: string): Promise<Worker> {
  const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const child = fork(here("worker.ts"), [here(module), endpoint, table], {
    execArgv: [...TYPESCRIPT, "--expose-gc"],
    env: {
      PATH: process.env.PATH,
      AWS_ACCESS_KEY_ID: DUMMY_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: DUMMY_CREDENTIALS.secretAccessKey,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    },
  });
  const ended = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`${module} ended with ${code}`)));
  });
  ended.catch(() => {});
  const nextMessage = async () => (await Promise.race([once(child, "message"), ended]))[0];
  await nextMessage();
  const run = (order: Order): Promise<Slice> => {
    const message = nextMessage();
    child.send(order);
    return message;
  };
  return { run, stop: () => child.disconnect() };
}
