import { timeText } from "../../dynamo/clock.ts";
import { NotShownError } from "../../dynamo/errors.ts";
import { sendChange, type TableChange } from "../../dynamo/update-table.ts";
import { type Look, waitUntil } from "../../dynamo/wait-until.ts";
import type { MigrationStep } from "../definition/migration.ts";
import { NotYetError, SettingDriftError } from "../errors.ts";
import type { FoundPlan, PlanContext, StepContext, StepResult } from "./step-context.ts";
import type { StepKind, StepPast } from "./step-kind.ts";
import { orNotYet, waitOptions } from "./wait-in-step.ts";

/** How a table stands by a setting. */
export type SettingState =
  | { readonly state: "off" }
  /** On as wanted. */
  | { readonly state: "on" }
  /** On otherwise than wanted. */
  | { readonly state: "other"; readonly found: string }
  /** Being turned off: it cannot be turned on again before that is done. */
  | { readonly state: "goingOff"; readonly status: string }
  /** The table changes, and takes no other change before that is done. */
  | { readonly state: "changing"; readonly status: string };

/** A setting of a table that is on or off. */
export interface Setting {
  /** In words, such as "TTL by expiresAt". */
  readonly name: string;
  look(context: Pick<StepContext, "client" | "table" | "signal">): Promise<SettingState>;
  /** The request that turns it on, or off. */
  turn(on: boolean, table: string): TableChange;
  /** Whether DynamoDB refused only because it was changed a short while ago. */
  isTooSoon?(error: unknown): boolean;
}

/**
 * Noted down before the setting is turned on, so that a run after a crash knows who did it; taken back once it
 * is known that nothing came of it.
 */
const NOTE_ASKED = "turning on";

type Settled = Exclude<SettingState, { state: "changing" | "goingOff" }>;

/** What a look is to settle: a setting that was asked to leave a state need not show it at once. */
interface Goal {
  readonly leaving?: "on" | "off";
  /** Being turned off is as good as off. */
  readonly goingOffIsOff?: boolean;
}

/** Looks until the setting is not on its way any more, and has left the state that it is to leave. */
function settle(setting: Setting, context: StepContext, goal: Goal = {}): Promise<Settled> {
  const what = `${setting.name} of ${context.table}`;
  const look = async (): Promise<Look<Settled>> => {
    const seen = await setting.look(context);
    if (seen.state === "goingOff") {
      const { status } = seen;
      return goal.goingOffIsOff
        ? { state: "ready", value: { state: "off" } }
        : { state: "changing", what, status };
    }
    if (seen.state === "changing") return { state: "changing", what, status: seen.status };
    if (seen.state === goal.leaving) return { state: "unseen", what, status: seen.state };
    return { state: "ready", value: seen };
  };
  return orNotYet(waitUntil(look, waitOptions(context)));
}

/** @returns undefined where what was asked for does not show in the time of grace */
async function settleIfShown(
  setting: Setting,
  context: StepContext,
  goal: Goal,
): Promise<Settled | undefined> {
  try {
    return await settle(setting, context, goal);
  } catch (error) {
    if (error instanceof NotShownError) return undefined;
    throw error;
  }
}

function explainRefusal(setting: Setting, table: string, error: unknown): unknown {
  return setting.isTooSoon?.(error)
    ? new NotYetError(
        `${setting.name} of ${table}`,
        "to be changed later, as it was changed a short while ago",
        error,
      )
    : error;
}

function assertNotOther(setting: Setting, table: string, found: SettingState): void {
  if (found.state === "other") throw new SettingDriftError(table, setting.name, found.found);
}

/** Turns the setting on, and says whether that was this step; it was not where somebody did at the same moment. */
async function turnOn(setting: Setting, context: StepContext): Promise<boolean> {
  const { client, table, signal } = context;
  const goal = { leaving: "off" } as const;
  await context.remember(NOTE_ASKED, timeText(context.clock));
  const fate = await sendChange(client, setting.turn(true, table), signal);
  if (fate.kind === "accepted") {
    await settle(setting, context, goal);
    return true;
  }
  if (fate.kind === "unknown" && (await settleIfShown(setting, context, goal))?.state === "on") return true;
  await context.forget(NOTE_ASKED);
  const now = await settle(setting, context);
  assertNotOther(setting, table, now);
  if (now.state === "off") throw explainRefusal(setting, table, fate.error);
  return false;
}

async function run(setting: Setting, context: StepContext): Promise<StepResult> {
  const found = await settle(setting, context);
  assertNotOther(setting, context.table, found);
  const ours =
    found.state === "on" ? context.notes[NOTE_ASKED] !== undefined : await turnOn(setting, context);
  return { outcome: ours ? "turned on" : "adopted", counts: {} };
}

async function plan(setting: Setting, context: PlanContext): Promise<FoundPlan> {
  const found = await setting.look(context);
  assertNotOther(setting, context.table, found);
  return found.state === "on"
    ? { action: `adopt ${setting.name} as it is`, changes: 0, counts: {} }
    : { action: `turn ${setting.name} on`, changes: 1, counts: {} };
}

async function undo(setting: Setting, context: StepContext): Promise<StepResult> {
  const { client, table, signal, notes } = context;
  if (notes[NOTE_ASKED] === undefined) return { outcome: "left as it was found", counts: {} };
  // What a run that was cut off had asked for may show only now.
  const found = await settleIfShown(setting, context, { leaving: "off", goingOffIsOff: true });
  if (found) assertNotOther(setting, table, found);
  if (found?.state !== "on") return { outcome: "already off", counts: {} };
  const fate = await sendChange(client, setting.turn(false, table), signal);
  if (fate.kind === "refused") throw explainRefusal(setting, table, fate.error);
  const goal = { leaving: "on", goingOffIsOff: true } as const;
  if (fate.kind === "accepted") await settle(setting, context, goal);
  else if (!(await settleIfShown(setting, context, goal))) throw fate.error;
  return { outcome: "turned off", counts: {} };
}

async function planUndo(setting: Setting, context: PlanContext, { notes }: StepPast): Promise<FoundPlan> {
  const { name } = setting;
  if (notes[NOTE_ASKED] === undefined)
    return { action: `leave ${name} as it was found`, changes: 0, counts: {} };
  const found = await setting.look(context);
  assertNotOther(setting, context.table, found);
  const isOn = found.state === "on";
  return { action: isOn ? `turn ${name} off` : `nothing: ${name} is off`, changes: isOn ? 1 : 0, counts: {} };
}

/** A kind of step that turns a setting on: off, it is turned on; on as wanted, it is adopted; else it is drift. */
export function settingKind<Step extends MigrationStep>(settingOf: (step: Step) => Setting): StepKind<Step> {
  return {
    run: (step, context) => run(settingOf(step), context),
    plan: (step, context) => plan(settingOf(step), context),
    undo: (step, context) => undo(settingOf(step), context),
    planUndo: (step, context, _table, past) => planUndo(settingOf(step), context, past),
    refuseToUndo: () => undefined,
  };
}
