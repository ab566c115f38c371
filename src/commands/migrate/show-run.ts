import type { Log } from "../../log.ts";
import type { MigrationRun } from "../../migrate/index.ts";
import type { CommandContext } from "../context.ts";
import { LiveLine } from "../live-line.ts";
import { eventLine } from "./event-line.ts";
import { progressLine } from "./progress-line.ts";

/** Shows events as they come: what is to be read as lines, and what the run is at as a line that is drawn over. */
class RunDisplay {
  readonly #live: LiveLine | undefined;
  readonly #log: Log;

  constructor(log: Log) {
    this.#live = log.live ? new LiveLine(log) : undefined;
    this.#log = this.#live?.log ?? log;
  }

  /** @throws what the run's result rejects with. */
  async show(run: MigrationRun<unknown>): Promise<void> {
    try {
      for await (const event of run) {
        if (event.type === "progress") {
          const { style } = this.#log;
          if (this.#live) {
            this.#live.draw(progressLine(event, { width: this.#live.width, paint: style.yellow }));
          } else this.#log.info(`  ${progressLine(event)}`);
          continue;
        }
        if (event.type === "stepFinished") this.#live?.clear();
        const line = eventLine(event);
        if (line) this.#log[line.level](line.text);
      }
    } finally {
      this.#live?.clear();
    }
  }
}

const STOPPING = "stopping at the next checkpoint; once more stops at once";

/**
 * Shows on standard error what happens in a run, and returns what it came to.
 * @param stopping what is said when it is asked to stop
 */
export async function showRun<Result>(
  context: CommandContext,
  run: MigrationRun<Result>,
  stopping = STOPPING,
): Promise<Result> {
  const { log, signal } = context;
  const onStop = () => log.info(stopping);
  signal.addEventListener("abort", onStop, { once: true });
  try {
    await new RunDisplay(log).show(run);
    return await run.result;
  } finally {
    signal.removeEventListener("abort", onStop);
  }
}

/** The same of what only looks, and can be left anywhere. */
export function showLook<Result>(context: CommandContext, look: MigrationRun<Result>): Promise<Result> {
  return showRun(context, look, "stopping; nothing was written");
}
