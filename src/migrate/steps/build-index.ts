import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { timeText } from "../../dynamo/clock.ts";
import { describeTable } from "../../dynamo/describe.ts";
import { NotShownError } from "../../dynamo/errors.ts";
import { updateTable } from "../../dynamo/update-table.ts";
import {
  findUnready,
  probeIndex,
  type Verdict,
  waitUntilIndexGone,
  waitUntilTable,
} from "../../dynamo/waits.ts";
import { NotYetError } from "../errors.ts";
import { createRequest, judgeIndex, type NamedIndex } from "./index-request.ts";
import { entryOf, isThere, NOTE_ENTRIES, StageNotes, stageOf } from "./index-stage.ts";
import type { StepContext } from "./step-context.ts";
import { orNotYet, waitOptions } from "./wait-in-step.ts";

/**
 * Noted down before an index is asked for, so that a run after a crash knows whose it is; taken back once it is
 * known that nothing came of it. While the fate is unknown, an index that is there is taken for ours.
 */
export const NOTE_CREATING = "creating";

/** What DynamoDB says while another change of the table, or of one of its indexes, is under way. */
const BUSY = ["ResourceInUseException", "LimitExceededException"];

const READY: Verdict = { state: "ready" };

/**
 * Looks at a table before an index is asked for, and may refuse by throwing.
 * @returns the entries that the index will have, for "n %"
 */
export type LookFirst = (description: TableDescription) => Promise<number>;

/** The work on one index of a table, within the time that the step may wait. */
class IndexWork {
  readonly target: NamedIndex;
  readonly context: StepContext;
  readonly stages: StageNotes;
  readonly #until: number;
  /** Since when DynamoDB has refused, as if something were under way, and nothing shows. */
  #busySince: number | undefined;
  /** The entries that the index will have; undefined where nobody looked. */
  expected: number | undefined;

  constructor(target: NamedIndex, context: StepContext) {
    this.target = target;
    this.context = context;
    this.stages = new StageNotes(target.index, context);
    const noted = context.notes[NOTE_ENTRIES];
    this.expected = noted === undefined ? undefined : Number(noted);
    this.#until = context.clock.now() + context.waitMs;
  }

  get left(): number {
    return Math.max(0, this.#until - this.context.clock.now());
  }

  /** Waits for what the step itself may wait for. @param waitMs default: what is left of its time */
  until(
    judge: (description: TableDescription) => Verdict | Promise<Verdict>,
    waitMs = this.left,
  ): Promise<TableDescription> {
    const { client, table } = this.context;
    return orNotYet(waitUntilTable(client, table, judge, waitOptions({ ...this.context, waitMs })));
  }

  /**
   * Whether DynamoDB refused because something else is under way, so that it is worth asking again: that need
   * not show in the table's description at once.
   */
  async mustWait(error: unknown): Promise<boolean> {
    const { client, table, signal, pollMs, graceMs, clock } = this.context;
    if (!(error instanceof Error && BUSY.includes(error.name))) return false;
    this.#busySince ??= clock.now();
    const now = await describeTable(client, table, signal);
    if (!now) return false;
    if (findUnready(now)) this.#busySince = clock.now();
    else if (clock.now() - this.#busySince > graceMs) return false;
    if (this.left === 0) throw new NotYetError(`table ${table}`, "busy with another change", error);
    await clock.sleep(pollMs, signal);
    return true;
  }
}

/** Waits until the index is there, or else until nothing is under way: one at a time is made or dropped. */
function waitForTurn(work: IndexWork): Promise<TableDescription> {
  const { target, stages } = work;
  return work.until(async (description) => {
    if (isThere(description, target.index)) return READY;
    const unready = findUnready(description);
    if (!unready) return READY;
    await stages.note("queued", `, as ${unready.what} is ${unready.status}: one change at a time`);
    return { state: "changing", ...unready };
  });
}

/** Whether the index shows in the table's description within the time of grace. */
async function shows({ context, target }: IndexWork): Promise<boolean> {
  const { client, table } = context;
  const absent = { what: `index ${target.index} of ${table}`, status: "absent" };
  const judge = (description: TableDescription): Verdict =>
    isThere(description, target.index) ? READY : { state: "unseen", ...absent };
  try {
    const options = waitOptions({ ...context, waitMs: Number.POSITIVE_INFINITY });
    await waitUntilTable(client, table, judge, options);
    return true;
  } catch (error) {
    if (error instanceof NotShownError) return false;
    throw error;
  }
}

/**
 * Asks for the index, and says whether the one that is there now is ours; where it is not, somebody made it
 * at the same moment.
 */
async function askForIndex(work: IndexWork, lookFirst: LookFirst | undefined): Promise<boolean> {
  const { context, target, stages } = work;
  const { client, table, signal } = context;
  let description = await waitForTurn(work);
  if (judgeIndex(description, target) === "equal") return context.notes[NOTE_CREATING] !== undefined;
  if (lookFirst) {
    work.expected = await lookFirst(description);
    await context.remember(NOTE_ENTRIES, String(work.expected));
  }
  for (;;) {
    await context.remember(NOTE_CREATING, timeText(context.clock));
    const fate = await updateTable(client, createRequest(description, target), signal);
    if (fate.kind === "accepted" || (fate.kind === "unknown" && (await shows(work)))) {
      await stages.note("requested");
      return true;
    }
    await context.forget(NOTE_CREATING);
    const now = await describeTable(client, table, signal);
    if (now && judgeIndex(now, target) === "equal") return false;
    if (!(await work.mustWait(fate.error))) throw fate.error;
    description = await waitForTurn(work);
    if (judgeIndex(description, target) === "equal") return false;
  }
}

/** Waits until the index is there and filled, and notes down how far it has come. */
async function waitUntilBuilt({ context, target, stages, left, expected }: IndexWork): Promise<void> {
  const { client, table, detach } = context;
  const { index } = target;
  const what = `index ${index} of ${table}`;
  const judge = async (description: TableDescription): Promise<Verdict> => {
    if (!isThere(description, index)) return { state: "unseen", what, status: "absent" };
    // Not TableStatus: it may be ACTIVE while the index is still CREATING (aws-cli#3399).
    const stage = stageOf(description, index, expected);
    await stages.note(stage);
    return stage === "active" ? READY : { state: "changing", what, status: stage };
  };
  const options = waitOptions({ ...context, waitMs: detach ? 0 : left });
  const how = () => ({ what, status: stages.latest ?? "requested" });
  await orNotYet(waitUntilTable(client, table, judge, options), how);
}

/**
 * Makes an index, or goes on with one that an earlier run asked for, or adopts one that is there and equal; and
 * returns when it answers a Query. Says whether this step made it.
 * @throws {IndexDriftError} where one of that name is there and different; {@link NotYetError} where it takes
 * longer than the step may wait.
 */
export async function buildIndex(
  target: NamedIndex,
  context: StepContext,
  lookFirst?: LookFirst,
): Promise<boolean> {
  const work = new IndexWork(target, context);
  const ours = await askForIndex(work, lookFirst);
  await waitUntilBuilt(work);
  const { index: name, design } = target;
  const { client, table } = context;
  await probeIndex(client, table, { name, partitionKey: design.partitionKey }, waitOptions(context));
  await work.stages.note("probed");
  return ours;
}

/** Whether an index was asked for and shows, at once or within the time of grace. */
export function indexShows(target: NamedIndex, context: StepContext): Promise<boolean> {
  return shows(new IndexWork(target, context));
}

/**
 * Waits until DynamoDB takes the deletion of the index: one that is being created only once it is being filled
 * (API_GlobalSecondaryIndexDescription, "Backfilling"), and while nothing else is under way.
 */
function waitUntilDroppable(work: IndexWork): Promise<TableDescription> {
  const { index } = work.target;
  return work.until((description) => {
    const entry = entryOf(description, index);
    if (!entry || entry.IndexStatus === "DELETING") return READY;
    const { GlobalSecondaryIndexes: indexes = [] } = description;
    const rest = entry.Backfilling ? indexes.filter((other) => other !== entry) : indexes;
    const unready = findUnready({ ...description, GlobalSecondaryIndexes: rest });
    return unready ? { state: "changing", ...unready } : READY;
  });
}

/**
 * Drops an index, also one that is still being created, and returns when it is gone.
 * @throws {NotYetError} where that takes longer than the step may wait.
 */
export async function dropIndexNow(target: NamedIndex, context: StepContext): Promise<void> {
  const { client, table, signal } = context;
  const { index } = target;
  const work = new IndexWork(target, context);
  const GlobalSecondaryIndexUpdates = [{ Delete: { IndexName: index } }];
  let lost: unknown;
  for (;;) {
    const description = await waitUntilDroppable(work);
    if (!isThere(description, index)) break;
    judgeIndex(description, target);
    const fate = await updateTable(client, { TableName: table, GlobalSecondaryIndexUpdates }, signal);
    if (fate.kind === "unknown") lost = fate.error;
    if (fate.kind !== "refused") break;
    if (!(await work.mustWait(fate.error))) throw fate.error;
  }
  try {
    const options = waitOptions({ ...context, waitMs: work.left });
    await orNotYet(waitUntilIndexGone(client, table, index, options));
  } catch (error) {
    throw lost !== undefined && error instanceof NotShownError ? lost : error;
  }
}
