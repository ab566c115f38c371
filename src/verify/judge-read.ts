import type { AnyAccessPattern } from "../query/access-pattern.ts";
import type { CheckInput, Expectation, Random } from "../query/oracle.ts";
import { judgeBudget, type RunCost, runCost } from "./cost/budget.ts";
import { addCosts, type Cost, measure, NO_COST, type SentRequests } from "./cost/measure.ts";
import { isPaged, judgePages, judgeWhole, pageSizes, type ReadablePattern } from "./judge-pages.ts";
import { judgePlan, plannedRequest } from "./judge-plan.ts";
import { createPatience, noPatience, type Patience } from "./patience.ts";
import type { Probe } from "./probe.ts";
import type { RunOptions } from "./run-pattern.ts";
import { combine, fail, named, PASS, type Verdict } from "./verdict.ts";

/** A reading pattern, its check, and where to run it. */
export interface ReadJudging extends ReadablePattern {
  readonly source: unknown;
  readonly random: Random;
  /** How many inputs with rows to draw. */
  readonly inputCount: number;
  readonly table: string;
  /** Whether what DynamoDB reports is DynamoDB's own. */
  readonly isAws: boolean;
  readonly probe: Probe;
  readonly timeoutMs: number;
  readonly indexDeadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What judging a pattern came to. */
export interface Judged {
  readonly verdict: Verdict;
  /** What each run took, whole answers only. */
  readonly runs: readonly RunCost[];
  readonly inputs: number;
  readonly cost: Cost;
}

/** Of a pattern that cannot be run. */
export const NOTHING_JUDGED = { inputs: 0, cost: NO_COST, runs: [] } as const;

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

async function withShortPages<T>(probe: Probe, items: number, run: () => Promise<T>): Promise<T> {
  probe.shortenPages(items);
  try {
    return await run();
  } finally {
    probe.shortenPages(undefined);
  }
}

/** One input with its right answer. */
interface Question {
  readonly input: CheckInput;
  readonly expectation: Expectation;
}

/** What was measured so far. */
interface Measurements {
  readonly costs: Cost[];
  readonly runs: RunCost[];
}

/** Judges the whole answer and what was sent for it; what the last attempt cost is put down in `costs`. */
async function judgeMeasured(
  judging: ReadJudging,
  { input, expectation }: Question,
  patience: Patience,
  { costs, runs }: Measurements,
): Promise<Verdict> {
  const { pattern, probe } = judging;
  const options: RunOptions = { ...judging, client: probe.client };
  const position = costs.length;
  let sent: SentRequests = { commands: [], first: undefined };
  const verdict = await patience(async () => {
    const measured = await measure(probe, () => judgeWhole(judging, input.input, expectation, options));
    costs[position] = measured.cost;
    sent = measured;
    return measured.value;
  });
  if (verdict.status !== "pass") return verdict;
  const run = runCost(rowCount(expectation), sent.commands);
  runs.push(run);
  const plan =
    expectation.kind === "rows"
      ? judgePlan(pattern, sent, plannedRequest(pattern, input.input, judging.table))
      : PASS;
  return plan.status === "pass" ? judgeBudget(pattern, run, judging.isAws) : plan;
}

/** The same answer in parts: where DynamoDB ends each of its own early, and page by page. */
function partialJudgements(
  judging: ReadJudging,
  { input, expectation }: Question,
  patience: Patience,
): (() => Promise<Verdict>)[] {
  if (expectation.kind !== "rows") return [];
  const { pattern, probe } = judging;
  const options: RunOptions = { ...judging, client: probe.client };
  const [smallest, larger] = pageSizes(expectation.rows.length);
  const judgeShort = async (judge: () => Promise<Verdict>) =>
    named(
      "where DynamoDB ends each answer early",
      await withShortPages(probe, smallest, () => patience(judge)),
    );
  const judgeLimit = (limit: number) => () => judgePages(judging, input.input, limit, expectation, options);
  const short = () => judgeShort(() => judgeWhole(judging, input.input, expectation, options));
  if (!isPaged(pattern)) return [short];
  return [
    short,
    () => patience(judgeLimit(smallest)),
    () => patience(judgeLimit(larger)),
    () => judgeShort(judgeLimit(larger)),
  ];
}

/**
 * The questions that are asked in parts as well, as this takes many requests and does not hang on the input:
 * the ones with the most and the fewest rows, two at least, and one without any.
 */
function chooseForParts(questions: readonly Question[]): ReadonlySet<Question> {
  const rows = ({ expectation }: Question) => rowCount(expectation);
  const several = questions.filter((question) => rows(question) >= 2).sort((a, b) => rows(b) - rows(a));
  const none = questions.filter(
    ({ expectation }) => expectation.kind === "rows" && expectation.rows.length === 0,
  );
  const single = several.length === 0 ? questions.filter((question) => rows(question) === 1) : [];
  return new Set([...several.slice(0, 1), ...several.slice(-1), ...single.slice(0, 1), ...none.slice(0, 1)]);
}

/** Judges one input, with `inParts` also page by page. */
async function judgeInput(
  judging: ReadJudging,
  question: Question,
  inParts: boolean,
  patience: Patience,
  measured: Measurements,
): Promise<Verdict> {
  const { input, expectation } = question;
  const verdict = await firstProblem([
    () => judgeDeclaration(input, expectation),
    () => judgeMeasured(judging, question, patience, measured),
    ...(inParts ? partialJudgements(judging, question, patience) : []),
  ]);
  return named(input.name, verdict);
}

/** A check that could not have found a wrong answer is no pass. */
function judgeCoverage(pattern: AnyAccessPattern, questions: readonly Question[]): Verdict {
  const most = Math.max(0, ...questions.map(({ expectation }) => rowCount(expectation)));
  if (most === 0) return fail("its check has no input whose answer has rows");
  if (!questions.some(({ expectation }) => rowCount(expectation) === 0)) {
    return fail("its check has no input whose answer must be empty");
  }
  if (isPaged(pattern) && most < 2) return fail("no input has two rows, so its pages could not be judged");
  return PASS;
}

/** Judges a reading pattern on every input that its check draws. */
export async function judgeRead(judging: ReadJudging): Promise<Judged> {
  const { pattern, check, source } = judging;
  if (isPaged(pattern) && !check.nextCursor) {
    return { ...NOTHING_JUDGED, verdict: fail("it is paged, but its check has no nextCursor") };
  }
  const patience =
    pattern.index === undefined ? noPatience : createPatience(judging.indexDeadlineMs, judging.signal);
  const inputs = check.inputs(source, judging.random, judging.inputCount);
  const questions = inputs.map((input) => ({ input, expectation: check.expected(source, input.input) }));
  const verdicts: Verdict[] = [];
  const costs: Cost[] = [];
  const runs: RunCost[] = [];
  const inParts = chooseForParts(questions);
  for (const question of questions) {
    const verdict = await judgeInput(judging, question, inParts.has(question), patience, { costs, runs });
    verdicts.push(verdict);
    // The next input would only wait for the same end.
    if (verdict.status === "indeterminate") break;
  }
  const verdict = combine([...verdicts, judgeCoverage(pattern, questions)]);
  return { verdict, inputs: verdicts.length, cost: addCosts(costs), runs };
}
