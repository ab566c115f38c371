import { setMaxListeners } from "node:events";
import { InterruptedError } from "../errors.ts";

let controller: AbortController | undefined;

/**
 * The signal that Ctrl-C and SIGTERM abort, with an {@link InterruptedError} as its reason. A second
 * Ctrl-C ends the process at once, by the system's own default.
 */
export function interruptSignal(): AbortSignal {
  if (controller) return controller.signal;
  const created = new AbortController();
  controller = created;
  // Every request in flight listens, and there may be many more than Node's ten before it warns of a leak.
  setMaxListeners(0, created.signal);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => created.abort(new InterruptedError(signal)));
  }
  return created.signal;
}
