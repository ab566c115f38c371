import { segmentsOfOnePage } from "../../dynamo/choose-segments.ts";
import { describeTable } from "../../dynamo/describe.ts";
import { TableNotFoundError } from "../../dynamo/errors.ts";
import { describePattern, matchesPattern, patternFilter } from "../../dynamo/item-pattern.ts";
import { sampleItems } from "../../dynamo/sample-items.ts";
import { type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import type { VerifyStep } from "../definition/verify.ts";
import { CheckFailedError, StepDefinitionError } from "../errors.ts";
import type { ForeseenTable } from "../plan/foreseen-table.ts";
import { NONE } from "../plan/range.ts";
import { NO_COST } from "../plan/step-work.ts";
import { toPlainItem } from "./plain-item.ts";
import { ReportedKeys } from "./reported-keys.ts";
import {
  type FoundPlan,
  keyOf,
  type LookContext,
  type PlanContext,
  type StepContext,
  type StepResult,
} from "./step-context.ts";
import type { StepKind } from "./step-kind.ts";

/** A sample is drawn from so many segments at least, so that a small share of a small table is not all or nothing. */
const LEAST_SEGMENTS = 100;

/** What a check has seen so far. */
interface Tally {
  items: number;
  readonly wrong: ReportedKeys;
  /** What is wrong with the first of them. */
  first: string | undefined;
}

const tallyOf = ({ show }: PlanContext): Tally => ({
  items: 0,
  wrong: new ReportedKeys(show),
  first: undefined,
});

function judge(step: VerifyStep, item: StoredItem, context: PlanContext): string | undefined {
  try {
    return step.expect?.(toPlainItem(item));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    const { show } = context;
    throw new StepDefinitionError(step.id, show.key(keyOf(item, context)), show.words(problem), cause);
  }
}

function addItems(tally: Tally, step: VerifyStep, items: readonly StoredItem[], context: PlanContext): void {
  tally.items += items.length;
  for (const item of items) {
    const problem = judge(step, item, context);
    if (problem === undefined) continue;
    tally.first ??= context.show.words(problem);
    tally.wrong.add(keyOf(item, context));
  }
}

async function sample(
  share: number,
  step: VerifyStep,
  context: StepContext,
  onPage: (items: StoredItem[]) => void,
): Promise<void> {
  const { client, table, signal, clock } = context;
  const description = await describeTable(client, table, signal);
  if (!description) throw new TableNotFoundError(table, "the target");
  const segments = Math.max(LEAST_SEGMENTS, segmentsOfOnePage(description.TableSizeBytes ?? 0));
  const { index, where } = step;
  const options = {
    table,
    ...(index === undefined ? {} : { index }),
    consistent: index === undefined,
    filter: patternFilter(where),
    segments,
    take: Math.ceil(segments * share),
    signal,
    clock,
  };
  await sampleItems(client, options, onPage);
}

async function lookAtItems(step: VerifyStep, context: StepContext): Promise<Tally> {
  const { client, table, signal, clock } = context;
  const { index, where, sample: share = 1 } = step;
  const tally = tallyOf(context);
  const onPage = (items: StoredItem[]) => addItems(tally, step, items, context);
  if (share < 1) await sample(share, step, context, onPage);
  else {
    const place = index === undefined ? {} : { index, consistent: false };
    const filter = patternFilter(where);
    await scanSegments(client, { table, ...place, filter, signal, clock }, onPage);
  }
  return tally;
}

function findProblems({ where, count = {} }: VerifyStep, { items, wrong, first }: Tally): string[] {
  const { min = 0, max = Number.POSITIVE_INFINITY } = count;
  const what = describePattern(where);
  return [
    wrong.count > 0 ? `${wrong.count} of ${items} items (${what}) are wrong (${first}): ${wrong}` : "",
    items < min ? `${items} items (${what}), at least ${min} wanted` : "",
    items > max ? `${items} items (${what}), at most ${max} wanted` : "",
  ].filter(Boolean);
}

/** Looks at the items. @throws {CheckFailedError} where they are not as they must be. */
async function runVerify(step: VerifyStep, context: StepContext): Promise<StepResult> {
  const tally = await lookAtItems(step, context);
  const problems = findProblems(step, tally);
  if (problems.length > 0) {
    throw new CheckFailedError(step.id, problems, { items: tally.items, wrong: tally.wrong.count });
  }
  return { outcome: "holds", counts: { items: tally.items } };
}

/** What it would find, where all items are known as the steps before it leave them. */
function foresee(step: VerifyStep, context: LookContext, table: ForeseenTable): Pick<FoundPlan, "warnings"> {
  const tally = tallyOf(context);
  const matching = [...table.items()].filter((item) => matchesPattern(item, step.where));
  addItems(tally, step, matching, context);
  return {
    warnings: findProblems(step, tally).map((problem) => ({
      code: "check-fails",
      message: `would fail: ${problem}`,
      facts: { step: step.id, items: tally.items, wrong: tally.wrong.count },
    })),
  };
}

/** Says what it would look at, and what it would find there, as far as that can be known. */
function planVerify(step: VerifyStep, context: LookContext, table: ForeseenTable): FoundPlan {
  const { where, index, sample: share = 1 } = step;
  const place = index === undefined ? "" : ` in the index ${index}`;
  const part = share < 1 ? `a sample (${share * 100} %) of ` : "";
  const action = `check ${part}the items${place}: ${describePattern(where)}`;
  const found = { action, changes: 0, counts: {} };
  if (index !== undefined || share < 1) return found;
  const matching = [...table.items()].filter((item) => matchesPattern(item, where)).length;
  const work = {
    matching,
    needing: 0,
    written: 0,
    requests: NONE,
    cost: NO_COST,
    passes: [table.bytes()],
  };
  return { ...found, work, ...(table.isExact ? foresee(step, context, table) : {}) };
}

/** Checks items; changes nothing, so there is nothing to undo. */
export const verifyKind: StepKind<VerifyStep> = {
  run: runVerify,
  plan: async (step, context, table) => planVerify(step, context, table),
  planUndo: async () => ({ action: "nothing to undo", changes: 0, counts: {} }),
  undo: () => Promise.resolve({ outcome: "nothing to undo", counts: {} }),
  refuseToUndo: () => undefined,
};
