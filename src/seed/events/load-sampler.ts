import type { PaceView } from "../../dynamo/pace/pacer.ts";
import type { LoadSoFar } from "../load/load-options.ts";
import type { TellSeed } from "./events.ts";
import type { RequestMonitor } from "./request-monitor.ts";

const FIRST_INTERVAL_MS = 1_000;
/** After so many samples the interval doubles: whoever keeps them all keeps few, however long a load takes. */
const SAMPLES_AN_INTERVAL = 3_600;

type Added = Pick<LoadSoFar, "written" | "rejected" | "requests" | "retriedItems" | "consumedWriteUnits">;

/** What a sampler looks at. */
interface Sampled {
  readonly monitor: RequestMonitor;
  /** How far the load had come before it: where it was resumed, beyond its beginning. */
  readonly before: Added;
  /** How fast it writes. */
  readonly view: () => PaceView;
  readonly tell: TellSeed;
  /** Default one second. */
  readonly intervalMs?: number | undefined;
}

/** Tells of a load in samples, from the time it is made until it is stopped. */
export class LoadSampler {
  readonly #sampled: Sampled;
  #latest: Added;
  #told: Added;
  #samples = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(sampled: Sampled) {
    this.#sampled = sampled;
    this.#latest = this.#told = sampled.before;
    this.#schedule(sampled.intervalMs ?? FIRST_INTERVAL_MS);
    // What was before the load belongs to no sample.
    sampled.monitor.take();
  }

  /** How far the load has come. */
  progress(soFar: Added): void {
    this.#latest = soFar;
  }

  /** Tells the last sample. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tell();
  }

  #schedule(intervalMs: number): void {
    this.#timer = setTimeout(() => {
      this.#tell();
      this.#samples += 1;
      const isTime = this.#samples % SAMPLES_AN_INTERVAL === 0;
      this.#schedule(isTime ? intervalMs * 2 : intervalMs);
    }, intervalMs);
    this.#timer.unref();
  }

  #tell(): void {
    const { monitor, view, tell } = this.#sampled;
    const { seconds, inFlight, latency, throttles } = monitor.take();
    const latest = this.#latest;
    const told = this.#told;
    this.#told = latest;
    tell({
      type: "sample",
      seconds,
      written: latest.written - told.written,
      rejected: latest.rejected - told.rejected,
      requests: latest.requests - told.requests,
      retriedItems: latest.retriedItems - told.retriedItems,
      writeUnits: latest.consumedWriteUnits - told.consumedWriteUnits,
      inFlight,
      latency,
      throttles,
      limit: view().write.limit,
    });
  }
}
