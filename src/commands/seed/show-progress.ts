import type { Log } from "../../log.ts";
import { type ProgressView, progressBar, progressText } from "../../seed/progress.ts";
import { LiveLine } from "../live-line.ts";

/** Time between two lines where no bar can be drawn. */
const LINE_INTERVAL_MS = 5_000;
/** Time between two drawings of the bar. */
const BAR_INTERVAL_MS = 200;

/** Shows how far a run has come: a bar on a live terminal, a line every five seconds elsewhere. */
export class ProgressDisplay {
  /** The run's log, which makes room for what it says. */
  readonly log: Log;
  readonly #bar: LiveLine | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log) {
    this.#bar = log.live ? new LiveLine(log) : undefined;
    this.log = this.#bar?.log ?? log;
  }

  /** Shows a part of the run from now on. @param view given the seconds since then */
  begin(view: (seconds: number) => ProgressView): void {
    this.end();
    const startedAt = performance.now();
    const look = () => view((performance.now() - startedAt) / 1000);
    const bar = this.#bar;
    const show = bar
      ? () => bar.draw(progressBar(look(), bar.width))
      : () => this.log.info(progressText(look()));
    this.#timer = setInterval(show, bar ? BAR_INTERVAL_MS : LINE_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Takes the bar away and ends the lines. */
  end(): void {
    clearInterval(this.#timer);
    this.#bar?.clear();
  }
}
