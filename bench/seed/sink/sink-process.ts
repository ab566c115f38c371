import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SinkOrder } from "./process.ts";
import type { SinkReport, SinkSettings } from "./sink.ts";

/** A sink in a process of its own. */
export interface SinkProcess {
  readonly endpoint: string;
  reset(settings: SinkSettings): Promise<void>;
  report(file?: string): Promise<SinkReport>;
  stop(): void;
}

/** Starts a sink that ends with this process. */
export async function startSinkProcess(): Promise<SinkProcess> {
  const child = fork(fileURLToPath(new URL("process.ts", import.meta.url)));
  const ended = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`the sink ended with ${code}`)));
  });
  ended.catch(() => {});
  const nextMessage = async () => (await Promise.race([once(child, "message"), ended]))[0];
  const ask = (order: SinkOrder) => {
    child.send(order);
    return nextMessage();
  };
  const endpoint: string = await nextMessage();
  return {
    endpoint,
    reset: async (settings) => {
      await ask({ kind: "reset", settings });
    },
    report: (file) => ask({ kind: "report", file }),
    stop: () => child.disconnect(),
  };
}
