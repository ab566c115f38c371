import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { ContentError } from "../project/errors.ts";
import type { Project } from "../project/find-project.ts";
import { importDefault } from "../project/import-content.ts";
import { compareIds } from "./compare-ids.ts";
import type { Migration } from "./definition/migration.ts";
import { migrationSchema } from "./definition/step-schemas.ts";
import { type FileMistake, UnknownMigrationError } from "./errors.ts";
import { judgeSum, SUM_FILE } from "./identity/migrations-sum.ts";
import { printCode } from "./identity/print-code.ts";
import { type Fingerprint, fingerprint } from "./identity/semantic-hash.ts";

/** A migration and the file it stands in. */
export interface LoadedMigration extends Migration, Fingerprint {
  /** Relative to the root of {@link MigrationsPlace}. */
  readonly file: string;
}

/** What a model's migrations folder holds. */
export interface MigrationFolder {
  /** The migrations that load, in the order they run. */
  readonly migrations: readonly LoadedMigration[];
  readonly mistakes: readonly FileMistake[];
  /** In what migrations.sum differs from the files; not judged while a file is wrong. */
  readonly sumMistakes: readonly FileMistake[];
  /** Every id that a file's name gives, also where the file does not load. */
  readonly ids: readonly string[];
}

/** Digits first, so that the order of ids is the order of time; then words. */
export const MIGRATION_ID = /^\d+-[a-z0-9]+(-[a-z0-9]+)*$/;

/** Where migrations are; both absolute. */
export interface MigrationsPlace {
  /** The folder that holds their files, and migrations.sum. */
  readonly folder: string;
  /** Messages name files relative to it. */
  readonly root: string;
}

/** Where a project has a model's migrations. */
export function migrationsOf({ root }: Pick<Project, "root">, model: string): MigrationsPlace {
  return { folder: join(root, "migrations", model), root };
}

/** Where the sum of migrations is. */
export const sumPath = ({ folder }: MigrationsPlace): string => join(folder, SUM_FILE);

const exportedId = (value: unknown) =>
  typeof value === "object" && value !== null && "id" in value && typeof value.id === "string"
    ? value.id
    : undefined;

/** The ids of an export's steps, as far as it has any. */
function stepIds(value: unknown): string[] {
  const steps = typeof value === "object" && value !== null && "steps" in value ? value.steps : undefined;
  return Array.isArray(steps) ? steps.map((step) => step?.id).filter((id) => typeof id === "string") : [];
}

/** What is wrong with an export, or nothing. */
function judgeExport(value: unknown, id: string): string[] {
  const problems = (migrationSchema.safeParse(value).error?.issues ?? []).map(
    ({ path, message }) => `${path.join(".") || "default export"}: ${message}`,
  );
  const exported = exportedId(value);
  if (exported !== undefined && exported !== id)
    problems.push(`exports the id "${exported}", but its file name says "${id}"`);
  const ids = stepIds(value);
  const twice = [...new Set(ids.filter((step, index) => ids.indexOf(step) !== index))];
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

/** What a migration imports that may change under it: its hash would not tell. */
function judgeImports(imports: readonly string[]): string[] {
  return imports
    .filter((path) => path.startsWith(".") || path.startsWith("/"))
    .map(
      (path) => `imports ${path}: a migration is frozen in time, so it carries what it needs in its own file`,
    );
}

/** A migration's file as it was read, and what is wrong with it. */
interface ReadFile {
  readonly file: string;
  readonly problems: readonly string[];
  readonly exported?: string | undefined;
  readonly migration?: LoadedMigration;
}

async function readMigration(path: string, root: string): Promise<ReadFile> {
  const file = relative(root, path);
  const id = basename(path, ".ts");
  const named = MIGRATION_ID.test(id) ? [] : ["is not named like a migration, such as 0004-add-something.ts"];
  const { value, problem } = await importMigration(path, root);
  if (problem !== undefined) return { file, problems: [...named, problem] };
  const text = readFileSync(path, "utf8");
  const { code, imports } = await printCode(path, text);
  const problems = [...named, ...judgeImports(imports), ...judgeExport(value, id)];
  const exported = exportedId(value);
  if (problems.length > 0) return { file, problems, exported };
  return {
    file,
    problems,
    exported,
    migration: { ...(value as Migration), file, ...fingerprint(text, code) },
  };
}

/** Reads the files of migrations; every mistake is reported, none is thrown. */
export async function readMigrationFiles({
  folder,
  root,
}: MigrationsPlace): Promise<Omit<MigrationFolder, "sumMistakes">> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  const ids = files.map((name) => basename(name, ".ts")).sort(compareIds);
  const read = await Promise.all(ids.map((id) => readMigration(join(folder, `${id}.ts`), root)));
  const exported = read.flatMap(({ file, exported: id }) => (id === undefined ? [] : [{ file, id }]));
  return {
    ids,
    migrations: read.flatMap(({ migration }) => migration ?? []),
    mistakes: [
      ...read.flatMap(({ file, problems }) => problems.map((problem) => ({ file, problem }))),
      ...findDuplicates(exported),
    ],
  };
}

/** Loads migrations and holds them against its migrations.sum; no mistake is thrown. */
export async function loadMigrations(place: MigrationsPlace): Promise<MigrationFolder> {
  const folder = await readMigrationFiles(place);
  if (folder.mistakes.length > 0) return { ...folder, sumMistakes: [] };
  const path = sumPath(place);
  const text = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  return { ...folder, sumMistakes: judgeSum(relative(place.root, path), text, folder.migrations) };
}

/** @throws {UnknownMigrationError} where no migration has this id. */
export function assertKnown(id: string, known: readonly string[]): void {
  if (!known.includes(id)) throw new UnknownMigrationError(id, known);
}
