import type { PaceOf, PaceView } from "./pacer.ts";

/** A number of few characters: `950`, `8.1k`, `2.4M`. */
export function shortNumber(count: number): string {
  if (count < 1_000) return count < 10 && count % 1 > 0.05 ? count.toFixed(1) : String(Math.round(count));
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

/** Units a second, and of how many: `412/500 wcu`; undefined where there is nothing to say. */
export function unitsText({ unitsPerSecond, limit }: PaceOf, name: string): string | undefined {
  if (unitsPerSecond < 0.5 && limit === undefined) return undefined;
  return `${shortNumber(unitsPerSecond)}${limit === undefined ? "" : `/${shortNumber(limit)}`} ${name}`;
}

/** What slows a pacer's requests, in words; undefined where nothing does. */
export function slowedBy({ paused, throttled, waitingFor }: PaceView): string | undefined {
  if (paused !== undefined) return paused;
  if (throttled !== undefined) return `throttled: ${throttled}`;
  return waitingFor === undefined ? undefined : `held by ${waitingFor}`;
}
