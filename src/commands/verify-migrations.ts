import type { MigrationPlan } from "../migrate/index.ts";
import type { ModelResult } from "../verify/report.ts";
import type { Verdict } from "../verify/verdict.ts";
import type { CommandContext } from "./context.ts";
import { isRedacted } from "./options.ts";

/** What of a plan that goes over all migrations, the applied ones too, would change something. */
function changesOf({ planned, pending }: MigrationPlan): string[] {
  const steps = planned.flatMap(({ id, steps }) =>
    steps
      .filter(({ changes }) => changes > 0)
      .map((step) => `${id}, step ${step.id}: ${step.action} (${step.changes} to change)`),
  );
  return pending > 0 && steps.length > 0
    ? [...steps, `${pending} of them pending: tablewright migrate up`]
    : steps;
}

/**
 * Judges that running the migrations again would change nothing: the plan of all of them, made by their real steps on
 * the table as it is, must match no item and no index.
 */
export async function judgeMigrationsAgain(context: CommandContext): Promise<ModelResult> {
  const { openMigrator } = await import("./migrate/open-migrator.ts");
  const { judgeModel } = await import("../verify/model/model-result.ts");
  const { fail, PASS } = await import("../verify/verdict.ts");
  const topic = {
    id: "migrations-again",
    kind: "invariant",
    title: "Running the migrations again changes nothing",
  } as const;
  const judge = async (): Promise<Verdict | { status: "notRun"; lines: string[] }> => {
    const migrator = await openMigrator(context);
    const plan = await migrator.plan({ includeApplied: true, thorough: true }).result;
    if (plan.planned.length === 0) return { status: "notRun", lines: ["the model has no migrations"] };
    const lines = [...plan.mistakes.map(({ file, problem }) => `${file}: ${problem}`), ...changesOf(plan)];
    return lines.length === 0 ? PASS : fail(...lines);
  };
  const { options, signal } = context;
  return judgeModel(topic, { redact: isRedacted(options), signal }, judge);
}
