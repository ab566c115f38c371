import type { ItemRejected, LoadSample, LoadThrottled, SeedEvent } from "../events/events.ts";

/** Rejected items that the page lists; all of them are in the file of rejects. */
const MOST_REJECTS = 200;
/** Changes of what throttles that the page lists. */
const MOST_THROTTLES = 200;

/** An event of one kind. */
type Told<Facts> = Facts & { readonly at: number };

/** What a report needs of a run's events, in memory that does not grow with the load. */
export class ReportEvents {
  readonly samples: Told<LoadSample>[] = [];
  readonly rejects: Told<ItemRejected>[] = [];
  readonly throttles: Told<LoadThrottled>[] = [];
  /** The others: each kind comes once. */
  readonly milestones: SeedEvent[] = [];
  rejectCount = 0;
  throttleCount = 0;

  add(event: SeedEvent): void {
    switch (event.type) {
      case "sample":
        this.samples.push(event);
        break;
      case "rejected":
        this.rejectCount += 1;
        if (this.rejects.length < MOST_REJECTS) this.rejects.push(event);
        break;
      case "throttled":
        this.throttleCount += 1;
        if (this.throttles.length < MOST_THROTTLES) this.throttles.push(event);
        break;
      default:
        this.milestones.push(event);
    }
  }

  /** The event of a kind that comes once; undefined where the run did not come so far. */
  the<Type extends SeedEvent["type"]>(type: Type): Extract<SeedEvent, { type: Type }> | undefined {
    const isMeant = (event: SeedEvent): event is Extract<SeedEvent, { type: Type }> => event.type === type;
    return this.milestones.find(isMeant);
  }
}
