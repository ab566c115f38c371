import type { AnyAccessPattern } from "../query/access-pattern.ts";
import type { CheckInput, Expectation, Random } from "../query/oracle.ts";
import { addCosts, type Cost, measure } from "./cost.ts";
import { isPaged, judgePages, judgeWhole, pageSizes, type ReadablePattern } from "./judge-pages.ts";
import { judgePlan } from "./judge-plan.ts";
import { createPatience, noPatience, type Patience } from "./patience.ts";
import type { Probe, SentCommand } from "./probe.ts";
import type { RunOptions } from "./run-pattern.ts";
import { combine, fail, named, PASS, type Verdict } from "./verdict.ts";

/** A reading pattern, its check, and where to run it. */
export interface ReadJudging extends ReadablePattern {
  readonly source: unknown;
  readonly random: Random;
  /** How many inputs with rows to draw. */
  readonly inputCount: number;
  readonly table: string;
  readonly probe: Probe;
  readonly timeoutMs: number;
  readonly indexDeadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What judging a pattern came to. */
export interface Judged {
  readonly verdict: Verdict;
  readonly inputs: number;
  readonly cost: Cost;
}

const rowCount = (expectation: Expectation) => (expectation.kind === "rows" ? expectation.rows.length : 0);

/** An answer without rows must be declared, so that a check of nothing is never taken for a pass. */
function judgeDeclaration(input: CheckInput, expectation: Expectation): Verdict {
  const rows = rowCount(expectation);
  if (input.empty && rows > 0) return fail(`it is declared empty, but the right answer has ${rows} rows`);
  if (!input.empty && rows === 0) return fail("the right answer has no rows, and it is not declared empty");
  return PASS;
}

/** Runs judgements in order up to the first that is no pass. */
async function firstProblem(judgements: readonly (() => Promise<Verdict> | Verdict)[]): Promise<Verdict> {
  for (const judge of judgements) {
    const verdict = await judge();
    if (verdict.status !== "pass") return verdict;
  }
  return PASS;
}

async function withShortPages<T>(probe: Probe, run: () => Promise<T>): Promise<T> {
  probe.shortenPages(1);
  try {
    return await run();
  } finally {
    probe.shortenPages(undefined);
  }
}

/** Judges one input: the whole answer, what was sent for it, and the same answer in parts. */
async function judgeInput(
  judging: ReadJudging,
  input: CheckInput,
  expectation: Expectation,
  patience: Patience,
  costs: Cost[],
): Promise<Verdict> {
  const { pattern, probe } = judging;
  const options: RunOptions = { ...judging, client: probe.client };
  const judgeAll = () => judgeWhole(judging, input.input, expectation, options);

  let sent: SentCommand[] = [];
  const judgeMeasured = async () => {
    const { value, cost, commands } = await measure(probe, judgeAll);
    // What an index answered before it had caught up is not what the pattern costs.
    if (value.status === "pass" || costs.length === 0) costs.push(cost);
    sent = commands;
    return value;
  };
  const judgements = [() => judgeDeclaration(input, expectation), () => patience(judgeMeasured)];
  if (expectation.kind === "rows") {
    judgements.push(
      () => judgePlan(pattern, sent),
      async () =>
        named("where DynamoDB ends each answer early", await withShortPages(probe, () => patience(judgeAll))),
    );
    for (const limit of isPaged(pattern) ? pageSizes(expectation.rows.length) : []) {
      const judgeLimit = () => judgePages(judging, input.input, limit, expectation, options);
      judgements.push(() => patience(judgeLimit));
      if (limit > 1) judgements.push(() => withShortPages(probe, () => patience(judgeLimit)));
    }
  }
  return named(input.name, await firstProblem(judgements));
}

/** A check that could not have found a wrong answer is no pass. */
function judgeCoverage(pattern: AnyAccessPattern, expectations: readonly Expectation[]): Verdict {
  const most = Math.max(0, ...expectations.map(rowCount));
  if (most === 0) return fail("its check has no input whose answer has rows");
  if (!expectations.some((expectation) => rowCount(expectation) === 0)) {
    return fail("its check has no input whose answer must be empty");
  }
  if (isPaged(pattern) && most < 2) return fail("no input has two rows, so its pages could not be judged");
  return PASS;
}

/** Judges a reading pattern on every input that its check draws. */
export async function judgeRead(judging: ReadJudging): Promise<Judged> {
  const { pattern, check, source } = judging;
  if (isPaged(pattern) && !check.nextCursor) {
    return { verdict: fail("it is paged, but its check has no nextCursor"), inputs: 0, cost: addCosts([]) };
  }
  const patience =
    pattern.index === undefined ? noPatience : createPatience(judging.indexDeadlineMs, judging.signal);
  const inputs = check.inputs(source, judging.random, judging.inputCount);
  const expectations = inputs.map(({ input }) => check.expected(source, input));
  const verdicts: Verdict[] = [judgeCoverage(pattern, expectations)];
  const costs: Cost[] = [];
  for (const [position, input] of inputs.entries()) {
    const expectation = expectations[position] as Expectation;
    const verdict = await judgeInput(judging, input, expectation, patience, costs);
    verdicts.push(verdict);
    // The next input would only wait for the same end.
    if (verdict.status === "indeterminate") break;
  }
  return { verdict: combine(verdicts), inputs: verdicts.length - 1, cost: addCosts(costs) };
}
