import { SingleBar } from "cli-progress";
import { slowedBy, unitsText } from "../dynamo/pace/pace-text.ts";
import type { PaceView } from "../dynamo/pace/pacer.ts";
import type { Log } from "../log.ts";

/** Time between two lines where no bar can be drawn. */
const LINE_INTERVAL_MS = 5_000;

/** How far a load has come. */
export interface LoadProgress {
  /** Bytes of the file read so far. */
  bytes(read: number): void;
  /** Items written so far. */
  written(items: number): void;
  /** Takes the bar away and ends the lines. */
  stop(): void;
}

const whole = (number: number) => Math.round(number).toLocaleString("en-US");

/** Seconds as `1:05`, or a dash where they cannot be told yet. */
function clockTime(seconds: number): string {
  if (!Number.isFinite(seconds)) return "-";
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

/** What a load is doing, in numbers: by bytes of its file, as items are counted only as they come. */
class Pace {
  readonly #totalBytes: number;
  readonly #view: () => PaceView;
  readonly #startedAt = performance.now();
  bytes = 0;
  items = 0;

  constructor(totalBytes: number, view: () => PaceView) {
    this.#totalBytes = totalBytes;
    this.#view = view;
  }

  facts() {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const share = this.#totalBytes === 0 ? 1 : this.bytes / this.#totalBytes;
    const view = this.#view();
    const notes = [unitsText(view.write, "wcu"), slowedBy(view)].filter((note) => note !== undefined);
    return {
      items: whole(this.items),
      rate: seconds > 0 ? whole(this.items / seconds) : "0",
      percent: Math.floor(share * 100),
      left: clockTime((seconds / share) * (1 - share)),
      notes: notes.map((note) => ` | ${note}`).join(""),
    };
  }
}

function drawBar(log: Log, pace: Pace, totalBytes: number): LoadProgress {
  const bar = new SingleBar({
    format: "  {bar} {percentage} % | {items} items | {rate} items/s | {left} left{notes}",
    stream: log.stream,
    hideCursor: true,
    clearOnComplete: true,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    gracefulExit: false,
  });
  bar.start(Math.max(1, totalBytes), 0, pace.facts());
  const update = () => bar.update(pace.bytes, pace.facts());
  return {
    bytes: (read) => {
      pace.bytes = read;
      update();
    },
    written: (items) => {
      pace.items = items;
      update();
    },
    stop: () => bar.stop(),
  };
}

function printLines(log: Log, pace: Pace): LoadProgress {
  const timer = setInterval(() => {
    const { items, rate, percent, left, notes } = pace.facts();
    log.info(`  ${percent} % | ${items} items | ${rate} items/s | ${left} left${notes}`);
  }, LINE_INTERVAL_MS);
  timer.unref();
  return {
    bytes: (read) => {
      pace.bytes = read;
    },
    written: (items) => {
      pace.items = items;
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * Shows how far a load has come: a bar on a live terminal, a line every five seconds elsewhere.
 * @param totalBytes the size of the file
 * @param view how fast it writes, and what slows it
 */
export function showProgress(log: Log, totalBytes: number, view: () => PaceView): LoadProgress {
  const pace = new Pace(totalBytes, view);
  return log.live ? drawBar(log, pace, totalBytes) : printLines(log, pace);
}
