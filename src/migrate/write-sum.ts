import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Project } from "../project/find-project.ts";
import { MigrationFilesError } from "./errors.ts";
import { formatSum } from "./identity/migrations-sum.ts";
import { readMigrationFiles, sumPath } from "./load-migrations.ts";

/** A migrations.sum that was just written. */
export interface WrittenSum {
  /** Relative to the project's folder. */
  readonly file: string;
  readonly migrations: number;
}

/**
 * Writes a model's migrations.sum anew: says that the files are meant as they are.
 * @throws {MigrationFilesError} where they have mistakes; then nothing was written.
 */
export async function writeSum(project: Project, model: string): Promise<WrittenSum> {
  const { migrations, mistakes } = await readMigrationFiles(project, model);
  if (mistakes.length > 0) throw new MigrationFilesError(mistakes);
  const path = sumPath(project, model);
  writeFileSync(path, formatSum(migrations));
  return { file: relative(project.root, path), migrations: migrations.length };
}
