import type { AnyAccessPattern } from "../query/access-pattern.ts";
import type { CheckInput, Expectation, ReadCheck } from "../query/oracle.ts";
import { type RunOptions, runPattern } from "./run-pattern.ts";
import { fail, judgeNoAnswer, judgeRefusal, judgeRows, named, type Verdict } from "./verdict.ts";

type ExpectedRows = Extract<Expectation, { kind: "rows" }>;

/** Up to so many rows are read one and two a page; more rows in about this many pages. */
const MOST_PAGES = 12;

/** Whether a pattern answers page by page. */
export const isPaged = (pattern: AnyAccessPattern): boolean => "cursor" in pattern.input.shape;

/** The two page sizes to try for an answer of so many rows. */
export function pageSizes(rows: number): [smallest: number, larger: number] {
  const smallest = Math.max(1, Math.ceil(rows / MOST_PAGES));
  return [smallest, smallest * 2];
}

/** A reading pattern and its check. */
export interface ReadablePattern {
  readonly pattern: AnyAccessPattern;
  readonly check: ReadCheck<unknown>;
}

/** Rows of the pages so far, and what went wrong on the way, if anything. */
interface Walk {
  readonly rows: readonly unknown[];
  readonly problem?: Verdict;
}

/** How an answer is read page by page. */
interface WalkOptions extends RunOptions {
  /** Rows on a page; undefined: what the pattern itself chooses. */
  readonly limit?: number | undefined;
  /** More pages than this are no answer. */
  readonly mostPages: number;
}

/** Follows the cursors from the first page to the last. */
async function walkPages(
  { pattern, check }: ReadablePattern,
  input: CheckInput["input"],
  options: WalkOptions,
): Promise<Walk> {
  const { limit, mostPages } = options;
  const rows: unknown[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 1; page <= mostPages; page += 1) {
    const asked = { ...input, ...(limit && { limit }), ...(cursor && { cursor }) };
    const outcome = await runPattern(pattern, asked, options);
    if (outcome.kind !== "answer") return { rows, problem: judgeNoAnswer(outcome, `page ${page}`) };
    const pageRows = check.rows(outcome.result);
    const room = (limit ?? Number.POSITIVE_INFINITY) + (page === 1 ? (check.leading ?? 0) : 0);
    if (pageRows.length > room) {
      return { rows, problem: fail(`page ${page} has ${pageRows.length} rows, and room for ${room}`) };
    }
    rows.push(...pageRows);
    cursor = check.nextCursor?.(outcome.result);
    if (cursor === undefined) return { rows };
    if (seen.has(cursor)) return { rows, problem: fail(`page ${page} leads back to an earlier page`) };
    seen.add(cursor);
  }
  return { rows, problem: fail(`there is no end after ${mostPages} pages`) };
}

/** Whether a pattern that is given no limit has one of its own. */
function hasOwnLimit(pattern: AnyAccessPattern, input: CheckInput["input"]): boolean {
  const parsed = pattern.input.safeParse(input);
  return parsed.success && (parsed.data as { limit?: unknown }).limit !== undefined;
}

/** Judges the whole answer: all at once, or all pages where the pattern has a page size of its own. */
export async function judgeWhole(
  readable: ReadablePattern,
  input: CheckInput["input"],
  expectation: Expectation,
  options: RunOptions,
): Promise<Verdict> {
  const { pattern, check } = readable;
  if (expectation.kind === "rows" && isPaged(pattern) && hasOwnLimit(pattern, input)) {
    const mostPages = expectation.rows.length + 10;
    const { rows, problem } = await walkPages(readable, input, { ...options, mostPages });
    return problem ?? judgeRows(expectation, rows);
  }
  const outcome = await runPattern(pattern, input, options);
  if (expectation.kind === "refusal") return judgeRefusal(outcome, expectation.code);
  if (outcome.kind !== "answer") return judgeNoAnswer(outcome, `${expectation.rows.length} rows`);
  const verdict = judgeRows(expectation, check.rows(outcome.result));
  if (verdict.status !== "pass" || check.nextCursor?.(outcome.result) === undefined) return verdict;
  return fail("it was asked for everything, and stopped with a cursor");
}

/** Judges an answer that is read page by page: the pages, joined, must be the whole answer. */
export async function judgePages(
  readable: ReadablePattern,
  input: CheckInput["input"],
  limit: number,
  expectation: ExpectedRows,
  options: RunOptions,
): Promise<Verdict> {
  // Empty pages are allowed, as DynamoDB may find out only on one more page that nothing is left.
  const mostPages = 2 * Math.ceil(expectation.rows.length / limit) + 10;
  const { rows, problem } = await walkPages(readable, input, { ...options, limit, mostPages });
  return named(`read ${limit} a page`, problem ?? judgeRows(expectation, rows));
}
