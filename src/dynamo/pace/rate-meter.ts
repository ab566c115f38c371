const SLOT_MS = 500;
const SLOTS = 10;

/** Measures how many units a second went by over the last five seconds. */
export class RateMeter {
  readonly #startedAt: number;
  readonly #slots: { index: number; units: number }[] = [];

  constructor(now: number) {
    this.#startedAt = now;
  }

  add(units: number, now: number): void {
    const index = Math.floor(now / SLOT_MS);
    const last = this.#slots.at(-1);
    if (last?.index === index) last.units += units;
    else this.#slots.push({ index, units });
    if (this.#slots.length > SLOTS) this.#slots.shift();
  }

  /** Units a second. */
  rate(now: number): number {
    const oldest = Math.floor(now / SLOT_MS) - SLOTS + 1;
    const units = this.#slots.reduce((sum, slot) => (slot.index >= oldest ? sum + slot.units : sum), 0);
    const span = Math.min(now - this.#startedAt, now - oldest * SLOT_MS);
    return units / (Math.max(span, SLOT_MS) / 1000);
  }
}
