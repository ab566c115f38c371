import { join } from "node:path";
import { z } from "zod";
import { ContentError } from "../project/errors.ts";
import type { Project } from "../project/find-project.ts";
import { importDefault } from "../project/import-content.ts";
import { importTableDesign } from "../project/models.ts";
import type { AnyAccessPattern, QuerySet } from "./access-pattern.ts";
import { problemsOf } from "./parse-item.ts";
import { optionsOf } from "./pattern-options.ts";
import { RESERVED_OPTION_NAMES } from "./reserved-option-names.ts";

const words = z.string().min(1);
// The schema may come from another copy of zod, so it is known by what it can do.
const isObjectSchema = (value: unknown) =>
  typeof value === "object" && value !== null && "safeParse" in value && "shape" in value;
const isFunction = (value: unknown) => typeof value === "function";

const querySetShape = z.object({
  model: z.string(),
  patterns: z
    .array(
      z.object({
        id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be kebab case, such as find-followers"),
        title: words,
        description: words,
        kind: z.enum(["read", "write"]),
        index: words.optional(),
        operations: z.array(words).min(1),
        allows: z.array(z.enum(["scan", "filter"])).optional(),
        budget: z
          .strictObject({ requests: z.int().min(1), readUnits: z.number().positive().optional() })
          .optional(),
        growth: z.enum(["constant", "page", "linear"]).optional(),
        keyCondition: words,
        input: z.custom(isObjectSchema, "must be a zod object"),
        params: z.custom(isFunction, "must be a function"),
        run: z.custom(isFunction, "must be a function"),
        text: z.custom(isFunction, "must be a function"),
      }),
    )
    .min(1, "must hold at least one access pattern"),
});

function duplicates(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/** An update may claim `set` for attributes and `unset` for a list of names; every other form is refused. */
function claimProblems(pattern: AnyAccessPattern): string[] {
  return optionsOf(pattern).flatMap(({ name, kind }) => {
    const open = (name === "set" && kind === "attributes") || (name === "unset" && kind === "list");
    if (!RESERVED_OPTION_NAMES.includes(name) || open) return [];
    return [`pattern ${pattern.id}: its input claims --${name}, which belongs to the command line`];
  });
}

function setProblems(set: QuerySet, model: string, indexes: readonly string[]): string[] {
  const { patterns } = set;
  const named = set.model === model ? [] : [`model: is "${set.model}", but its folder says "${model}"`];
  const twice = duplicates(patterns.map(({ id }) => id)).map((id) => `pattern ${id}: stands twice`);
  const unknownIndexes = patterns
    .filter(({ index }) => index !== undefined && !indexes.includes(index))
    .map(
      ({ id, index }) => `pattern ${id}: reads the index ${index}, which infra/tables/${model}.ts has not`,
    );
  return [...named, ...twice, ...unknownIndexes, ...patterns.flatMap(claimProblems)];
}

/**
 * Loads the access patterns of a model: what queries/<model>/index.ts exports by default.
 * @throws {ContentError} naming every mistake of the list; ModelNotFoundError where there is no such model.
 */
export async function loadQuerySet(project: Project, model: string): Promise<QuerySet> {
  const name = join("queries", model, "index.ts");
  const design = (await importTableDesign(project, model)) as { indexes?: Record<string, unknown> };
  const exported = await importDefault(join(project.root, name), project.root);
  const shape = querySetShape.safeParse(exported);
  const problems = shape.success
    ? setProblems(exported as QuerySet, model, Object.keys(design.indexes ?? {}))
    : problemsOf(shape.error);
  if (problems.length > 0) {
    throw new ContentError(name, problems.join("; "), "Correct the list of access patterns.");
  }
  return exported as QuerySet;
}
