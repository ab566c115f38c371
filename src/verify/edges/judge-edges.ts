import { marshall } from "@aws-sdk/util-dynamodb";
import type { PlainItem } from "../../query/oracle.ts";
import { maskedName } from "../evidence/collect-evidence.ts";
import { readingOf } from "../judge-patterns.ts";
import {
  chooseForParts,
  judgeInput,
  judgeParts,
  type Question,
  questionsOf,
  type ReadJudging,
} from "../judge-read.ts";
import type { JudgedInput } from "../judged.ts";
import { createPatience, noPatience } from "../patience.ts";
import { openProbe } from "../probe.ts";
import { createRandom } from "../random.ts";
import type { ReadablePattern } from "../read-answer.ts";
import { type ScratchTable, withScratchTable } from "../scratch-table.ts";
import { combine, named } from "../verdict.ts";
import { addProblem, problemOf, type Run } from "../verify-run.ts";
import { openWire, type Wire } from "../wire/wire.ts";
import { chooseQuestions, refusedEdges } from "./choose-inputs.ts";
import { edgesOfAnswer, isPastTheEnd, LastSortKeys, rowsOf } from "./classify-edges.ts";
import { demandedEdges } from "./demanded-edges.ts";
import { ALL_EDGES, type Edge, type EdgeReport } from "./edges.ts";

/** The table at the edges. */
interface EdgeTable {
  readonly scratch: ScratchTable;
  readonly source: unknown;
  readonly last: LastSortKeys;
}

/** What a pattern came to on the edge items. */
interface EdgeJudged {
  readonly inputs: readonly JudgedInput[];
  readonly met: ReadonlySet<Edge>;
}

const ON_EDGES = "on the edge items";

/** Judges the answer to a question, with page sizes also in parts, and notes the edges that it met. */
async function judgeQuestion(
  judging: ReadJudging,
  question: Question,
  sizes: readonly number[] | undefined,
  table: EdgeTable,
  wire: Wire,
  met: Set<Edge>,
): Promise<JudgedInput> {
  const patience =
    judging.pattern.index === undefined
      ? noPatience
      : createPatience(judging.indexDeadlineMs, judging.signal);
  wire.takeExchanges();
  const { judged } = await judgeInput(judging, question, undefined, patience);
  if (judged.verdict.status !== "pass") return judged;
  for (const edge of edgesOfAnswer(question, wire.takeExchanges(), table.last)) met.add(edge);
  if (!sizes) return judged;
  const inParts = await judgeParts(judging, question, patience, sizes);
  if (isPastTheEnd(wire.takeExchanges())) met.add("pastTheEnd");
  return { ...judged, ...inParts };
}

/** Judges a reading pattern on the edge items: a few inputs of all that its check can draw. */
async function judgePattern(run: Run, readable: ReadablePattern, table: EdgeTable): Promise<EdgeJudged> {
  const probe = openProbe(run.target, { readOnly: true, maxAttempts: run.maxAttempts });
  const met = new Set<Edge>();
  const inputs: JudgedInput[] = [];
  try {
    const { budget: _real, ...pattern } = readable.pattern;
    const judging: ReadJudging = {
      ...readingOf(run, readable, probe),
      // A budget is for the data there is, and these are made to be more than that.
      pattern,
      source: table.source,
      table: table.scratch.name,
      inputCount: Number.POSITIVE_INFINITY,
      // What is reported is compared on the table itself.
      isAws: false,
    };
    const wire = openWire(probe);
    const questions = chooseQuestions(questionsOf(judging));
    const inParts = chooseForParts(questions, judging.random);
    for (const question of questions) {
      const judged = await judgeQuestion(judging, question, inParts.get(question), table, wire, met);
      const name = `${ON_EDGES}, ${question.input.name}`;
      const verdict = named(name, judged.verdict, `${ON_EDGES}, ${maskedName(inputs.length)}`);
      inputs.push({ ...judged, verdict });
      if (verdict.status === "indeterminate") break;
    }
    const answered = questions.find((question) => rowsOf(question) > 0);
    for (const edge of answered ? refusedEdges(pattern, answered.input.input) : []) met.add(edge);
    return { inputs, met };
  } finally {
    probe.close();
  }
}

async function judgeAll(
  run: Run,
  readers: readonly ReadablePattern[],
  scratch: ScratchTable,
  items: readonly PlainItem[],
): Promise<EdgeReport> {
  await scratch.fill(items.map((item) => marshall(item, { removeUndefinedValues: true })));
  const source = run.oracles.parseSource(items);
  const table: EdgeTable = { scratch, source, last: new LastSortKeys(run.design, items) };
  const patterns: EdgeReport["patterns"] = [];
  for (const readable of readers) {
    const { id } = readable.pattern;
    try {
      const { inputs, met } = await judgePattern(run, readable, table);
      patterns.push({ id, inputs: inputs.length, met: ALL_EDGES.filter((edge) => met.has(edge)) });
      const verdict = combine(inputs.map((input) => input.verdict));
      if (verdict.status !== "pass") addProblem(run, id, verdict, inputs);
    } catch (error) {
      run.signal?.throwIfAborted();
      patterns.push({ id, inputs: 0, met: [] });
      addProblem(run, id, problemOf(error), []);
    }
  }
  const met = new Set(patterns.flatMap((pattern) => pattern.met));
  // Where a pattern is wrong, what it would have met is not known.
  const isSound = readers.every(({ pattern }) => {
    const status = run.results.get(pattern.id)?.status;
    return status === "pass" || status === "overBudget";
  });
  // Patterns that were not selected may meet the others.
  const isWhole = (run.selected ?? []).length === 0;
  const demanded = isSound && isWhole ? demandedEdges(readers, run.design) : [];
  const unmet = demanded.filter((edge) => !met.has(edge));
  return { patterns, unmet };
}

/**
 * Judges reading patterns on a scratch table that the oracles fill with items at the edges, and says which edges each
 * of them met: by what went over the wire, not by what the items were meant for.
 * @throws the signal's reason when it is aborted. Where there can be no scratch table, all patterns share its problem.
 */
export async function judgeEdges(run: Run, readers: readonly ReadablePattern[]): Promise<EdgeReport> {
  const { edgeItems } = run.oracles;
  const nothing = { patterns: [], unmet: [] };
  if (!edgeItems) return { ...nothing, leftOut: "the model's oracles have no edgeItems" };
  const { client, close } = openProbe(run.target, { maxAttempts: run.maxAttempts });
  try {
    const items = edgeItems.call(run.oracles, run.items, createRandom(run.seed, "edges"));
    return await withScratchTable({ ...run, client }, (scratch) => judgeAll(run, readers, scratch, items));
  } catch (error) {
    run.signal?.throwIfAborted();
    const problem = problemOf(error);
    const lines = ["the scratch table of the edge items could not be used", ...problem.lines];
    for (const { pattern } of readers) addProblem(run, pattern.id, { ...problem, lines }, []);
    return nothing;
  } finally {
    close();
  }
}
