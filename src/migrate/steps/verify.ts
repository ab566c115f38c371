import { describeTable } from "../../dynamo/describe.ts";
import { TableNotFoundError } from "../../dynamo/errors.ts";
import { describePattern, patternFilter } from "../../dynamo/item-pattern.ts";
import { sampleItems, segmentsOfOnePage } from "../../dynamo/sample-items.ts";
import { type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import type { VerifyStep } from "../definition/verify.ts";
import { CheckFailedError, StepDefinitionError } from "../errors.ts";
import { toPlainItem } from "./plain-item.ts";
import { ReportedKeys } from "./reported-keys.ts";
import { keyOf, type StepContext, type StepResult, showKey } from "./step-context.ts";
import type { StepKind } from "./step-kind.ts";

/** A sample is drawn from so many segments at least, so that a small share of a small table is not all or nothing. */
const SEGMENTS = 4;
const LEAST_SEGMENTS = 100;

/** What a check has seen so far. */
interface Tally {
  items: number;
  readonly wrong: ReportedKeys;
  /** What is wrong with the first of them. */
  first: string | undefined;
}

function judge(step: VerifyStep, item: StoredItem, context: StepContext): string | undefined {
  try {
    return step.expect?.(toPlainItem(item));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StepDefinitionError(step.id, showKey(keyOf(item, context)), problem, cause);
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
  const tally: Tally = { items: 0, wrong: new ReportedKeys(), first: undefined };
  const onPage = (items: StoredItem[]) => {
    tally.items += items.length;
    for (const item of items) {
      const problem = judge(step, item, context);
      if (problem === undefined) continue;
      tally.first ??= problem;
      tally.wrong.add(keyOf(item, context));
    }
  };
  if (share < 1) await sample(share, step, context, onPage);
  else {
    const place = index === undefined ? {} : { index, consistent: false };
    const filter = patternFilter(where);
    await scanSegments(client, { table, ...place, segments: SEGMENTS, filter, signal, clock }, onPage);
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

/** Says what it would look at; whether that holds is known only when the steps before it have run. */
function planVerify({ where, index, sample: share = 1 }: VerifyStep) {
  const place = index === undefined ? "" : ` in the index ${index}`;
  const part = share < 1 ? `a sample (${share * 100} %) of ` : "";
  const action = `check ${part}the items${place}: ${describePattern(where)}`;
  return Promise.resolve({ action, changes: 0, counts: {} });
}

/** Checks items; changes nothing, so there is nothing to undo. */
export const verifyKind: StepKind<VerifyStep> = {
  run: runVerify,
  plan: planVerify,
  undo: () => Promise.resolve({ outcome: "nothing to undo", counts: {} }),
  refuseToUndo: () => undefined,
};
