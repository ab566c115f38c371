import { readFile } from "node:fs/promises";
import { z } from "zod";
import { replaceFile } from "../../project/replace-file.ts";
import { problemsOf } from "../../query/parse-item.ts";
import { BaselineFileError } from "../errors.ts";
import type { BenchReport } from "./bench-report.ts";

const VERSION = 1;
const milliseconds = z.number().positive();

const baselineShape = z.strictObject({
  version: z.literal(VERSION),
  measuredAt: z.string(),
  conditions: z.strictObject({
    cpu: z.string(),
    cores: z.int(),
    node: z.string(),
    engine: z.string(),
    table: z.string(),
    rate: z.number(),
    seconds: z.number(),
    seed: z.int(),
    inputs: z.int(),
    sourceSha256: z.string(),
  }),
  patterns: z.record(
    z.string(),
    z.strictObject({ p50: milliseconds, p95: milliseconds, p99: milliseconds, max: milliseconds }),
  ),
});

/** Latencies of an earlier bench, and under which conditions they were measured. */
export type BenchBaseline = z.output<typeof baselineShape>;

/** @throws {BaselineFileError} where it cannot be read, or is none. */
export async function readBaseline(file: string): Promise<BenchBaseline> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new BaselineFileError(file, error instanceof Error ? error.message : String(error), error);
  }
  const parsed = baselineShape.safeParse(content);
  if (!parsed.success) throw new BaselineFileError(file, problemsOf(parsed.error).join("; "));
  return parsed.data;
}

/** Why a bench is no baseline; undefined where it is one. */
export function whyNoBaseline({ patterns, interrupted }: BenchReport): string | undefined {
  if (interrupted) return "the bench was interrupted";
  const unmeasured = patterns.filter(({ status }) => status !== "measured").map(({ id }) => id);
  if (unmeasured.length > 0) return `not measured: ${unmeasured.join(", ")}`;
  return patterns.length === 0 ? "nothing was measured" : undefined;
}

/** Writes a bench as a baseline, as a whole file. */
export async function writeBaseline(file: string, bench: BenchReport, measuredAt: Date): Promise<void> {
  const patterns = bench.patterns.flatMap(({ id, latency }) => {
    if (!latency) return [];
    const { p50, p95, p99, max } = latency;
    return [[id, { p50, p95, p99, max }] as const];
  });
  const baseline: BenchBaseline = {
    version: VERSION,
    measuredAt: measuredAt.toISOString(),
    conditions: bench.conditions,
    patterns: Object.fromEntries(patterns),
  };
  await replaceFile(file, `${JSON.stringify(baseline, null, 2)}\n`);
}
