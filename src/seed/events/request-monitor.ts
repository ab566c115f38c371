import { createHistogram } from "node:perf_hooks";
import { describeThrottle, throttlesOf } from "../../dynamo/pace/throttle.ts";
import type { WireSender } from "../../dynamo/wire/wire-client.ts";
import type { Latency, LoadSample } from "./events.ts";

/** What of an answer says that items came back. */
interface Leftovers {
  readonly UnprocessedItems?: Readonly<Record<string, readonly unknown[]>>;
}

/** That of leftovers: DynamoDB does not say it. */
const NO_REASON = describeThrottle({ limit: "unknown", direction: "write" });
const MICROSECONDS = 1_000;
/** An answer that takes longer than an hour counts as one of an hour. */
const LONGEST_MICROSECONDS = 3_600 * 1_000 * MICROSECONDS;

/**
 * Measures requests between the pacer and the wire: how long their answers take, how many are under way, and
 * what they are throttled for. Node's own histogram keeps the times: it takes a fixed amount of memory, and less
 * than a microsecond a request.
 */
export class RequestMonitor {
  readonly #times = createHistogram({ lowest: 1, highest: LONGEST_MICROSECONDS, figures: 3 });
  readonly #now: () => number;
  #throttles = new Map<string, number>();
  #inFlight = 0;
  #most = 0;
  /** Requests in flight times milliseconds, up to `#countedAt`. */
  #area = 0;
  #countedAt: number;
  #begunAt: number;

  /** @param now milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#countedAt = this.#begunAt = now();
  }

  /** The same sender, measured. */
  watch(sender: WireSender): WireSender {
    return { send: (operation, body) => this.#measure(() => sender.send(operation, body)) };
  }

  /** What was measured since the last time, and begins anew. */
  take(): Pick<LoadSample, "seconds" | "inFlight" | "latency" | "throttles"> {
    const now = this.#count(0);
    const milliseconds = now - this.#begunAt;
    const mean = milliseconds > 0 ? this.#area / milliseconds : this.#inFlight;
    const taken = {
      seconds: milliseconds / 1000,
      inFlight: { mean, most: this.#most },
      latency: this.#latency(),
      throttles: Object.fromEntries(this.#throttles),
    };
    this.#times.reset();
    this.#throttles = new Map();
    this.#area = 0;
    this.#most = this.#inFlight;
    this.#begunAt = now;
    return taken;
  }

  async #measure(send: () => Promise<object>): Promise<object> {
    const sentAt = this.#count(1);
    try {
      const answer = await send();
      const { UnprocessedItems = {} } = answer as Leftovers;
      if (Object.values(UnprocessedItems).some(({ length }) => length > 0)) this.#throttle(NO_REASON);
      return answer;
    } catch (error) {
      const reasons = new Set(throttlesOf(error, "write").map(describeThrottle));
      for (const reason of reasons) this.#throttle(reason);
      throw error;
    } finally {
      const took = Math.round((this.#count(-1) - sentAt) * MICROSECONDS);
      this.#times.record(Math.min(Math.max(1, took), LONGEST_MICROSECONDS));
    }
  }

  /** Adds to the requests in flight. @returns the time */
  #count(change: number): number {
    const now = this.#now();
    this.#area += this.#inFlight * (now - this.#countedAt);
    this.#countedAt = now;
    this.#inFlight += change;
    this.#most = Math.max(this.#most, this.#inFlight);
    return now;
  }

  #throttle(reason: string): void {
    this.#throttles.set(reason, (this.#throttles.get(reason) ?? 0) + 1);
  }

  #latency(): Latency | undefined {
    const times = this.#times;
    if (times.count === 0) return undefined;
    const at = (percent: number) => times.percentile(percent) / MICROSECONDS;
    return { count: times.count, p50: at(50), p90: at(90), p99: at(99), max: times.max / MICROSECONDS };
  }
}
