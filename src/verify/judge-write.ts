import { unmarshall } from "@aws-sdk/util-dynamodb";
import { canonicalItem } from "../dynamo/canonical-item.ts";
import type { StoredItem } from "../dynamo/scan.ts";
import type { AnyAccessPattern } from "../query/access-pattern.ts";
import type { CheckInput, OracleSet, Random, WriteCheck, WriteExpectation } from "../query/oracle.ts";
import { compareRows } from "./compare-rows.ts";
import { judgeBudget, type RunCost } from "./cost/budget.ts";
import { measure } from "./cost/measure.ts";
import { maskedName } from "./evidence/collect-evidence.ts";
import type { ExpectedEvidence } from "./evidence/evidence.ts";
import { failDifferent, judgeNoAnswer, judgeRefusal } from "./judge-answer.ts";
import { judgePlan } from "./judge-plan.ts";
import { type Judged, type JudgedInput, NOTHING_SENT } from "./judged.ts";
import type { Probe } from "./probe.ts";
import type { ReadablePattern } from "./read-answer.ts";
import { judgeReadBack } from "./read-back.ts";
import { type Outcome, type RunOptions, runPattern } from "./run-pattern.ts";
import type { ScratchTable } from "./scratch-table.ts";
import { combine, fail, named, PASS, type Verdict } from "./verdict.ts";

/** A writing pattern, its check, and the scratch table to run it on. */
export interface WriteJudging {
  readonly pattern: AnyAccessPattern;
  readonly check: WriteCheck<unknown>;
  readonly oracles: OracleSet;
  readonly random: Random;
  readonly scratch: ScratchTable;
  /** What the scratch table starts with. */
  readonly items: readonly StoredItem[];
  /** The reading patterns that may be asked what was written. */
  readonly readers: readonly ReadablePattern[];
  readonly probe: Probe;
  readonly timeoutMs: number;
  readonly indexDeadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

const sourceOf = (oracles: OracleSet, items: readonly StoredItem[]) =>
  oracles.parseSource(items.map((item) => unmarshall(item)));

/** Judges the whole table after a write against the records it must hold. */
async function judgeTable(judging: WriteJudging, expected: unknown): Promise<Verdict> {
  const { oracles, scratch } = judging;
  const found = sourceOf(oracles, await scratch.items());
  const difference = compareRows(oracles.records(expected), oracles.records(found), "bag");
  return difference ? named("the table afterwards", failDifferent(difference)) : PASS;
}

/** Judges that nothing has changed, to the last attribute. */
async function judgeUnchanged(before: readonly StoredItem[], scratch: ScratchTable): Promise<Verdict> {
  const texts = (items: readonly StoredItem[]) => items.map(canonicalItem);
  const difference = compareRows(texts(before), texts(await scratch.items()), "bag");
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
}

/** Judges what a case has answered, and what it has left in the table. */
async function judgeOutcome(
  judging: WriteJudging,
  outcome: Outcome,
  expectation: WriteExpectation<unknown>,
  before: readonly StoredItem[],
): Promise<Verdict> {
  if (expectation.kind === "refusal") {
    const verdict = judgeRefusal(outcome, expectation.code);
    return verdict.status === "pass" ? judgeUnchanged(before, judging.scratch) : verdict;
  }
  if (outcome.kind !== "answer") return judgeNoAnswer(outcome, "that it is done");
  return judgeTable(judging, expectation.source);
}

/** Runs one case and judges what it answered, what it left in the table, and what it sent. */
async function judgeCase(
  judging: WriteJudging,
  input: CheckInput,
  expectation: WriteExpectation<unknown>,
): Promise<JudgedCase> {
  const { pattern, probe, scratch } = judging;
  const expected = expectedEvidence(expectation);
  const declared = judgeDeclaration(input, expectation);
  if (declared.status !== "pass") {
    return { judged: { input, expected, verdict: declared, ...NOTHING_SENT }, plan: PASS };
  }
  const before = await scratch.items();
  const options: RunOptions = { ...judging, client: probe.client, table: scratch.name };
  const {
    value: outcome,
    cost,
    sent,
  } = await measure(probe, () => runPattern(pattern, input.input, options));
  const verdict = await judgeOutcome(judging, outcome, expectation, before);
  const answer = outcome.kind === "answer" ? ({ kind: "done" } as const) : outcome;
  // A write's units are write units: a report of read units must not show them.
  const units = { modelledReadUnits: null, reportedReadUnits: null };
  const judged = { input, verdict, expected, answer, sent, cost: { ...cost, ...units }, parts: [] };
  if (expectation.kind === "refusal" || outcome.kind !== "answer") return { judged, plan: PASS };
  const run: RunCost = { requests: sent.commands.length };
  const plan = judgePlan(pattern, sent, pattern.params(outcome.asked, scratch.name));
  return { judged, run, plan: plan.status === "pass" ? judgeBudget(pattern, run, false) : plan };
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
  /** The source as the cases must have left it. */
  readonly source: unknown;
}

/** Runs the cases in order, each on what the last one left, up to the first that goes wrong. */
async function runCases(judging: WriteJudging, start: unknown): Promise<CasesRun> {
  const { check, random } = judging;
  const expectations: WriteExpectation<unknown>[] = [];
  const cases: JudgedCase[] = [];
  let source = start;
  for (const input of check.cases(start, random)) {
    const expectation = check.expected(source, input.input);
    expectations.push(expectation);
    const { judged, plan, run } = await judgeCase(judging, input, expectation);
    const name = (verdict: Verdict) => named(input.name, verdict, maskedName(cases.length));
    const verdict = name(judged.verdict);
    cases.push({ judged: { ...judged, verdict }, plan: name(plan), ...(run && { run }) });
    // What follows would only show the same mistake again.
    if (verdict.status !== "pass") return { cases, coverage: PASS, source };
    if (expectation.kind === "done") source = expectation.source;
  }
  return { cases, coverage: judgeCoverage(expectations), source };
}

/** A case as evidence: what it sent is part of it. */
const withPlan = ({ judged, plan }: JudgedCase): JudgedInput =>
  judged.verdict.status === "pass" ? { ...judged, verdict: plan } : judged;

/** Judges a writing pattern: every case of its check on a freshly filled scratch table, and what can be read back. */
export async function judgeWrite(judging: WriteJudging): Promise<Judged> {
  const { oracles, scratch, items, readers, random, probe } = judging;
  await scratch.fill(items);
  const start = sourceOf(oracles, await scratch.items());
  const { cases, coverage, source } = await runCases(judging, start);
  const verdicts = [coverage, ...cases.map(({ judged }) => judged.verdict)];
  if (combine(verdicts).status === "pass" && readers.length > 0) {
    const options = { ...judging, client: probe.client, table: scratch.name };
    verdicts.push(await judgeReadBack(readers, start, source, random, options));
  }
  return {
    verdict: combine([...verdicts, ...cases.map(({ plan }) => plan)]),
    inputs: cases.map(withPlan),
    runs: cases.flatMap(({ run }) => run ?? []),
  };
}
