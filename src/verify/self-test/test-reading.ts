import { isDeepStrictEqual } from "node:util";
import type { TableDesign } from "../../dynamo/table-design.ts";
import { maskedName } from "../evidence/collect-evidence.ts";
import { expectedRows } from "../judge-answer.ts";
import { type Part, pageSizes, partsOf } from "../judge-pages.ts";
import { judgeInput, type Question, questionsOf, type ReadJudging } from "../judge-read.ts";
import { noPatience } from "../patience.ts";
import { PASS, type Problem, type Verdict } from "../verdict.ts";
import { problemOf } from "../verify-run.ts";
import { openWire, type Tampering, type Wire } from "../wire/wire.ts";
import { type AnsweredQuestion, type ReadMutation, readMutations } from "./read-mutations.ts";
import type { Tally } from "./tally.ts";
import { type WatchedPattern, watchPattern } from "./watched-pattern.ts";

/** A way to read the answer to a question. */
type Way = ReadMutation["way"];

/** A pattern under test, and the wire that its requests go over. */
interface Bench {
  readonly judging: ReadJudging;
  readonly watched: WatchedPattern;
  readonly wire: Wire;
}

const rowCount = ({ expectation }: Question) => expectedRows(expectation);

/** The smallest page shows best that a cursor or a limit is ignored. */
const pageSize = (question: Question) => pageSizes(rowCount(question))[0];

/** How many rows the first page of an answer has room for. */
const firstPageRows = ({ judging }: Bench, question: Question) =>
  pageSize(question) + (judging.check.leading ?? 0);

function partOf({ judging }: Bench, question: Question, way: Way): Part | undefined {
  const { input, expectation } = question;
  const size = pageSize(question);
  return partsOf(judging, input, expectation, noPatience, [size]).find((part) => part.way === way);
}

/** Reads the answer to a question in one way and judges it; nobody is patient with a mutant. */
async function judgeWay(bench: Bench, question: Question, way: Way): Promise<Verdict> {
  if (way === "whole") {
    return (await judgeInput(bench.judging, question, undefined, noPatience)).judged.verdict;
  }
  const part = partOf(bench, question, way);
  return part ? (await part.judge()).verdict : PASS;
}

/** What a question came to, with or without a mistake. */
interface Attempt extends AnsweredQuestion {
  readonly verdict: Verdict;
  /** The pattern's own answers. */
  readonly outcomes: readonly unknown[];
}

async function attempt(bench: Bench, question: Question, way: Way, tampering?: Tampering): Promise<Attempt> {
  const { wire, watched } = bench;
  wire.tamper(tampering);
  watched.takeOutcomes();
  try {
    const verdict = await judgeWay(bench, question, way).catch((error) => {
      bench.judging.signal?.throwIfAborted();
      return problemOf(error);
    });
    return { question, verdict, outcomes: watched.takeOutcomes(), exchanges: wire.takeExchanges() };
  } finally {
    wire.tamper(undefined);
  }
}

/** The question that is read in parts: with as few rows as show a mistake, more than one page if possible. */
function chooseForParts(bench: Bench, questions: readonly Question[]): Question | undefined {
  const several = questions
    .filter((question) => rowCount(question) >= 2)
    .sort((a, b) => rowCount(a) - rowCount(b));
  return several.find((question) => rowCount(question) > firstPageRows(bench, question)) ?? several[0];
}

/** Every question, and the ways to read one of them in parts, without any mistake. */
async function attemptRight(bench: Bench): Promise<ReadonlyMap<Way, readonly Attempt[]>> {
  const questions = questionsOf(bench.judging);
  const attempts = new Map<Way, Attempt[]>([["whole", []]]);
  for (const question of questions) attempts.get("whole")?.push(await attempt(bench, question, "whole"));
  const chosen = chooseForParts(bench, questions);
  for (const way of ["early", "pages"] as const) {
    if (chosen && partOf(bench, chosen, way)) attempts.set(way, [await attempt(bench, chosen, way)]);
  }
  return attempts;
}

/** A mistake in the request itself is seen by who judges the plan, whatever the answer is. */
const shows = (mutation: ReadMutation, right: Attempt, wrong: Attempt) =>
  mutation.tampering.plannedRequest !== undefined || !isDeepStrictEqual(right.outcomes, wrong.outcomes);

/**
 * Makes mistakes between a reading pattern and its table, one at a time, each on one input, and tells the tally
 * what its check says of them. A mistake counts where the pattern's own answer changes: what the check
 * makes of the answer has no part in that.
 * @returns what is wrong where the pattern is not right without any mistake, so that nothing can be learnt of its check
 */
export async function testReading(
  judging: ReadJudging,
  design: TableDesign,
  redact: boolean,
  tally: Tally,
): Promise<Problem | undefined> {
  const watched = watchPattern(judging.pattern);
  const bench: Bench = {
    judging: { ...judging, pattern: watched.pattern },
    watched,
    wire: openWire(judging.probe),
  };
  const right = await attemptRight(bench);
  for (const { verdict } of [...right.values()].flat()) {
    if (verdict.status === "fail" || verdict.status === "indeterminate") return verdict;
  }
  const whole = right.get("whole") ?? [];
  for (const { exchanges } of whole) tally.look(exchanges);
  const inParts = new Map(
    (["early", "pages"] as const).flatMap((way) => (right.get(way) ?? []).map((one) => [way, one] as const)),
  );
  for (const mutation of readMutations({
    design,
    random: judging.random,
    whole,
    inParts,
    firstPageRows: (one) => firstPageRows(bench, one),
  })) {
    const { question, way } = mutation;
    const reference = right.get(way)?.find((one) => one.question === question);
    const wrong = await attempt(bench, question, way, mutation.tampering);
    if (!reference || !shows(mutation, reference, wrong)) {
      tally.withoutEffect(mutation);
      continue;
    }
    const position = whole.findIndex((one) => one.question === question);
    const input = redact ? maskedName(position) : question.input.name;
    tally.judged(mutation, { pattern: judging.pattern.id, input }, wrong.verdict);
  }
  return undefined;
}
