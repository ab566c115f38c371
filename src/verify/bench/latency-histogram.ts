import { createHistogram } from "node:perf_hooks";

const MICROSECONDS = 1_000;
/** What takes longer than an hour counts as an hour. */
const LONGEST_MICROSECONDS = 3_600 * 1_000 * MICROSECONDS;
/** Points between two halvings of what is left above a percentile: HdrHistogram's own default for plots. */
const POINTS_PER_HALF = 5;

/** Times of runs, in milliseconds, right to 0.1 %. */
export interface LatencySummary {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
}

/** A point of the distribution: so many percent of the runs took at most so many milliseconds. */
export type PercentilePoint = readonly [percent: number, milliseconds: number];

/** Percentiles that lie closer the nearer they are to 100, up to where a single run decides. */
function plottedPercents(count: number): number[] {
  const percents: number[] = [];
  for (let rest = 100; rest * count >= 100; rest /= 2) {
    for (let point = 0; point < POINTS_PER_HALF; point += 1) {
      percents.push(100 - rest + (point * rest) / 2 / POINTS_PER_HALF);
    }
  }
  return [...percents.slice(1), 100];
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;

/** Keeps latencies in a fixed amount of memory: Node's own HdrHistogram, as the load's monitor does (decision 73). */
export class LatencyHistogram {
  readonly #times = createHistogram({ lowest: 1, highest: LONGEST_MICROSECONDS, figures: 3 });

  /** How many were recorded. */
  get count(): number {
    return this.#times.count;
  }

  record(milliseconds: number): void {
    const micros = Math.round(milliseconds * MICROSECONDS);
    this.#times.record(Math.min(Math.max(1, micros), LONGEST_MICROSECONDS));
  }

  /** The time that so many percent of the runs took at most, in milliseconds. @param percent above 0 up to 100 */
  percentile(percent: number): number {
    return rounded(this.#times.percentile(percent) / MICROSECONDS);
  }

  /** Undefined where nothing was recorded. */
  summary(): LatencySummary | undefined {
    if (this.count === 0) return undefined;
    return {
      p50: this.percentile(50),
      p95: this.percentile(95),
      p99: this.percentile(99),
      max: rounded(this.#times.max / MICROSECONDS),
      mean: rounded(this.#times.mean / MICROSECONDS),
    };
  }

  /** The whole distribution in some dozens of points, for plots; empty where nothing was recorded. */
  points(): PercentilePoint[] {
    if (this.count === 0) return [];
    return plottedPercents(this.count).map((percent) => [rounded(percent), this.percentile(percent)]);
  }
}
