import type { CheckInput, Expectation } from "../query/oracle.ts";
import type { PartEvidence } from "./evidence/evidence.ts";
import { type Answer, expectedRows, judgeAnswer } from "./judge-answer.ts";
import type { Patience } from "./patience.ts";
import type { Probe } from "./probe.ts";
import { isPaged, type ReadablePattern, readPages, readWhole } from "./read-answer.ts";
import type { RunOptions } from "./run-pattern.ts";
import { named, type Verdict } from "./verdict.ts";

/** Up to so many rows are read one and two a page; more rows in about this many pages. */
const MOST_PAGES = 12;

/** The two page sizes to try for an answer of so many rows. */
export function pageSizes(rows: number): [smallest: number, larger: number] {
  const smallest = Math.max(1, Math.ceil(rows / MOST_PAGES));
  return [smallest, smallest * 2];
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

/**
 * The ways to read the same answer in parts, each of which must come to the whole: where DynamoDB ends each of its
 * own answers early, and page by page. Of a refusal there are none.
 */
export function partialJudgements(
  judging: PartsJudging,
  { input }: CheckInput,
  expectation: Expectation,
  patience: Patience,
): (() => Promise<JudgedPart>)[] {
  if (expectation.kind !== "rows") return [];
  const { pattern, probe } = judging;
  const options: RunOptions = { ...judging, client: probe.client };
  const count = expectedRows(expectation);
  const [smallest, larger] = pageSizes(count);
  const judge = (how: string, read: ReadPart) => () =>
    patience(async () => {
      const answer = await read(options);
      const verdict = named(how, judgeAnswer(expectation, answer));
      const pages = answer.kind === "rows" ? answer.pages : 0;
      return { verdict, part: { how, pages, status: verdict.status } };
    });
  const short = (how: string, read: ReadPart) => () => withShortPages(probe, smallest, judge(how, read));
  // Empty pages are allowed, as DynamoDB may find out only on one more page that nothing is left.
  const paged =
    (limit: number): ReadPart =>
    (options) =>
      readPages(judging, input, { ...options, limit, mostPages: 2 * Math.ceil(count / limit) + 10 });
  const whole: ReadPart = (options) => readWhole(judging, input, expectation, options);
  if (!isPaged(pattern)) return [short(EARLY_ENDS, whole)];
  return [
    short(EARLY_ENDS, whole),
    judge(`read ${smallest} a page`, paged(smallest)),
    judge(`read ${larger} a page`, paged(larger)),
    short(`read ${larger} a page, ${EARLY_ENDS}`, paged(larger)),
  ];
}
