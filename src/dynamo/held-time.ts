/** How long requests that failed had waited for their turn, in milliseconds, by what they failed with. */
const HELD = new WeakMap<object, number>();

/** Notes down that what failed had first been held back for so long: by a limit of one's own, or by a pause. */
export function noteHeldTime(failure: unknown, milliseconds: number): void {
  if (typeof failure === "object" && failure !== null) HELD.set(failure, milliseconds);
}

/** How long it had been held back before it was sent; 0 where nobody held it. */
export function heldTime(failure: unknown): number {
  return typeof failure === "object" && failure !== null ? (HELD.get(failure) ?? 0) : 0;
}
