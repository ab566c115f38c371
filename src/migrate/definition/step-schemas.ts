import { z } from "zod";
import { STREAM_VIEWS } from "./ensure-stream.ts";
import type { MigrationStep } from "./migration.ts";

const text = z.string().min(1);
const names = z.array(text).min(1);
const keyAttribute = z.strictObject({ name: text, type: z.enum(["S", "N", "B"]) });
const undo = <Word extends string>(...words: Word[]) => z.enum([...words, "refuse"]);
const values = z.record(text, z.json());
const share = z.number().gt(0).max(1);
const atLeast0 = z.int().min(0);

const code = (what: string) =>
  z.custom((value) => typeof value === "function", { error: `must be a function: ${what}` });

const itemPattern = z.record(
  text,
  z.union([z.string(), z.strictObject({ beginsWith: z.string() })], {
    error: 'must be a text or { beginsWith: "…" }',
  }),
);
const declaredWrites = z.strictObject({ where: itemPattern, attributes: z.array(text) });

const indexName = z
  .string({ error: "must be the name of one index: DynamoDB makes or drops one at a time" })
  .min(3);
const indexDesign = z.strictObject({
  partitionKey: keyAttribute,
  sortKey: keyAttribute.optional(),
  projection: z.union([z.enum(["ALL", "KEYS_ONLY"]), z.strictObject({ include: names })], {
    error: 'must be "ALL", "KEYS_ONLY" or { include: ["…"] }',
  }),
});

const computedValues = z.strictObject({
  from: z.array(text),
  attributes: names,
  values: code("the values of one item"),
});

const step = <Kind extends MigrationStep["kind"], Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  // What a builder works out of other fields is not judged twice.
  z.strictObject({ kind: z.literal(kind), id: text, writes: z.array(z.unknown()), ...shape });

const verifyStep = step("verify", {
  where: itemPattern,
  index: indexName.optional(),
  expect: code("what is wrong with an item, or undefined").optional(),
  count: z
    .strictObject({ min: atLeast0.optional(), max: atLeast0.optional() })
    .refine(({ min, max }) => min !== undefined || max !== undefined, "must say min, max or both")
    .refine(({ min = 0, max = min }) => min <= max, "min must not be above max")
    .optional(),
  sample: share.optional(),
})
  .refine((given) => given.expect !== undefined || given.count !== undefined, {
    error: "must say what to expect of an item, or how many there must be (count), or both",
  })
  .refine((given) => given.count === undefined || given.sample === undefined, {
    error: "a sample cannot be counted: leave out count or sample",
    path: ["sample"],
  });

/** What each kind of step looks like: a file is not type-checked when it is loaded. */
const STEP_SCHEMAS = {
  ensureIndex: step("ensureIndex", {
    index: indexName,
    design: indexDesign,
    covers: itemPattern.optional(),
    scan: z.enum(["sample", "full"]),
    strict: z.boolean(),
  }),
  dropIndex: step("dropIndex", { index: indexName, undo: undo("recreate") }),
  ensureTtl: step("ensureTtl", { attribute: text }),
  ensureStream: step("ensureStream", { view: z.enum(STREAM_VIEWS) }),
  backfill: step("backfill", {
    where: itemPattern,
    set: z.union([computedValues, values], {
      error: "must be attributes with their values, or { from, attributes, values: (item) => … }",
    }),
    overwrite: z.boolean(),
    undo: undo("remove", "journal"),
    maxFailures: atLeast0,
  }),
  counter: step("counter", {
    members: itemPattern,
    mark: text,
    recount: text.optional(),
    on: itemPattern,
    attributes: names,
    initial: values,
    counts: code("the counters that one member adds 1 to"),
    maxFailures: atLeast0,
  }),
  verify: verifyStep,
  script: step("script", {
    idempotent: z.literal(true, { error: "must say idempotent: true, as a crash makes it run again" }),
    run: code("what it does"),
    undo: code("what takes it back").optional(),
    writes: z.array(declaredWrites),
  }),
} satisfies Record<MigrationStep["kind"], z.ZodType>;

const KINDS = Object.keys(STEP_SCHEMAS).join(", ");

const schemaOf = (value: unknown) =>
  typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string"
    ? STEP_SCHEMAS[value.kind as MigrationStep["kind"]]
    : undefined;

/** A step of any kind. Says of a mistake which kind it was taken for. */
const migrationStep = z.unknown().superRefine((value, context) => {
  const schema = schemaOf(value);
  if (!schema) {
    const message = Array.isArray(value)
      ? "must be one step, not a list of them"
      : `must be a step of one of these kinds: ${KINDS}`;
    context.addIssue({ code: "custom", message });
    return;
  }
  for (const { path, message } of schema.safeParse(value).error?.issues ?? [])
    context.addIssue({ code: "custom", path, message });
});

/** What a migration's file exports. */
export const migrationSchema = z.strictObject({
  id: text,
  description: text,
  steps: z.array(migrationStep).min(1),
});
