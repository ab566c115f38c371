import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { MigrationFilesError } from "./errors.ts";
import { formatSum } from "./identity/migrations-sum.ts";
import { type MigrationsPlace, readMigrationFiles, sumPath } from "./load-migrations.ts";

/** A migrations.sum that was just written. */
export interface WrittenSum {
  /** Relative to the place's root. */
  readonly file: string;
  readonly migrations: number;
}

/**
 * Writes a model's migrations.sum anew: says that the files are meant as they are.
 * @throws {MigrationFilesError} where they have mistakes; then nothing was written.
 */
export async function writeSum(place: MigrationsPlace): Promise<WrittenSum> {
  const { migrations, mistakes } = await readMigrationFiles(place);
  if (mistakes.length > 0) throw new MigrationFilesError(mistakes);
  const path = sumPath(place);
  writeFileSync(path, formatSum(migrations));
  return { file: relative(place.root, path), migrations: migrations.length };
}
