import { canonicalItem } from "../dynamo/canonical-item.ts";
import type { StoredItem } from "../dynamo/scan.ts";
import type { CheckInput, WriteExpectation } from "../query/oracle.ts";
import { compareRows } from "./compare-rows.ts";
import { judgeBudget, type RunCost } from "./cost/budget.ts";
import { measure } from "./cost/measure.ts";
import { maskedName } from "./evidence/collect-evidence.ts";
import type { ExpectedEvidence } from "./evidence/evidence.ts";
import { failDifferent, judgeNoAnswer, judgeRefusal } from "./judge-answer.ts";
import { judgeContention } from "./judge-contention.ts";
import { judgePlan } from "./judge-plan.ts";
import { type Judged, type JudgedInput, NOTHING_SENT } from "./judged.ts";
import { judgeReadBack } from "./read-back.ts";
import { type Outcome, type RunOptions, runPattern } from "./run-pattern.ts";
import { combine, fail, named, PASS, type Verdict } from "./verdict.ts";
import { judgeTable, sourceOf, type WriteJudging } from "./write-judging.ts";

/** Judges that nothing has changed, to the last attribute. */
function judgeUnchanged(before: readonly StoredItem[], after: readonly StoredItem[]): Verdict {
  const texts = (items: readonly StoredItem[]) => items.map(canonicalItem);
  const difference = compareRows(texts(before), texts(after), "bag");
  return difference ? named("a refusal must change nothing", failDifferent(difference)) : PASS;
}

function judgeDeclaration(input: CheckInput, expectation: WriteExpectation<unknown>): Verdict {
  const refused = expectation.kind === "refusal";
  if (refused === (input.empty ?? false)) return PASS;
  return fail(
    refused ? "it is refused, and not declared empty" : "it is declared empty, but it is no refusal",
  );
}

// What must stand in the table is no part of the evidence: only what differs is.
const expectedEvidence = (expectation: WriteExpectation<unknown>): ExpectedEvidence =>
  expectation.kind === "done" ? { kind: "done" } : { kind: "refusal", code: expectation.code };

/** A case that was judged. */
interface JudgedCase {
  readonly judged: JudgedInput;
  /** What was sent: told only where all that the cases came to is right. */
  readonly plan: Verdict;
  /** What it took, where it was done. */
  readonly run?: RunCost;
  /** What the table holds now. */
  readonly after: readonly StoredItem[];
}

/** What a case has to be judged by. */
interface Case {
  readonly input: CheckInput;
  readonly expectation: WriteExpectation<unknown>;
  /** What the table holds before it. */
  readonly before: readonly StoredItem[];
}

/** Judges what a case has answered, and what it has left in the table. */
function judgeOutcome(
  { oracles }: WriteJudging,
  { expectation, before }: Case,
  outcome: Outcome,
  after: readonly StoredItem[],
): Verdict {
  if (expectation.kind === "refusal") {
    const verdict = judgeRefusal(outcome, expectation.code);
    return verdict.status === "pass" ? judgeUnchanged(before, after) : verdict;
  }
  if (outcome.kind !== "answer") return judgeNoAnswer(outcome, "that it is done");
  return judgeTable(oracles, after, expectation.source);
}

/** Runs one case and judges what it answered, what it left in the table, and what it sent. */
async function judgeCase(judging: WriteJudging, one: Case): Promise<JudgedCase> {
  const { pattern, probe, scratch } = judging;
  const { input, expectation, before } = one;
  const expected = expectedEvidence(expectation);
  const declared = judgeDeclaration(input, expectation);
  if (declared.status !== "pass") {
    const judged = { input, expected, verdict: declared, ...NOTHING_SENT };
    return { judged, plan: PASS, after: before };
  }
  const options: RunOptions = { ...judging, client: probe.client, table: scratch.name };
  const {
    value: outcome,
    cost,
    sent,
  } = await measure(probe, () => runPattern(pattern, input.input, options));
  const after = await scratch.items();
  const verdict = judgeOutcome(judging, one, outcome, after);
  const answer = outcome.kind === "answer" ? ({ kind: "done" } as const) : outcome;
  // A write's units are write units: a report of read units must not show them.
  const units = { modelledReadUnits: null, reportedReadUnits: null };
  const judged = { input, verdict, expected, answer, sent, cost: { ...cost, ...units }, parts: [] };
  if (expectation.kind === "refusal" || outcome.kind !== "answer") return { judged, plan: PASS, after };
  const run: RunCost = { requests: sent.commands.length };
  const plan = judgePlan(pattern, sent, pattern.params(outcome.asked, scratch.name));
  return { judged, run, after, plan: plan.status === "pass" ? judgeBudget(pattern, run, false) : plan };
}

/** A check that could not have found a wrong write is no pass. */
function judgeCoverage(expectations: readonly WriteExpectation<unknown>[]): Verdict {
  if (!expectations.some(({ kind }) => kind === "done")) return fail("its check has no case that is done");
  if (!expectations.some(({ kind }) => kind === "refusal"))
    return fail("its check has no case that is refused");
  return PASS;
}

/** What the cases came to. */
interface CasesRun {
  readonly cases: readonly JudgedCase[];
  readonly coverage: Verdict;
  /** The source as the table started, and as the cases must have left it. */
  readonly start: unknown;
  readonly source: unknown;
}

/** Runs the cases in order, each on what the last one left, up to the first that goes wrong. */
async function runCases(judging: WriteJudging, filled: readonly StoredItem[]): Promise<CasesRun> {
  const { check, random, oracles } = judging;
  const start = sourceOf(oracles, filled);
  const expectations: WriteExpectation<unknown>[] = [];
  const cases: JudgedCase[] = [];
  let before = filled;
  let source = start;
  for (const input of check.cases(start, random)) {
    const expectation = check.expected(source, input.input);
    expectations.push(expectation);
    const { judged, plan, run, after } = await judgeCase(judging, { input, expectation, before });
    before = after;
    const name = (verdict: Verdict) => named(input.name, verdict, maskedName(cases.length));
    const verdict = name(judged.verdict);
    cases.push({ judged: { ...judged, verdict }, plan: name(plan), after, ...(run && { run }) });
    // What follows would only show the same mistake again.
    if (verdict.status !== "pass") return { cases, coverage: PASS, start, source };
    if (expectation.kind === "done") source = expectation.source;
  }
  return { cases, coverage: judgeCoverage(expectations), start, source };
}

/** A case as evidence: what it sent is part of it. */
const withPlan = ({ judged, plan }: JudgedCase): JudgedInput =>
  judged.verdict.status === "pass" ? { ...judged, verdict: plan } : judged;

/** Judges a writing pattern: every case of its check on a freshly filled scratch table, what can be read back, and many at once. */
export async function judgeWrite(judging: WriteJudging): Promise<Judged> {
  const { scratch, items, readers, random, probe } = judging;
  await scratch.fill(items);
  const { cases, coverage, start, source } = await runCases(judging, await scratch.items());
  const verdicts = [coverage, ...cases.map(({ judged }) => judged.verdict)];
  if (combine(verdicts).status === "pass" && readers.length > 0) {
    const options = { ...judging, client: probe.client, table: scratch.name };
    verdicts.push(await judgeReadBack(readers, start, source, random, options));
  }
  if (combine(verdicts).status === "pass") verdicts.push(await judgeContention(judging));
  return {
    verdict: combine([...verdicts, ...cases.map(({ plan }) => plan)]),
    inputs: cases.map(withPlan),
    runs: cases.flatMap(({ run }) => run ?? []),
  };
}
