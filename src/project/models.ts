import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { ContentError, ModelNotFoundError } from "./errors.ts";
import type { Project } from "./find-project.ts";
import { importDefault } from "./import-content.ts";
import type { StackSettings } from "./stack-settings.ts";

/** The models of a project: one file each in infra/tables. */
export function listModels(project: Project): string[] {
  const folder = join(project.root, "infra", "tables");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^[a-z0-9][\w.-]*\.ts$/i.test(name) && !name.endsWith(".d.ts"))
    .map((name) => basename(name, ".ts"))
    .sort();
}

/** The models of a project by the physical names of their tables in a stack. */
export function modelsByTable(project: Project, settings: StackSettings): ReadonlyMap<string, string> {
  return new Map(listModels(project).map((model) => [settings.tableName(model), model]));
}

/** @throws {ModelNotFoundError} when the project has no model of that name. */
export function requireModel(project: Project, model: string): void {
  const known = listModels(project);
  if (!known.includes(model)) throw new ModelNotFoundError(model, known);
}

/**
 * Loads what infra/tables/<model>.ts exports by default.
 * @throws {ModelNotFoundError} when there is no such file; {@link ContentError} when it exports no design of that name.
 */
export async function importTableDesign(project: Project, model: string): Promise<unknown> {
  requireModel(project, model);
  const design = await importDefault(join(project.root, "infra", "tables", `${model}.ts`), project.root);
  const named = typeof design === "object" && design !== null && "model" in design ? design.model : undefined;
  if (named !== model) {
    const problem = `exports the model ${JSON.stringify(named)}, but its file name says "${model}"`;
    throw new ContentError(`infra/tables/${model}.ts`, problem, "Make the two names equal.");
  }
  return design;
}
