import type { CheckInput, Expectation, Random } from "../query/oracle.ts";
import type { PartEvidence } from "./evidence/evidence.ts";
import { type Answer, expectedRows, judgeAnswer } from "./judge-answer.ts";
import type { Patience } from "./patience.ts";
import type { Probe } from "./probe.ts";
import { isPaged, type ReadablePattern, readPages, readWhole } from "./read-answer.ts";
import type { RunOptions } from "./run-pattern.ts";
import { named, type Verdict } from "./verdict.ts";

/** Up to so many rows are read one and two a page; more rows in about this many pages. */
const MOST_PAGES = 12;

/** More pages than this are not read, however small the page that is drawn. */
const MOST_DRAWN_PAGES = 50;

/** The two page sizes to try for an answer of so many rows: 1 and 2 where these are few. */
export function pageSizes(rows: number): [smallest: number, larger: number] {
  const smallest = Math.max(1, Math.ceil(rows / MOST_PAGES));
  return [smallest, smallest * 2];
}

/**
 * A page size from 3 to the number of rows, at random.
 * @returns undefined where there are too few rows
 */
export function drawPageSize(rows: number, random: Random): number | undefined {
  const least = Math.max(3, Math.ceil(rows / MOST_DRAWN_PAGES));
  return rows < least ? undefined : least + Math.floor(random.next() * (rows - least + 1));
}

/** The largest page that a pattern takes, of those from `size` down by halves. */
function acceptedSize({ pattern }: ReadablePattern, input: CheckInput["input"], size: number): number {
  let accepted = size;
  while (accepted > 1 && !pattern.input.safeParse({ ...input, limit: accepted }).success) {
    accepted = Math.ceil(accepted / 2);
  }
  return accepted;
}

/** Reads the whole answer and judges it. */
export async function judgeWhole(
  readable: ReadablePattern,
  input: CheckInput["input"],
  expectation: Expectation,
  options: RunOptions,
): Promise<{ verdict: Verdict; answer: Answer }> {
  const answer = await readWhole(readable, input, expectation, options);
  return { verdict: judgeAnswer(expectation, answer), answer };
}

/** What reading an answer in one way came to. */
export interface JudgedPart {
  readonly verdict: Verdict;
  readonly part: PartEvidence;
}

/** One way to read an answer in parts. */
type ReadPart = (options: RunOptions) => Promise<Answer>;

/** Where DynamoDB ends each of its own answers early, as it may at any time. */
const EARLY_ENDS = "where DynamoDB ends each answer early";

async function withShortPages<T>(probe: Probe, items: number, run: () => Promise<T>): Promise<T> {
  probe.shortenPages(items);
  try {
    return await run();
  } finally {
    probe.shortenPages(undefined);
  }
}

/** Where and how answers are read in parts. */
export interface PartsJudging extends ReadablePattern, Omit<RunOptions, "client"> {
  readonly probe: Probe;
}

/** A way to read an answer in parts: all at once where DynamoDB ends its answers early, page by page, or both. */
export type PartWay = "early" | "pages" | "earlyPages";

/** One way in which an answer is read in parts, ready to be judged. */
export interface Part {
  readonly way: PartWay;
  judge(): Promise<JudgedPart>;
}

/**
 * The ways to read the same answer in parts, each of which must come to the whole: where DynamoDB ends each of its
 * own answers early, and page by page. Of a refusal there are none.
 * @param sizes how many rows a page has, each in turn; the last one is also read where DynamoDB ends its answers early
 */
export function partsOf(
  judging: PartsJudging,
  { input }: CheckInput,
  expectation: Expectation,
  patience: Patience,
  sizes: readonly number[],
): Part[] {
  if (expectation.kind !== "rows") return [];
  const { pattern, probe } = judging;
  const options: RunOptions = { ...judging, client: probe.client };
  const count = expectedRows(expectation);
  const judge = (how: string, read: ReadPart) => () =>
    patience(async () => {
      const answer = await read(options);
      const verdict = named(how, judgeAnswer(expectation, answer));
      const pages = answer.kind === "rows" ? answer.pages : 0;
      return { verdict, part: { how, pages, status: verdict.status } };
    });
  const short = (how: string, read: ReadPart) => () =>
    withShortPages(probe, pageSizes(count)[0], judge(how, read));
  // Empty pages are allowed, as DynamoDB may find out only on one more page that nothing is left.
  const paged =
    (limit: number): ReadPart =>
    (options) =>
      readPages(judging, input, { ...options, limit, mostPages: 2 * Math.ceil(count / limit) + 10 });
  const whole: ReadPart = (options) => readWhole(judging, input, expectation, options);
  const early: Part = { way: "early", judge: short(EARLY_ENDS, whole) };
  const limits = [...new Set(sizes.map((size) => acceptedSize(judging, input, size)))];
  const last = limits.at(-1);
  if (!isPaged(pattern) || last === undefined) return [early];
  return [
    early,
    ...limits.map((limit): Part => ({ way: "pages", judge: judge(`read ${limit} a page`, paged(limit)) })),
    { way: "earlyPages", judge: short(`read ${last} a page, ${EARLY_ENDS}`, paged(last)) },
  ];
}
