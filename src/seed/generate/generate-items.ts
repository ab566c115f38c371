import { join } from "node:path";
import { ContentError } from "../../project/errors.ts";
import type { Project } from "../../project/find-project.ts";
import { importContent } from "../../project/import-content.ts";

/** What `seed generate` makes when nothing else is said: about a thousand items of Quick Photos. */
export const DEFAULT_GENERATE_OPTIONS = { users: 54, seed: 1 } as const;

/** How much is made, and which; beside these the options that the model's generator declares. */
export interface GenerateOptions {
  readonly users: number;
  /** The same seed makes the same bytes. */
  readonly seed: number;
  /** Whole numbers, not negative, by option name; undefined where the command line does not say. */
  readonly [option: string]: number | undefined;
}

/** What seeds/<model>/generate.ts exports by default: plain items in a fixed order, one after the other. */
export type ItemGenerator = (options: GenerateOptions) => Iterable<object>;

/** A model's generator, as its file exports it. */
export interface ModelGenerator {
  /** @throws {RangeError} where the options ask for what it cannot make. */
  readonly generate: ItemGenerator;
  /** What it can be told besides `users` and `seed`: option names, with what `--help` says of each. */
  readonly options: Readonly<Record<string, string>>;
}

/** What is wrong with the option names that a generator declares; undefined where nothing is. */
function optionsProblem(options: unknown): string | undefined {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return "its export `options` is no object of option names and descriptions";
  }
  const wrong = Object.entries(options)
    .filter(([name, describe]) => !/^[a-z][a-z0-9-]*$/.test(name) || typeof describe !== "string")
    .map(([name]) => name);
  if (wrong.length === 0) return undefined;
  return `its export \`options\` has no small-letter names with descriptions at: ${wrong.join(", ")}`;
}

/**
 * Loads a model's generator: the default export of seeds/<model>/generate.ts, and its export `options`,
 * where there is one.
 * @throws {ContentError} when there is none, it is no function, or its options are not as they must be.
 */
export async function importGenerator(project: Project, model: string): Promise<ModelGenerator> {
  const name = `seeds/${model}/generate.ts`;
  const { default: generate, options = {} } = await importContent(join(project.root, name), project.root);
  if (typeof generate !== "function") {
    const next = "Export a function ({users, seed}) => Iterable of plain items.";
    throw new ContentError(name, "its default export is no function", next);
  }
  const problem = optionsProblem(options);
  if (problem) throw new ContentError(name, problem, 'Write it like { photos: "how many photos in all" }.');
  return { generate: generate as ItemGenerator, options: options as ModelGenerator["options"] };
}
