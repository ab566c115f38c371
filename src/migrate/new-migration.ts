import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { UsageError } from "../errors.ts";
import { MigrationFilesError } from "./errors.ts";
import { loadMigrations, type MigrationsPlace } from "./load-migrations.ts";
import { type MigrationKind, migrationTemplate } from "./templates.ts";
import { writeSum } from "./write-sum.ts";

/** A migration that was just written. */
export interface NewMigration {
  readonly id: string;
  /** Relative to the place's root. */
  readonly file: string;
}

const WIDTH = 4;

function nextNumber(ids: readonly string[]): string {
  const numbers = ids.map((id) => /^\d+/.exec(id)?.[0] ?? "");
  const width = Math.max(WIDTH, ...numbers.map((digits) => digits.length));
  const highest = Math.max(0, ...numbers.map(Number));
  return String(highest + 1).padStart(width, "0");
}

/** "Add users by status" becomes add-users-by-status. */
function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  if (slug === "") {
    const next = "Name it in a few words, such as add-users-by-status.";
    throw new UsageError({ message: `"${name}" gives no file name`, next, facts: { name } });
  }
  return slug;
}

/**
 * Writes a migration to be filled in, numbered after the last one, adds it to migrations.sum, and makes sure
 * that it loads and comes last. What it selects matches no item until it is edited.
 * @throws {UsageError} for a name without letters or digits; {@link MigrationFilesError} where the folder
 * has mistakes already.
 */
export async function newMigration(
  place: MigrationsPlace,
  name: string,
  kind: MigrationKind = "backfill",
): Promise<NewMigration> {
  const before = await loadMigrations(place);
  // A sum that is out of date is not renewed by the way: that would vouch for files nobody looked at.
  const mistakes = [...before.mistakes, ...before.sumMistakes];
  if (mistakes.length > 0) throw new MigrationFilesError(mistakes);
  const id = `${nextNumber(before.ids)}-${slugOf(name)}`;
  const { folder, root } = place;
  const path = join(folder, `${id}.ts`);
  await mkdir(folder, { recursive: true });
  // `wx`: a file that somebody else has just written is not overwritten.
  await writeFile(path, migrationTemplate(kind, id, name), { flag: "wx" });
  await writeSum(place);
  const after = await loadMigrations(place);
  if (after.mistakes.length > 0 || after.migrations.at(-1)?.id !== id) {
    throw new MigrationFilesError([...after.mistakes, { file: path, problem: "does not come last" }]);
  }
  return { id, file: relative(root, path) };
}
