import type { SeedEvent, SeedEventFacts } from "./events.ts";
import { RequestMonitor } from "./request-monitor.ts";

/** Hands what happens in a run to whoever listens, with its time, and measures the requests for them. */
export class SeedEvents {
  readonly monitor = new RequestMonitor();
  readonly #listeners: readonly ((event: SeedEvent) => void)[];
  readonly #begunAt = performance.now();

  constructor(listeners: readonly ((event: SeedEvent) => void)[]) {
    this.#listeners = listeners;
  }

  tell(facts: SeedEventFacts): void {
    const { type, ...others } = facts;
    const at = Math.round(performance.now() - this.#begunAt) / 1000;
    const event = { type, at, ...others } as SeedEvent;
    for (const listen of this.#listeners) listen(event);
  }
}
