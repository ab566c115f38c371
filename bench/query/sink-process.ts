import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { TYPESCRIPT } from "./worker-process.ts";

/** What came since the last report. */
export interface SinkReport {
  requests: number;
  /** How often each body came. */
  readonly bodies: Record<string, number>;
}

/** A sink in a process of its own, which ends with this one. */
export interface AnswerSink {
  readonly endpoint: string;
  /** What came since the last call. */
  take(): Promise<SinkReport>;
  stop(): void;
}

/** @param table whose name stands in the answers */
export async function startSink(table: string): Promise<AnswerSink> {
  const child = fork(fileURLToPath(new URL("sink.ts", import.meta.url)), [table], { execArgv: TYPESCRIPT });
  const ended = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`the sink ended with ${code}`)));
  });
  ended.catch(() => {});
  const nextMessage = async () => (await Promise.race([once(child, "message"), ended]))[0];
  const endpoint: string = await nextMessage();
  const take = (): Promise<SinkReport> => {
    const message = nextMessage();
    child.send("report");
    return message;
  };
  return { endpoint, take, stop: () => child.disconnect() };
}
