import { shortNumber, slowedBy, unitsText } from "../../dynamo/pace/pace-text.ts";
import type { ProgressView } from "../../migrate/index.ts";

/** A part of the line. The higher its rank, the sooner it is left out where there is no room. */
interface Part {
  readonly text: string;
  readonly rank: number;
  /** What slows the run: set off by colour. */
  readonly isReason?: boolean;
}

const BETWEEN = " · ";

/** `45s`, `14m`, `3h 05m`. */
function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
}

function unitsPart(pace: ProgressView["pace"]["read"], name: string): Part[] {
  const text = unitsText(pace, name);
  return text === undefined ? [] : [{ text, rank: pace.limit === undefined ? 6 : 3 }];
}

/** Why the run is not faster, or undefined. */
export function slowReason({ stopping, pace }: ProgressView): string | undefined {
  if (stopping !== undefined) return `ending: ${stopping}`;
  return slowedBy(pace);
}

function partsOf(view: ProgressView): Part[] {
  const { migration, step, direction, doing, segments, pass, share, pace, conflicts, secondsLeft } = view;
  const number = /^\d+/.exec(migration)?.[0] ?? migration;
  const reason = slowReason(view);
  const part = (text: string | undefined | false, rank: number): Part[] => (text ? [{ text, rank }] : []);
  return [
    ...part(`${number}${direction === "down" ? " undoing" : ""} ${step}`.trimEnd(), 0),
    ...part(doing, 1),
    ...part(segments && pass > 1 && `pass ${pass}`, 5),
    ...part(segments && segments.done > 0 && `segment ${segments.done}/${segments.total}`, 7),
    ...part(share !== undefined && `${Math.floor(share * 100)} %`, 2),
    ...part(segments && `${shortNumber(view.donePerSecond)} items/s`, 4),
    ...part(view.written > 0 && `${shortNumber(view.written)} written`, 5),
    ...unitsPart(pace.write, "wcu"),
    ...unitsPart(pace.read, "rcu"),
    ...(reason === undefined ? [] : [{ text: reason, rank: 1, isReason: true }]),
    ...part(conflicts > 0 && `${shortNumber(conflicts)} conflicts`, 6),
    ...part(secondsLeft !== undefined && `${duration(secondsLeft)} left`, 3),
  ];
}

const widthOf = (parts: readonly Part[]) =>
  parts.reduce((width, { text }) => width + text.length, (parts.length - 1) * BETWEEN.length);

/**
 * What a run is doing, and why it is slow, in one line.
 * @param width the most characters there is room for; what matters least is left out first
 * @param paint sets off the reason
 */
export function progressLine(
  view: ProgressView,
  { width = Number.POSITIVE_INFINITY, paint = (text: string) => text } = {},
): string {
  const parts = partsOf(view).filter(({ text }) => text !== "");
  while (widthOf(parts) > width) {
    const rank = Math.max(...parts.map((part) => part.rank));
    if (rank <= 1) break;
    parts.splice(
      parts.findLastIndex((part) => part.rank === rank),
      1,
    );
  }
  let room = width;
  const cut = (text: string) => {
    const fits = text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
    room -= fits.length + BETWEEN.length;
    return fits;
  };
  return parts
    .flatMap(({ text, isReason }) => (room > 0 ? [isReason ? paint(cut(text)) : cut(text)] : []))
    .join(BETWEEN);
}
