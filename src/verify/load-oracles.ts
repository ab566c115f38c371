import { join } from "node:path";
import { z } from "zod";
import { ContentError } from "../project/errors.ts";
import type { Project } from "../project/find-project.ts";
import { importDefault } from "../project/import-content.ts";
import type { OracleSet } from "../query/oracle.ts";
import { problemsOf } from "../query/parse-item.ts";

const isFunction = z.custom((value) => typeof value === "function", "must be a function");
const pattern = z.object({ id: z.string(), title: z.string(), kind: z.enum(["read", "write"]) });

const invariant = z.object({
  id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "must be kebab case, such as follow-counts"),
  title: z.string().min(1),
  check: isFunction,
});

const oracleSetShape = z.object({
  model: z.string(),
  parseSource: isFunction,
  records: isFunction,
  scratchItems: isFunction,
  entityOf: isFunction.optional(),
  grow: isFunction.optional(),
  invariants: z.array(invariant).optional(),
  checks: z.array(
    z.discriminatedUnion("kind", [
      z.object({
        kind: z.literal("read"),
        pattern,
        examples: isFunction.optional(),
        inputs: isFunction,
        expected: isFunction,
        rows: isFunction,
        nextCursor: isFunction.optional(),
        leading: z.int().min(0).optional(),
      }),
      z.object({
        kind: z.literal("write"),
        pattern,
        cases: isFunction,
        expected: isFunction,
        prepare: isFunction.optional(),
        contention: z.object({ prepare: isFunction.optional(), groups: isFunction }).optional(),
      }),
    ]),
  ),
});

/**
 * Loads the oracles of a model: what queries/<model>/oracles/index.ts exports by default.
 * @throws {ContentError} naming every mistake of the set.
 */
export async function loadOracles(project: Project, model: string): Promise<OracleSet> {
  const name = join("queries", model, "oracles", "index.ts");
  const exported = await importDefault(join(project.root, name), project.root);
  const shape = oracleSetShape.safeParse(exported);
  const problems = shape.success ? [] : problemsOf(shape.error);
  if (shape.success && shape.data.model !== model) {
    problems.push(`model: is "${shape.data.model}", but its folder says "${model}"`);
  }
  if (problems.length > 0) throw new ContentError(name, problems.join("; "), "Correct the set of oracles.");
  return exported as OracleSet;
}
