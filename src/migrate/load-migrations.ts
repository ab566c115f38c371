import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { z } from "zod";
import { ContentError } from "../project/errors.ts";
import type { Project } from "../project/find-project.ts";
import { importDefault } from "../project/import-content.ts";
import { compareIds } from "./compare-ids.ts";
import type { Migration } from "./definition/migration.ts";
import { type FileMistake, UnknownMigrationError } from "./errors.ts";

/** A migration and the file it stands in. */
export interface LoadedMigration extends Migration {
  /** Relative to the project's folder. */
  readonly file: string;
  /** SHA-256 of the file's text with `\n` line ends. */
  readonly hash: string;
}

/** What a model's migrations folder holds. */
export interface MigrationFolder {
  /** The migrations that load, in the order they run. */
  readonly migrations: readonly LoadedMigration[];
  readonly mistakes: readonly FileMistake[];
  /** Every id that a file's name gives, also where the file does not load. */
  readonly ids: readonly string[];
}

/** Digits first, so that the order of ids is the order of time; then words. */
export const MIGRATION_ID = /^\d+-[a-z0-9]+(-[a-z0-9]+)*$/;

const migrationSchema = z.object({
  id: z.string(),
  description: z.string().min(1),
  steps: z
    .array(
      z.object({
        kind: z.enum(["ensureIndex", "backfill", "counter"]),
        id: z.string().min(1),
        writes: z.array(z.unknown()),
      }),
    )
    .min(1),
});

/** Where a model's migrations are. */
export function migrationsFolder(project: Project, model: string): string {
  return join(project.root, "migrations", model);
}

function hashText(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}

/** What is wrong with an export, or nothing. */
function judgeExport(value: unknown, id: string): string[] {
  const parsed = migrationSchema.safeParse(value);
  if (!parsed.success) {
    return parsed.error.issues.map(
      ({ path, message }) => `${path.join(".") || "default export"}: ${message}`,
    );
  }
  const problems: string[] = [];
  if (parsed.data.id !== id)
    problems.push(`exports the id "${parsed.data.id}", but its file name says "${id}"`);
  const steps = parsed.data.steps.map((step) => step.id);
  const twice = [...new Set(steps.filter((step, index) => steps.indexOf(step) !== index))];
  if (twice.length > 0) problems.push(`has more than one step ${twice.join(", ")}`);
  return problems;
}

/** Ids that more than one file exports. */
function findDuplicates(exported: readonly { file: string; id: string }[]): FileMistake[] {
  return exported.flatMap(({ file, id }) => {
    const others = exported.filter((other) => other.id === id && other.file !== file);
    return others.map((other) => ({ file, problem: `exports the id "${id}", as ${other.file} does` }));
  });
}

async function importMigration(path: string, root: string): Promise<{ value?: unknown; problem?: string }> {
  try {
    return { value: await importDefault(path, root) };
  } catch (error) {
    if (error instanceof ContentError) return { problem: String(error.facts.problem) };
    throw error;
  }
}

const exportedId = (value: unknown) =>
  typeof value === "object" && value !== null && "id" in value && typeof value.id === "string"
    ? value.id
    : undefined;

/** Loads the migrations of a model; every mistake is reported, none is thrown. */
export async function loadMigrations(project: Project, model: string): Promise<MigrationFolder> {
  const folder = migrationsFolder(project, model);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  const ids = files.map((name) => basename(name, ".ts")).sort(compareIds);
  const migrations: LoadedMigration[] = [];
  const mistakes: FileMistake[] = [];
  const exported: { file: string; id: string }[] = [];
  for (const id of ids) {
    const path = join(folder, `${id}.ts`);
    const file = relative(project.root, path);
    if (!MIGRATION_ID.test(id)) {
      mistakes.push({ file, problem: "is not named like a migration, such as 0004-add-something.ts" });
    }
    const { value, problem } = await importMigration(path, project.root);
    const problems = problem === undefined ? judgeExport(value, id) : [problem];
    mistakes.push(...problems.map((text) => ({ file, problem: text })));
    const own = exportedId(value);
    if (own !== undefined) exported.push({ file, id: own });
    if (problems.length === 0) {
      migrations.push({ ...(value as Migration), file, hash: hashText(readFileSync(path, "utf8")) });
    }
  }
  mistakes.push(...findDuplicates(exported));
  return { migrations, mistakes, ids };
}

/** @throws {UnknownMigrationError} where no migration has this id. */
export function assertKnown(id: string, known: readonly string[]): void {
  if (!known.includes(id)) throw new UnknownMigrationError(id, known);
}
