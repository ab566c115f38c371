import { marshall } from "@aws-sdk/util-dynamodb";
import type { ContentionGroup, Random } from "../query/oracle.ts";
import { compareRows } from "./compare-rows.ts";
import { judgeNoAnswer } from "./judge-answer.ts";
import { judgeReadBack } from "./read-back.ts";
import { type Outcome, type RunOptions, runPattern } from "./run-pattern.ts";
import { fail, maskedLines, named, PASS, type Verdict } from "./verdict.ts";
import { judgeTable, sourceOf, type WriteJudging } from "./write-judging.ts";

/** Answers that each reading pattern is asked for afterwards: the table was compared as a whole. */
const READ_BACK_ANSWERS = 4;

/** How many inputs of a group came to what: `done`, or the code of a refusal. */
type Tally = ReadonlyMap<string, number>;

const DONE = "done";

/** What a group must come to. */
interface Foreseen {
  readonly tally: Tally;
  readonly source: unknown;
}

function tallyOf(results: readonly string[]): Tally {
  const tally = new Map<string, number>();
  for (const result of results) tally.set(result, (tally.get(result) ?? 0) + 1);
  return tally;
}

function tallyText(tally: Tally): string {
  const refused = [...tally].filter(([result]) => result !== DONE).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `${tally.get(DONE) ?? 0} done`,
    ...refused.map(([code, count]) => `${count} refused with ${code}`),
  ].join(", ");
}

/** What inputs come to one after the other. */
function foresee({ check }: WriteJudging, start: unknown, inputs: readonly object[]): Foreseen {
  let source = start;
  const results = inputs.map((input) => {
    const expectation = check.expected(source, input);
    if (expectation.kind === "refusal") return expectation.code;
    source = expectation.source;
    return DONE;
  });
  return { tally: tallyOf(results), source };
}

/** Judges the group itself: one whose outcome hangs on the order, or in which nothing is written, shows nothing. */
function judgeGroup(
  judging: WriteJudging,
  start: unknown,
  { inputs }: ContentionGroup,
  foreseen: Foreseen,
  random: Random,
): Verdict {
  if (inputs.length < 2) return fail("it has fewer than two inputs, so nothing comes at once");
  if (!foreseen.tally.has(DONE)) return fail("none of its inputs is done, so it could show nothing");
  // The same input again and again has one order.
  if (new Set(inputs).size === 1) return PASS;
  const records = (source: unknown) => judging.oracles.records(source);
  for (const order of [[...inputs].reverse(), random.sample(inputs, inputs.length)]) {
    const other = foresee(judging, start, order);
    const same = compareRows(records(foreseen.source), records(other.source), "bag") === undefined;
    if (!same || tallyText(other.tally) !== tallyText(foreseen.tally))
      return fail("what its inputs come to hangs on their order, so there is no one right outcome");
  }
  return PASS;
}

/** Judges what the inputs of a group came to, whichever of them came first. */
function judgeOutcomes(outcomes: readonly Outcome[], { tally }: Foreseen): Verdict {
  const failed =
    outcomes.find(({ kind }) => kind === "error") ?? outcomes.find(({ kind }) => kind === "unknown");
  if (failed && failed.kind !== "answer") return judgeNoAnswer(failed, "that each is done or refused");
  const found = tallyOf(outcomes.map((outcome) => (outcome.kind === "refusal" ? outcome.code : DONE)));
  const [expected, got] = [tallyText(tally), tallyText(found)];
  return expected === got ? PASS : fail(`expected ${expected}, but it was ${got}`);
}

/** Sends a group's inputs at once, and judges what they came to and what they left in the table. */
async function judgeAtOnce(
  judging: WriteJudging,
  { inputs }: ContentionGroup,
  foreseen: Foreseen,
  options: RunOptions,
): Promise<Verdict> {
  const outcomes = await Promise.all(inputs.map((input) => runPattern(judging.pattern, input, options)));
  const verdict = judgeOutcomes(outcomes, foreseen);
  const { oracles, scratch } = judging;
  const table =
    verdict.status === "indeterminate" ? PASS : judgeTable(oracles, await scratch.items(), foreseen.source);
  if (verdict.status === "pass" || table.status === "pass")
    return verdict.status === "pass" ? table : verdict;
  return {
    ...table,
    lines: [...verdict.lines, ...table.lines],
    masked: [...maskedLines(verdict), ...maskedLines(table)],
  };
}

/**
 * Judges a writing pattern when many use it at once, where its check says how: in whichever order DynamoDB takes the
 * writes, as many must be done and refused as one after the other, the table must be the same to the last record,
 * and the reading patterns must show it.
 */
export async function judgeContention(judging: WriteJudging): Promise<Verdict> {
  const { check, oracles, scratch, scratchItems, readers, random, probe } = judging;
  const { contention } = check;
  if (!contention || !judging.contention) return PASS;
  const prepared = contention.prepare?.(scratchItems) ?? scratchItems;
  await scratch.fill(prepared.map((item) => marshall(item, { removeUndefinedValues: true })));
  const start = sourceOf(oracles, await scratch.items());
  const groups = contention.groups(start, random);
  if (groups.length === 0) return fail("its contention has no group of inputs");
  const options = { ...judging, client: probe.client, table: scratch.name };
  let source = start;
  for (const [position, group] of groups.entries()) {
    const foreseen = foresee(judging, source, group.inputs);
    const sound = judgeGroup(judging, source, group, foreseen, random);
    const verdict = sound.status === "pass" ? await judgeAtOnce(judging, group, foreseen, options) : sound;
    // What follows would only show the same mistake again.
    if (verdict.status !== "pass")
      return named(`at once, ${group.name}`, verdict, `at once, group ${position + 1}`);
    source = foreseen.source;
  }
  const readBack = { ...options, mostAnswers: READ_BACK_ANSWERS };
  return named(
    "at once",
    readers.length > 0 ? await judgeReadBack(readers, start, source, random, readBack) : PASS,
  );
}
