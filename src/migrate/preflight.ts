import type { History } from "../ledger/index.ts";
import { type MigrationEnvironment, type OpenTable, stepEnvironment } from "./environment.ts";
import { type FileMistake, MigrationFilesError } from "./errors.ts";
import type { LoadedMigration } from "./load-migrations.ts";
import { kindOf } from "./steps/index.ts";

/**
 * Looks for what would make the steps of migrations fail, by reading alone.
 * @throws {MigrationFilesError} with every mistake that shows.
 */
export async function preflight(
  environment: MigrationEnvironment,
  open: OpenTable,
  queue: readonly LoadedMigration[],
  { steps: past }: Pick<History, "steps">,
): Promise<void> {
  const context = { ...stepEnvironment(environment, open), signal: environment.signal };
  const mistakes: FileMistake[] = [];
  const given = new Set<string>();
  for (const { id, file, steps } of queue) {
    for (const step of steps) {
      const isApplied = past.some(
        (record) => record.migration === id && record.step === step.id && record.state === "applied",
      );
      if (isApplied) continue;
      const problems = (await kindOf(step).preflight?.(step, context, given)) ?? [];
      mistakes.push(...problems.map((problem) => ({ file, problem: `step ${step.id}: ${problem}` })));
      for (const { attributes } of step.writes) for (const name of attributes) given.add(name);
    }
  }
  if (mistakes.length > 0) throw new MigrationFilesError(mistakes);
}
