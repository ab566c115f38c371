import type { DeclaredCounts } from "../dynamo/item-pattern.ts";
import { MigrationFilesError } from "./errors.ts";
import { loadMigrations, type MigrationsPlace } from "./load-migrations.ts";

/**
 * The marks and counters that the counter steps of a model's migrations declare, applied or not: live
 * writes may keep them already.
 * @throws {MigrationFilesError} where a file does not load, as it might declare more.
 */
export async function readDeclaredCounts(place: MigrationsPlace): Promise<DeclaredCounts> {
  const { migrations, mistakes } = await loadMigrations(place);
  if (mistakes.length > 0) throw new MigrationFilesError(mistakes, []);
  const steps = migrations.flatMap((migration) => migration.steps).filter((step) => step.kind === "counter");
  return {
    marks: steps.map(({ members, mark }) => ({ where: members, attributes: [mark] })),
    counters: steps.map(({ on, attributes }) => ({ where: on, attributes })),
  };
}
