import { counted, whole } from "../counted.ts";
import { shortNumber, slowedBy, unitsText } from "../dynamo/pace/pace-text.ts";
import type { PaceView } from "../dynamo/pace/pacer.ts";
import type { LoadSoFar } from "./load/load-options.ts";
import type { CountSoFar } from "./prove/count-indexes.ts";

/** What a run is at, for people. */
export interface ProgressView {
  readonly doing: string;
  /** How much of it is done, from 0 to 1; undefined where nobody knows how much there is. */
  readonly share: number | undefined;
  /** How much of it was done when it began: a resumed load. Default 0. */
  readonly begunAt?: number;
  /** Seconds since it began. */
  readonly seconds: number;
  /** What else there is to say, the most important first. */
  readonly notes: readonly string[];
}

/** Seconds as `1:05`, or `1:02:05`; undefined where they cannot be told yet. */
function clockTime(seconds: number): string | undefined {
  if (!Number.isFinite(seconds)) return undefined;
  const two = (part: number) => String(Math.floor(part)).padStart(2, "0");
  const minutes = seconds / 60;
  if (minutes < 60) return `${Math.floor(minutes)}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** Everything there is to say of a view, beside what is done: the most important first. */
function partsOf({ share, begunAt = 0, seconds, notes }: ProgressView): string[] {
  if (share === undefined) return [...notes];
  const left = clockTime((seconds / (share - begunAt)) * (1 - share));
  const percent = `${Math.floor(Math.min(1, share) * 100)} %`;
  return [percent, ...(left === undefined ? [] : [`${left} left`]), ...notes];
}

/** A view as a line of a log. */
export const progressText = (view: ProgressView): string => `  ${view.doing}: ${partsOf(view).join(" | ")}`;

const MOST_BAR = 24;
const LEAST_BAR = 8;
const SEPARATOR = " | ";

/** A part is cut where at least so much of it can be read. */
const LEAST_PART = 16;

/** The first of these parts, as far as there is room. */
function fitted(parts: readonly string[], room: number): string {
  let text = "";
  for (const part of parts) {
    const separator = text === "" ? "" : SEPARATOR;
    const rest = room - text.length - separator.length;
    if (part.length > rest)
      return rest < LEAST_PART ? text : `${text}${separator}${part.slice(0, rest - 1)}…`;
    text += `${separator}${part}`;
  }
  return text;
}

/** A view as a line with a bar, of at most `width` characters: what does not fit is left out. */
export function progressBar(view: ProgressView, width: number): string {
  const head = `${view.doing} `;
  const room = width - head.length - LEAST_BAR - 1;
  const text = fitted(partsOf(view), room);
  if (view.share === undefined) return `${head}${text}`.slice(0, Math.max(0, width));
  const bar = Math.max(0, Math.min(MOST_BAR, width - head.length - 1 - text.length));
  const done = Math.min(bar, Math.floor(Math.max(0, view.share) * bar));
  return `${head}${"█".repeat(done)}${"░".repeat(bar - done)} ${text}`.slice(0, Math.max(0, width));
}

/** What a check has read, of what. */
export const checkView = (read: number, total: number, seconds: number): ProgressView => ({
  doing: "checking",
  share: total === 0 ? 1 : read / total,
  seconds,
  notes: [`${shortNumber(read)} of ${shortNumber(total)} bytes`],
});

/**
 * What a load has done, of how many items, and what slows it.
 * @param before what earlier runs of a resumed load had done
 */
export function loadView(
  soFar: LoadSoFar,
  before: LoadSoFar,
  { items, seconds, pace }: { items: number; seconds: number; pace: PaceView },
): ProgressView {
  const { written, retriedItems, rejected } = soFar;
  const rate = seconds > 0 ? (written - before.written) / seconds : 0;
  const notes = [
    `${whole(rate)} items/s`,
    slowedBy(pace),
    unitsText(pace.write, "wcu"),
    `${whole(written)} items`,
    retriedItems > 0 ? `${whole(retriedItems)} sent again` : undefined,
    rejected > 0 ? `${whole(rejected)} rejected` : undefined,
  ].filter((note) => note !== undefined);
  const settled = ({ written, identical, rejected, superseded }: LoadSoFar) =>
    written + identical + rejected + superseded;
  const share = items === 0 ? 1 : settled(soFar) / items;
  const begunAt = items === 0 ? 0 : settled(before) / items;
  return { doing: "loading", share, begunAt, seconds, notes };
}

/** How many of a file's items have been looked up in the table. */
export const lookView = (looked: number, items: number, seconds: number): ProgressView => ({
  doing: "looking",
  share: items === 0 ? 1 : looked / items,
  seconds,
  notes: [`${whole(looked)} of ${counted(items, "item")}`],
});

/** What has been deleted. */
export const deletionView = (deleted: number, seconds: number): ProgressView => ({
  doing: "deleting",
  share: undefined,
  seconds,
  notes: [`${whole(seconds > 0 ? deleted / seconds : 0)} items/s`, counted(deleted, "item")],
});

/** How far a proof has come on both of its sides. */
export interface ProofSoFar {
  /** Of the file, in bytes. */
  readonly read: number;
  readonly totalBytes: number;
  /** Of the table, in items; the total is about right. */
  readonly scanned: number;
  readonly totalItems: number;
}

/** What a proof has gone over: first the file, then the table. */
export function proofView(soFar: ProofSoFar, seconds: number): ProgressView {
  const { read, totalBytes, scanned, totalItems } = soFar;
  const file = totalBytes === 0 ? 1 : read / totalBytes;
  const table = totalItems === 0 ? 1 : Math.min(1, scanned / totalItems);
  // What comes behind them, such as a second look at what seems to differ, has no measure.
  const share = Math.min(0.99, (file + table) / 2);
  const notes = scanned > 0 ? [`${whole(scanned)} items of the table`] : [];
  return { doing: "comparing", share, seconds, notes };
}

/** How far the count of an index has come: further than its end, where it lags behind deletes. */
export const countView = ({ index, expected, entries }: CountSoFar, seconds: number): ProgressView => ({
  doing: `counting ${index}`,
  share: expected === 0 ? 1 : Math.min(1, entries / expected),
  seconds,
  notes: [counted(entries, "entry", "entries")],
});
