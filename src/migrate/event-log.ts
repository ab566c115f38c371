import { type Log, silentLog } from "../log.ts";
import type { Progress } from "./progress.ts";

/** A log whose lines are events of the run: what scripts and steps say in passing. */
export function eventLog(progress: Progress | undefined): Log {
  if (!progress) return silentLog();
  const note = (level: "info" | "debug") => (message: string) =>
    progress.tell({ type: "note", level, message, ...progress.step });
  return {
    ...silentLog(),
    info: note("info"),
    debug: note("debug"),
    warn: (message) => progress.tell({ type: "warning", message, ...progress.step }),
  };
}
