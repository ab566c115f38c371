import { openScratch, type ScratchOptions } from "../scratch-table.ts";
import { deleteScratch, LEFTOVER_AGE_MS } from "../sweep-scratch.ts";

/** Before any other run would take it for one that was left behind. */
const RENEW_AFTER_MS = LEFTOVER_AGE_MS / 2;

/** One scratch table for many runs. */
export interface KeptScratch {
  /** The table's name; an old one is replaced by a new one first. */
  name(): Promise<string>;
  /** Deletes it. */
  close(): Promise<void>;
}

/** Makes a scratch table at the first use, and keeps it until it is closed. */
export function keepScratch(options: ScratchOptions): KeptScratch {
  let held: { name: string; madeAt: number } | undefined;
  const close = async () => {
    const old = held;
    held = undefined;
    if (old) await deleteScratch(options.client, old.name);
  };
  const name = async () => {
    if (held && performance.now() - held.madeAt < RENEW_AFTER_MS) return held.name;
    await close();
    const madeAt = performance.now();
    const made = await openScratch(options, (name) => {
      // Before it is there: a create whose answer is lost may still have made the table.
      held = { name, madeAt };
    });
    return made.name;
  };
  return { name, close };
}
