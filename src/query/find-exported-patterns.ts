import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ContentError } from "../project/errors.ts";
import type { Project } from "../project/find-project.ts";
import { importExports } from "../project/import-content.ts";
import type { AnyAccessPattern } from "./access-pattern.ts";

/** A pattern that a module of a model's folder exports. */
export interface ExportedPattern {
  /** Relative to the project. */
  readonly file: string;
  readonly pattern: AnyAccessPattern;
}

/** All that the modules of a model's folder export, and the modules that could not be looked at. */
export interface ExportedPatterns {
  readonly patterns: readonly ExportedPattern[];
  readonly problems: readonly { readonly file: string; readonly problem: string }[];
}

/** Whether a value is meant to be an access pattern: right or wrong in its details. */
function looksLikePattern(value: unknown): value is AnyAccessPattern {
  if (typeof value !== "object" || value === null) return false;
  const { id, kind, operations, run, input } = value as Record<string, unknown>;
  return (
    typeof id === "string" &&
    (kind === "read" || kind === "write") &&
    Array.isArray(operations) &&
    typeof run === "function" &&
    typeof input === "object"
  );
}

const isModule = (name: string) =>
  /\.[mc]?[jt]s$/.test(name) && !/\.(d|test|spec)\.[mc]?ts$/.test(name) && name !== "index.ts";

/**
 * Looks for access patterns among all that the modules of queries/<model> export, whether they are listed or not. Each
 * module is imported; sub-folders, such as that of the oracles, are not looked into.
 */
export async function findExportedPatterns(project: Project, model: string): Promise<ExportedPatterns> {
  const folder = join("queries", model);
  const patterns: ExportedPattern[] = [];
  const problems: { file: string; problem: string }[] = [];
  if (!existsSync(join(project.root, folder))) return { patterns, problems };
  const files = readdirSync(join(project.root, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile() && isModule(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
  for (const file of files) {
    try {
      const exported = await importExports(join(project.root, file), project.root);
      const found = [...new Set(Object.values(exported).filter(looksLikePattern))];
      patterns.push(...found.map((pattern) => ({ file, pattern })));
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      // A compiler's own words go on for many lines.
      const [problem = ""] = error.message.slice(file.length + 2).split("\n");
      problems.push({ file, problem });
    }
  }
  return { patterns, problems };
}
