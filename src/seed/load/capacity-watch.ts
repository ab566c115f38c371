import type { Clock } from "../../dynamo/clock.ts";
import { describeTable, type Sender } from "../../dynamo/describe.ts";
import type { Pacer } from "../../dynamo/pace/pacer.ts";
import { ceilingsFor, isShare, type RateLimit } from "../../dynamo/pace/rate-limit.ts";

/** A share follows what is provisioned within so long. */
const LOOK_EVERY_MS = 60_000;
/** After a throttle for want of provisioned capacity it is looked sooner, but not more often than this. */
const LOOK_AGAIN_MS = 5_000;

/** Keeps a pacer's limits at the share of the table's capacity that was asked for, while that changes. */
export class CapacityWatch {
  readonly #client: Sender;
  readonly #pacer: Pacer;
  readonly #rate: RateLimit;
  readonly #clock: Clock;
  #lookedAt: number;
  #isDoubtful = false;

  constructor(client: Sender, pacer: Pacer, rate: RateLimit) {
    this.#client = client;
    this.#pacer = pacer;
    this.#rate = rate;
    this.#clock = pacer.clock;
    this.#lookedAt = this.#clock.now();
  }

  /** The table had less than was thought. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  /** Takes the table's capacity again where it is time to. A look that fails leaves the limits as they are. */
  async look(): Promise<void> {
    const age = this.#clock.now() - this.#lookedAt;
    if (age < (this.#isDoubtful ? LOOK_AGAIN_MS : LOOK_EVERY_MS) || !isShare(this.#rate)) return;
    this.#lookedAt = this.#clock.now();
    this.#isDoubtful = false;
    const description = await describeTable(this.#client, this.#pacer.table).catch(() => undefined);
    if (description) this.#pacer.setCeilings(ceilingsFor(this.#rate, description));
  }
}
