import { type MigrationEnvironment, Progress } from "../../migrate/index.ts";
import { LiveLine } from "../live-line.ts";
import { progressLine } from "./progress-line.ts";

/** Time between two looks, in milliseconds: on a terminal, and elsewhere, where each makes a line. */
const DRAW_MS = 250;
const LINE_MS = 5_000;

/**
 * Shows on standard error what a run is doing, while it is: a line that is drawn over on a terminal, a new one
 * every five seconds elsewhere.
 * @param stopping what is said when it is asked to stop
 */
export async function withProgress<T>(
  environment: MigrationEnvironment,
  run: (environment: MigrationEnvironment) => Promise<T>,
  { stopping = "stopping at the next checkpoint; once more stops at once" } = {},
): Promise<T> {
  const progress = new Progress();
  const live = environment.log.live ? new LiveLine(environment.log) : undefined;
  const log = live?.log ?? environment.log;
  const show = () => {
    const view = progress.view();
    if (!live) return view && log.info(`  ${progressLine(view)}`);
    live.draw(view ? progressLine(view, { width: live.width, paint: log.style.yellow }) : "");
  };
  const onStop = () => log.info(stopping);
  environment.signal?.addEventListener("abort", onStop, { once: true });
  const timer = setInterval(show, live ? DRAW_MS : LINE_MS);
  timer.unref();
  try {
    return await run({ ...environment, log, progress });
  } finally {
    clearInterval(timer);
    environment.signal?.removeEventListener("abort", onStop);
    live?.clear();
  }
}

/** The same of what only looks, and can be left anywhere. */
export function lookWithProgress<T>(
  environment: MigrationEnvironment,
  look: (environment: MigrationEnvironment) => Promise<T>,
): Promise<T> {
  return withProgress(environment, look, { stopping: "stopping; nothing was written" });
}
