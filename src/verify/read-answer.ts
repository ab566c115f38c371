import type { AnyAccessPattern } from "../query/access-pattern.ts";
import type { CheckInput, Expectation, ReadCheck } from "../query/oracle.ts";
import { type Answer, expectedRows, judgeNoAnswer, type RowsAnswer } from "./judge-answer.ts";
import { type RunOptions, runPattern } from "./run-pattern.ts";
import { fail, type Problem } from "./verdict.ts";

/** A reading pattern and its check. */
export interface ReadablePattern {
  readonly pattern: AnyAccessPattern;
  readonly check: ReadCheck<unknown>;
}

/** Whether a pattern answers page by page. */
export const isPaged = (pattern: AnyAccessPattern): boolean => "cursor" in pattern.input.shape;

/** How an answer is read page by page. */
export interface PageOptions extends RunOptions {
  /** Rows on a page; undefined: what the pattern itself chooses. */
  readonly limit?: number | undefined;
  /** More pages than this are no answer. */
  readonly mostPages: number;
}

/** Follows the cursors from the first page to the last. */
export async function readPages(
  { pattern, check }: ReadablePattern,
  input: CheckInput["input"],
  options: PageOptions,
): Promise<RowsAnswer> {
  const { limit, mostPages } = options;
  const rows: unknown[] = [];
  const seen = new Set<string>();
  let asked: RowsAnswer["asked"] = {};
  let cursor: string | undefined;
  let page = 0;
  const end = (problem?: Problem): RowsAnswer => {
    const read = { kind: "rows", rows, pages: page, asked } as const;
    return problem ? { ...read, problem } : read;
  };
  while (page < mostPages) {
    page += 1;
    const wanted = { ...input, ...(limit && { limit }), ...(cursor && { cursor }) };
    const outcome = await runPattern(pattern, wanted, options);
    if (outcome.kind !== "answer") return end(judgeNoAnswer(outcome, `page ${page}`));
    if (page === 1) asked = outcome.asked;
    const pageRows = check.rows(outcome.result);
    const room = (limit ?? Number.POSITIVE_INFINITY) + (page === 1 ? (check.leading ?? 0) : 0);
    if (pageRows.length > room) {
      return end(fail(`page ${page} has ${pageRows.length} rows, and room for ${room}`));
    }
    rows.push(...pageRows);
    cursor = check.nextCursor?.(outcome.result);
    if (cursor === undefined) return end();
    if (seen.has(cursor)) return end(fail(`page ${page} leads back to an earlier page`));
    seen.add(cursor);
  }
  return end(fail(`there is no end after ${mostPages} pages`));
}

/** Whether a pattern that is given no limit has one of its own. */
export function hasOwnLimit(pattern: AnyAccessPattern, input: CheckInput["input"]): boolean {
  const parsed = pattern.input.safeParse(input);
  return parsed.success && (parsed.data as { limit?: unknown }).limit !== undefined;
}

/**
 * Reads the whole answer: all at once, or all pages where the pattern has a page size of its own.
 * @param expectation says how many pages there can be
 */
export async function readWhole(
  readable: ReadablePattern,
  input: CheckInput["input"],
  expectation: Expectation,
  options: RunOptions,
): Promise<Answer> {
  const { pattern, check } = readable;
  if (expectation.kind === "rows" && isPaged(pattern) && hasOwnLimit(pattern, input)) {
    return readPages(readable, input, { ...options, mostPages: expectedRows(expectation) + 10 });
  }
  const outcome = await runPattern(pattern, input, options);
  if (outcome.kind !== "answer") return outcome;
  const { result, asked } = outcome;
  const answer = { kind: "rows", rows: check.rows(result), pages: 1, asked } as const;
  if (check.nextCursor?.(result) === undefined) return answer;
  return { ...answer, problem: fail("it was asked for everything, and stopped with a cursor") };
}
