import type { Sender } from "../../dynamo/describe.ts";
import type { ScriptCounts, ScriptStep } from "../definition/script.ts";
import { InvalidCountsError } from "../errors.ts";
import type { StepContext, StepResult } from "./step-context.ts";
import type { StepKind } from "./step-kind.ts";

/** The same client, which sends nothing more once the run is stopped or has lost the lock. */
function stoppable(client: Sender, signal: AbortSignal): Sender {
  const send = (command: never, options?: object) => {
    signal.throwIfAborted();
    return client.send(command, { abortSignal: signal, ...options });
  };
  return { send: send as Sender["send"] };
}

/** Counts stand in the ledger, so they must be numbers. */
function assertCounts(step: ScriptStep, given: unknown): ScriptCounts {
  const counts = given ?? {};
  const sound = typeof counts === "object" && Object.values(counts).every((count) => Number.isFinite(count));
  if (!sound) throw new InvalidCountsError(step.id);
  return counts as ScriptCounts;
}

async function call(
  work: ScriptStep["run"],
  step: ScriptStep,
  context: StepContext,
  outcome: string,
): Promise<StepResult> {
  // A script is idempotent, so it can be left anywhere.
  const { client, table, log, notes, stopping: signal = new AbortController().signal } = context;
  const { remember, forget } = context;
  const given = await work({
    client: stoppable(client, signal),
    table,
    signal,
    log,
    notes,
    remember,
    forget,
  });
  // A script that caught the signal's reason has not run to its end.
  signal.throwIfAborted();
  return { outcome, counts: assertCounts(step, given) };
}

/** Runs code of the migration's own. */
export const scriptKind: StepKind<ScriptStep> = {
  run: (step, context) => call(step.run, step, context, "run"),
  plan: async ({ id }, _context, table) => {
    table.blindFrom(id);
    const action = "run a script: what it would do cannot be planned";
    return { action, unplanned: true, changes: 0, counts: {} };
  },
  planUndo: async ({ id }, _context, table) => {
    table.blindFrom(id);
    const action = "run the script's undo: what it would do cannot be planned";
    return { action, unplanned: true, changes: 0, counts: {} };
  },
  undo: (step, context) =>
    step.undo
      ? call(step.undo, step, context, "undone")
      : Promise.reject(new TypeError(`${step.id} has no undo`)),
  refuseToUndo: (step) =>
    step.undo ? undefined : "it is a script, and its file does not say how to undo it",
};
