import type { AnyAccessPattern } from "../query/access-pattern.ts";
import type { CheckInput, Expectation, Random } from "../query/oracle.ts";
import { judgeBudget, type RunCost, runCost } from "./cost/budget.ts";
import { measure } from "./cost/measure.ts";
import { maskedName } from "./evidence/collect-evidence.ts";
import type { ExpectedEvidence, PartEvidence } from "./evidence/evidence.ts";
import { expectedRows } from "./judge-answer.ts";
import { judgeWhole, type PartsJudging, partialJudgements } from "./judge-pages.ts";
import { judgePlan } from "./judge-plan.ts";
import { type Judged, type JudgedInput, NOTHING_JUDGED, NOTHING_SENT } from "./judged.ts";
import { createPatience, noPatience, type Patience } from "./patience.ts";
import { isPaged } from "./read-answer.ts";
import { combine, fail, named, PASS, type Verdict } from "./verdict.ts";

/** A reading pattern, its check, and where to run it. */
export interface ReadJudging extends PartsJudging {
  readonly source: unknown;
  readonly random: Random;
  /** How many inputs with rows to draw. */
  readonly inputCount: number;
  /** Whether what DynamoDB reports is DynamoDB's own. */
  readonly isAws: boolean;
  readonly indexDeadlineMs: number;
}

/** An answer without rows must be declared, so that a check of nothing is never taken for a pass. */
function judgeDeclaration({ input, expectation }: Question): Verdict {
  const rows = expectedRows(expectation);
  if (input.empty && rows > 0) return fail(`it is declared empty, but the right answer has ${rows} rows`);
  if (!input.empty && rows === 0) return fail("the right answer has no rows, and it is not declared empty");
  return PASS;
}

/** One input with its right answer. */
interface Question {
  readonly input: CheckInput;
  readonly expectation: Expectation;
}

const expectedEvidence = (expectation: Expectation): ExpectedEvidence =>
  expectation.kind === "rows"
    ? { kind: "rows", compare: expectation.compare, count: expectedRows(expectation) }
    : { kind: "refusal", code: expectation.code };

/** An input that was judged, and what its run took where that may be held against the lock. */
interface JudgedQuestion {
  readonly judged: JudgedInput;
  readonly run?: RunCost;
}

/** Judges the whole answer and what was sent for it: the last attempt counts. */
async function judgeMeasured(
  judging: ReadJudging,
  { input, expectation }: Question,
  patience: Patience,
): Promise<JudgedQuestion> {
  const { pattern, probe, table, isAws } = judging;
  const options = { ...judging, client: probe.client };
  const { verdict, answer, cost, sent } = await patience(async () => {
    const measured = await measure(probe, () => judgeWhole(judging, input.input, expectation, options));
    return { ...measured.value, ...measured };
  });
  const judged = { input, expected: expectedEvidence(expectation), answer, sent, cost, parts: [] };
  if (verdict.status !== "pass") return { judged: { ...judged, verdict } };
  const run = runCost(expectedRows(expectation), sent.commands);
  const planned = answer.kind === "rows" ? pattern.params(answer.asked, table) : undefined;
  const plan = planned ? judgePlan(pattern, sent, planned) : PASS;
  const dear = plan.status === "pass" ? judgeBudget(pattern, run, isAws) : plan;
  return { judged: { ...judged, verdict: dear }, run };
}

/** Reads the same answer in parts, up to the first way that is wrong. */
async function judgeParts(
  judging: ReadJudging,
  { input, expectation }: Question,
  patience: Patience,
): Promise<{ verdict: Verdict; parts: PartEvidence[] }> {
  const parts: PartEvidence[] = [];
  for (const judge of partialJudgements(judging, input, expectation, patience)) {
    const { verdict, part } = await judge();
    parts.push(part);
    if (verdict.status !== "pass") return { verdict, parts };
  }
  return { verdict: PASS, parts };
}

/**
 * The questions that are asked in parts as well, as this takes many requests and does not hang on the input:
 * the ones with the most and the fewest rows, two at least, and one without any.
 */
function chooseForParts(questions: readonly Question[]): ReadonlySet<Question> {
  const rows = ({ expectation }: Question) => expectedRows(expectation);
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
): Promise<JudgedQuestion> {
  const { input, expectation } = question;
  const declared = judgeDeclaration(question);
  if (declared.status !== "pass") {
    const expected = expectedEvidence(expectation);
    return { judged: { input, expected, verdict: declared, ...NOTHING_SENT } };
  }
  const whole = await judgeMeasured(judging, question, patience);
  if (whole.judged.verdict.status !== "pass" || !inParts) return whole;
  return { ...whole, judged: { ...whole.judged, ...(await judgeParts(judging, question, patience)) } };
}

/** A check that could not have found a wrong answer is no pass. */
function judgeCoverage(pattern: AnyAccessPattern, questions: readonly Question[]): Verdict {
  const most = Math.max(0, ...questions.map(({ expectation }) => expectedRows(expectation)));
  if (most === 0) return fail("its check has no input whose answer has rows");
  if (!questions.some(({ expectation }) => expectedRows(expectation) === 0)) {
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
  const examples = check.examples?.(source) ?? [];
  const drawn = check.inputs(source, judging.random, judging.inputCount);
  const questions = [...examples, ...drawn].map((input) => ({
    input,
    expectation: check.expected(source, input.input),
  }));
  const inParts = chooseForParts(questions);
  const inputs: JudgedInput[] = [];
  const runs: RunCost[] = [];
  for (const question of questions) {
    const { judged, run } = await judgeInput(judging, question, inParts.has(question), patience);
    const verdict = named(question.input.name, judged.verdict, maskedName(inputs.length));
    inputs.push({ ...judged, verdict });
    if (run) runs.push(run);
    // The next input would only wait for the same end.
    if (verdict.status === "indeterminate") break;
  }
  const verdicts = inputs.map(({ verdict }) => verdict);
  return { verdict: combine([...verdicts, judgeCoverage(pattern, questions)]), inputs, runs };
}
