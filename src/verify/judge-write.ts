import { canonicalItem } from "../dynamo/canonical-item.ts";
import type { StoredItem } from "../dynamo/scan.ts";
import type { CheckInput, WriteExpectation } from "../query/oracle.ts";
import { compareRows } from "./compare-rows.ts";
import { judgeBudget, type RunCost } from "./cost/budget.ts";
import { addCosts, type Cost, measure } from "./cost/measure.ts";
import { describeDifference } from "./describe-difference.ts";
import { judgeContention } from "./judge-contention.ts";
import { judgePlan, plannedRequest } from "./judge-plan.ts";
import type { Judged } from "./judge-read.ts";
import { judgeReadBack } from "./read-back.ts";
import { type RunOptions, runPattern } from "./run-pattern.ts";
import type { ScratchTable } from "./scratch-table.ts";
import { combine, fail, judgeNoAnswer, judgeRefusal, named, PASS, type Verdict } from "./verdict.ts";
import { judgeTable, sourceOf, type WriteJudging } from "./write-judging.ts";

/** Judges that nothing has changed, to the last attribute. */
async function judgeUnchanged(before: readonly StoredItem[], scratch: ScratchTable): Promise<Verdict> {
  const texts = (items: readonly StoredItem[]) => items.map(canonicalItem);
  const difference = compareRows(texts(before), texts(await scratch.items()), "bag");
  return difference ? named("a refusal must change nothing", fail(...describeDifference(difference))) : PASS;
}

function judgeDeclaration(input: CheckInput, expectation: WriteExpectation<unknown>): Verdict {
  const refused = expectation.kind === "refusal";
  if (refused === (input.empty ?? false)) return PASS;
  return fail(
    refused ? "it is refused, and not declared empty" : "it is declared empty, but it is no refusal",
  );
}

/** Runs one case and judges what it answered and what it left in the table; what it sent is judged in `plans`. */
async function judgeCase(
  judging: WriteJudging,
  input: CheckInput,
  expectation: WriteExpectation<unknown>,
  { costs, plans, runs }: Pick<CasesRun, "costs" | "plans" | "runs">,
): Promise<Verdict> {
  const { pattern, probe, scratch } = judging;
  const declared = judgeDeclaration(input, expectation);
  if (declared.status !== "pass") return declared;
  const before = await scratch.items();
  const options: RunOptions = { ...judging, client: probe.client, table: scratch.name };
  const measured = await measure(probe, () => runPattern(pattern, input.input, options));
  const { value: outcome, cost } = measured;
  // A write's units are write units: a report of read units must not show them.
  costs.push({ ...cost, modelledReadUnits: null, reportedReadUnits: null });
  const run: RunCost = { requests: measured.commands.length };
  if (expectation.kind === "refusal") {
    const verdict = judgeRefusal(outcome, expectation.code);
    return verdict.status === "pass" ? judgeUnchanged(before, scratch) : verdict;
  }
  if (outcome.kind !== "answer") return judgeNoAnswer(outcome, "that it is done");
  const planned = plannedRequest(pattern, input.input, scratch.name);
  const plan = judgePlan(pattern, measured, planned);
  runs.push(run);
  plans.push(named(input.name, plan.status === "pass" ? judgeBudget(pattern, run, false) : plan));
  return judgeTable(judging, expectation.source);
}

/** A check that could not have found a wrong write is no pass. */
function judgeCoverage(expectations: readonly WriteExpectation<unknown>[]): Verdict {
  if (!expectations.some(({ kind }) => kind === "done")) return fail("its check has no case that is done");
  if (!expectations.some(({ kind }) => kind === "refusal"))
    return fail("its check has no case that is refused");
  return PASS;
}

interface CasesRun {
  readonly verdicts: Verdict[];
  /** What was sent: told only where all that it came to is right. */
  readonly plans: Verdict[];
  readonly costs: Cost[];
  /** What each case took that was done. */
  readonly runs: RunCost[];
  readonly cases: number;
  /** The source as the cases must have left it. */
  readonly source: unknown;
}

/** Runs the cases in order, each on what the last one left, up to the first that goes wrong. */
async function runCases(judging: WriteJudging, start: unknown): Promise<CasesRun> {
  const { check, random } = judging;
  const inputs = check.cases(start, random);
  const expectations: WriteExpectation<unknown>[] = [];
  const verdicts: Verdict[] = [];
  const sent = { costs: [] as Cost[], plans: [] as Verdict[], runs: [] as RunCost[] };
  let source = start;
  for (const input of inputs) {
    const expectation = check.expected(source, input.input);
    expectations.push(expectation);
    const verdict = named(input.name, await judgeCase(judging, input, expectation, sent));
    verdicts.push(verdict);
    // What follows would only show the same mistake again.
    if (verdict.status !== "pass") return { verdicts, ...sent, cases: verdicts.length, source };
    if (expectation.kind === "done") source = expectation.source;
  }
  return { verdicts: [judgeCoverage(expectations), ...verdicts], ...sent, cases: inputs.length, source };
}

/** Judges a writing pattern: every case of its check on a freshly filled scratch table, what can be read back, and many at once. */
export async function judgeWrite(judging: WriteJudging): Promise<Judged> {
  const { oracles, scratch, items, readers, random, probe } = judging;
  await scratch.fill(items);
  const start = sourceOf(oracles, await scratch.items());
  const { verdicts, plans, costs, runs, cases, source } = await runCases(judging, start);
  if (combine(verdicts).status === "pass" && readers.length > 0) {
    const options = { ...judging, client: probe.client, table: scratch.name };
    verdicts.push(await judgeReadBack(readers, start, source, random, options));
  }
  if (combine(verdicts).status === "pass") verdicts.push(await judgeContention(judging));
  return { verdict: combine([...verdicts, ...plans]), inputs: cases, cost: addCosts(costs), runs };
}
