/** What became of a request, in units. */
export interface Answered {
  readonly accepted: number;
  readonly refused: number;
  /** What is still under way beside it. */
  readonly open: number;
  /** DynamoDB said that the table or index has no more. */
  readonly isNamed: boolean;
  /** In milliseconds. */
  readonly sentAt: number;
}

/** Fewer units than this tell something only after the longer time. */
const MANY_UNITS = 100;
const SHORT_MS = 250;
const LONG_MS = 1_000;
/** So much refused, of many units, tells it at once. */
const MOST = 0.65;

/** Counts what was accepted and refused of what was sent at one rate. */
export class AnswerWindow {
  accepted = 0;
  refused = 0;
  isNamed = false;
  #open = 0;
  #since: number | undefined;
  /** What came with the first answer: that was sent before the time of the window. */
  #first = 0;

  add({ accepted, refused, open, isNamed }: Answered, now: number): void {
    if (this.#since === undefined) {
      this.#since = now;
      this.#first = accepted;
    }
    this.accepted += accepted;
    this.refused += refused;
    this.#open = open;
    this.isNamed ||= isNamed;
  }

  /** The share that was refused, 0 to 1. */
  get share(): number {
    return this.refused === 0 ? 0 : this.refused / (this.accepted + this.refused);
  }

  /** How far chance alone may move the share: two standard deviations. */
  get spread(): number {
    return 2 * Math.sqrt((this.share * (1 - this.share)) / Math.max(1, this.accepted + this.refused));
  }

  /** True where it can be judged: after some time, or at once where nearly all of what is known was refused. */
  isTelling(now: number): boolean {
    const units = this.accepted + this.refused;
    const elapsed = now - (this.#since ?? now);
    if (elapsed >= (units >= MANY_UNITS ? SHORT_MS : LONG_MS)) return true;
    if (units >= MANY_UNITS) return this.share > MOST;
    return this.accepted === 0 && this.refused > MOST * (this.refused + this.#open);
  }

  /** Units accepted a second; undefined where the time is too short to say. */
  writtenRate(now: number): number | undefined {
    const elapsed = now - (this.#since ?? now);
    return elapsed < SHORT_MS / 2 ? undefined : ((this.accepted - this.#first) * 1000) / elapsed;
  }
}
