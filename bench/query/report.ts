import { median, withSpread } from "../statistics.ts";
import type { BenchedPattern } from "./patterns.ts";
import type { Slice } from "./worker-process.ts";

/** One contestant's runs of one pattern, a slice a round. */
export interface Result {
  readonly contestant: string;
  readonly pattern: BenchedPattern;
  readonly slices: readonly Slice[];
  /** Of all slices together. */
  readonly requestsAnAnswer: number;
}

/** The figures of a contestant beside those of the one that all are compared with. */
export interface Summary {
  /** Microseconds of CPU an answer. */
  readonly cpu: { readonly median: number; readonly least: number; readonly most: number };
  readonly ratio: number;
  /** Microseconds of CPU a page of items more than the other, round by round; undefined where an answer has no page. */
  readonly morePerPage:
    | { readonly median: number; readonly least: number; readonly most: number }
    | undefined;
}

const spread = (numbers: readonly number[]) => ({
  median: median(numbers),
  least: Math.min(...numbers),
  most: Math.max(...numbers),
});

/** Compares two contestants round by round, as the speed of a machine changes between rounds. */
export function summarize({ pattern, slices }: Result, base: Result): Summary {
  const cpu = slices.map(({ cpuMicros }) => cpuMicros);
  const baseCpu = base.slices.map(({ cpuMicros }) => cpuMicros);
  const pairs = cpu.map((micros, round) => [micros, baseCpu[round] ?? Number.NaN] as const);
  const more = pairs.map(([micros, other]) => (micros - other) / pattern.pages);
  return {
    cpu: spread(cpu),
    ratio: median(pairs.map(([micros, other]) => micros / other)),
    morePerPage: pattern.pages > 0 ? spread(more) : undefined,
  };
}

/** What our functions take by themselves, in microseconds of CPU an answer, by pattern. */
export type OwnShares = Readonly<
  Record<
    string,
    { readonly median: number; readonly least: number; readonly most: number; readonly pages: number }
  >
>;

/** The same as a table. */
export function ownShareTable(shares: OwnShares): string {
  const rows = Object.entries(shares).map(([id, { median, least, most, pages }]) => {
    const answer = `${median.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`;
    return `${id.padEnd(26)}${answer.padStart(22)}${(pages > 0 ? (median / pages).toFixed(0) : "-").padStart(20)}`;
  });
  const heading = `${"our functions alone".padEnd(26)}${"CPU us an answer".padStart(22)}${"us a page".padStart(20)}`;
  return [heading, ...rows].join("\n");
}

const row = (cells: readonly string[]) => {
  const widths = [18, 22, 7, 25, 6];
  return cells.map((cell, n) => (n === 0 ? cell.padEnd(18) : cell.padStart(widths[n] ?? 0))).join("");
};

/** One pattern as a table of 80 columns. */
export function patternTable(results: readonly Result[], base: string): string {
  const [first] = results;
  const other = results.find(({ contestant }) => contestant === base);
  if (!first || !other) return "";
  const { id, pages, requests } = first.pattern;
  const rows = results.map((result) => {
    const { ratio, morePerPage } = summarize(result, other);
    const more = morePerPage
      ? `${morePerPage.median.toFixed(0)} (${morePerPage.least.toFixed(0)} to ${morePerPage.most.toFixed(0)})`
      : "-";
    return row([
      result.contestant,
      withSpread(
        result.slices.map(({ cpuMicros }) => cpuMicros),
        0,
      ),
      ratio.toFixed(2),
      result === other ? "-" : more,
      result.requestsAnAnswer.toFixed(2),
    ]);
  });
  return [
    `${id}: ${pages === 0 ? "one item" : `${pages} ${pages === 1 ? "page" : "pages"} of 100 items`}, ${requests} ${requests === 1 ? "request" : "requests"} needed`,
    row(["", "CPU us an answer", "times", "more us a page", "reqs"]),
    ...rows,
  ].join("\n");
}
