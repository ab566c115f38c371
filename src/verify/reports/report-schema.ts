import { z } from "zod";
import { ALL_EDGES } from "../edges/edges.ts";
import { REPORT_VERSION, type VerifyReport } from "../report.ts";
import { ALL_KINDS } from "../self-test/kinds.ts";

const count = z.int().min(0);
const units = z.number().min(0);
const milliseconds = z.number().min(0);
const json = z.json();
const verdict = z.enum(["pass", "fail", "indeterminate", "overBudget"]);
const status = z.enum(["pass", "fail", "overBudget", "indeterminate", "notRun"]);

const request = z.object({
  operation: z.string().describe("such as Query"),
  index: z.string().optional().describe("absent: the base table"),
  items: count.optional().describe("items in the answer, or keys that were found; absent for a write"),
  readUnits: units
    .optional()
    .describe("by DynamoDB's sizing rules; absent where the answer does not show it"),
  reportedUnits: units.optional().describe("as the answer reports"),
  partial: z.literal(true).optional().describe("DynamoDB has left a part of it over"),
  milliseconds,
});

const expected = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("rows"), compare: z.enum(["ordered", "bag", "subset"]), count }),
  z.object({ kind: z.literal("done") }),
  z.object({ kind: z.literal("refusal"), code: z.string() }),
]);

const answer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("rows"), count, pages: count, rows: z.array(json).describe("the first ones") }),
  z.object({ kind: z.literal("done") }),
  z.object({ kind: z.literal("refusal"), code: z.string() }),
  z.object({ kind: z.enum(["error", "unknown"]) }),
]);

const difference = z.object({
  missingCount: count,
  extraCount: count,
  missing: z.array(json).describe("the first rows that should be there and are not"),
  extra: z.array(json).describe("the first rows that are there and should not be"),
  outOfOrder: z
    .object({ position: count, expected: json, actual: json })
    .optional()
    .describe("the first row out of place, counted from 0"),
});

const input = z.object({
  name: z.string(),
  input: json,
  status: verdict,
  message: z.string().optional(),
  request: z
    .object({ operation: z.string(), input: json })
    .optional()
    .describe("the first request as it was sent"),
  requests: z.array(request).describe("every request of the whole answer, in order"),
  milliseconds,
  expected,
  answer: answer.optional(),
  difference: difference.optional(),
  parts: z.array(z.object({ how: z.string(), pages: count, status: verdict })).describe("the same, in parts"),
});

const budget = z.object({ requests: count, readUnits: units.optional() });

const runCost = z.object({
  rows: count.optional(),
  requests: count,
  readUnits: units.optional(),
  reportedUnits: units.optional(),
});

const pattern = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  kind: z.enum(["read", "write"]),
  index: z.string().optional().describe("the index it reads; absent: the base table"),
  operations: z.array(z.string()),
  keyCondition: z.string(),
  budget: budget.optional().describe("what one run of it may take"),
  status,
  requests: count.describe("of one run for each input, the SDK's retries included"),
  modelledReadUnits: units.nullable().describe("of those runs, by DynamoDB's sizing rules"),
  reportedReadUnits: units.nullable().describe("of those runs, as the responses report"),
  milliseconds: milliseconds.describe("of those runs"),
  inputs: count.describe("how many were judged"),
  evidence: z.array(input),
  refusedCursors: count.optional().describe("of a paged pattern: how many wrong cursors it has refused"),
  largest: runCost.optional().describe("what the run with the most rows took"),
  message: z.string().optional(),
});

const modelResult = z.object({
  id: z.string(),
  kind: z
    .enum(["invariant", "coverage", "growth"])
    .describe("of the table's items and indexes; what the patterns use; how a pattern's cost grows"),
  title: z.string(),
  status: z.enum(["pass", "fail", "indeterminate", "notRun"]),
  milliseconds,
  message: z.string().optional(),
  figures: z
    .array(
      z.object({
        factor: z.number(),
        items: count,
        rows: count.optional(),
        requests: count,
        readUnits: units.optional(),
      }),
    )
    .optional()
    .describe("of growth: what was measured, smallest data first"),
});

const percentiles = z.object({ p50: milliseconds, p95: milliseconds, p99: milliseconds });

const bench = z.object({
  conditions: z.object({
    cpu: z.string(),
    cores: count,
    node: z.string(),
    engine: z.string(),
    table: z.string(),
    rate: z.number(),
    seconds: z.number(),
    seed: count,
    inputs: count,
    sourceSha256: z.string(),
  }),
  patterns: z.array(
    z.object({
      id: z.string(),
      status: z.enum(["measured", "errors", "indeterminate", "interrupted"]),
      message: z.string().optional(),
      due: count.describe("runs that should have been started"),
      runs: count.describe("runs that have ended"),
      unanswered: count,
      runsPerSecond: z.number(),
      requestsPerSecond: z.number(),
      latency: percentiles
        .extend({ max: milliseconds, mean: milliseconds })
        .nullable()
        .describe("from the moment at which a run was due, in milliseconds"),
      percentiles: z
        .array(z.tuple([z.number(), z.number()]))
        .describe("so many percent of the runs took at most so many milliseconds"),
      startedLate: z.object({ p99: milliseconds, max: milliseconds }),
      refusals: count,
      errors: count,
      unknown: count,
      requests: count,
      throttles: count,
      failedAttempts: count,
      partialAnswers: count,
    }),
  ),
  leftOut: z.array(z.object({ id: z.string(), reason: z.string() })),
  interrupted: z.boolean(),
  baseline: z
    .object({
      file: z.string(),
      differences: z.array(z.string()),
      patterns: z.array(
        z.object({
          id: z.string(),
          ratios: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }),
        }),
      ),
      notCompared: z.array(z.string()),
      maxSlowdown: z.number().optional(),
      slower: z.array(z.string()),
    })
    .optional(),
});

const mutationKind = z.enum(ALL_KINDS);

const selfTest = z.object({
  kinds: z.array(
    z.object({
      kind: mutationKind,
      mutants: count.describe("mistakes of this kind that showed in an answer or in the table"),
      killed: count.describe("how many of them turned their pattern red"),
      withoutEffect: count.describe("how many more changed nothing, and are no mutants"),
      absent: z.string().optional().describe("why the model cannot have this kind"),
    }),
  ),
  mutants: count,
  killed: count,
  rate: z.number().min(0).max(1),
  survivors: z.array(
    z.object({
      kind: mutationKind,
      pattern: z.string(),
      input: z.string().optional(),
      what: z.string().describe("what was changed, such as LastEvaluatedKey"),
      verdict: z.enum(["pass", "indeterminate", "overBudget"]),
    }),
  ),
  notTested: z.array(
    z.object({
      pattern: z.string(),
      status: z.enum(["fail", "indeterminate", "notRun"]),
      reason: z.string(),
    }),
  ),
  gaps: z.array(z.string()).describe("kinds that the model can have and of which no mutant was drawn"),
  seconds: z.number().min(0),
});

const edge = z.enum(ALL_EDGES);

const edges = z.object({
  patterns: z.array(z.object({ id: z.string(), inputs: count, met: z.array(edge) })),
  unmet: z.array(edge).describe("edges that the patterns can have, and that none of them met"),
  leftOut: z.string().optional().describe("why none was looked for"),
});

/** The report's shape. What it does not know is left out: a later release may tell more in the same version. */
export const reportSchema = z.object({
  version: z.literal(REPORT_VERSION),
  model: z.string(),
  table: z.string(),
  startedAt: z.iso.datetime(),
  seconds: z.number().min(0),
  redacted: z.boolean().describe("true where what stands in items is hidden"),
  seed: count.describe("the inputs were drawn with it"),
  source: z.string().describe("where the right answers come from"),
  sourceSha256: z.string(),
  lock: z.enum(["compared", "otherSource", "none"]),
  readOnly: z.boolean(),
  patterns: z.array(pattern),
  passed: count,
  failed: count,
  overBudget: count,
  indeterminate: count,
  notRun: count,
  notSelected: z.array(z.string()),
  bench: bench.optional().describe("latencies, of --bench"),
  edges: edges.optional().describe("which edges the reading patterns met on the oracles' edge items"),
  selfTest: selfTest.optional().describe("what became of mistakes that were made on purpose, of --self-test"),
  modelResults: z.array(modelResult).describe("what was judged of the model as a whole"),
});

/** A file that the run was asked to write into, or to hold against what it would write. */
const markdown = z.object({
  file: z.string(),
  status: z.enum(["upToDate", "written", "outOfDate"]),
  diff: z.string().optional(),
});

/** The one document of `verify --json`. */
export const documentSchema = z.object({
  command: z.literal("verify"),
  target: z.string().describe("where the table is"),
  ...reportSchema.shape,
  markdown: markdown.optional().describe("of --markdown"),
});

/** What came of `--markdown`. */
export type MarkdownOutcome = z.output<typeof markdown>;

// The compiler holds the schema against the type that the code makes reports of.
type SchemaReport = z.output<typeof reportSchema>;
export const asReport = (report: SchemaReport): VerifyReport => report;

/** The published schema, as JSON Schema 2020-12: `docs/schemas/verify-report.v1.json`. */
export function publishedSchema(): object {
  const { $schema, ...shape } = z.toJSONSchema(documentSchema) as Record<string, unknown>;
  return {
    $schema,
    title: "The document of tablewright verify --json",
    description: `Version ${REPORT_VERSION}: it goes up where a field changes its meaning or goes.`,
    ...shape,
  };
}
