import type { BenchBaseline } from "./baseline-file.ts";
import type { BenchConditions, BenchReport } from "./bench-report.ts";

/** The percentiles that are held against a baseline. */
export const COMPARED = ["p50", "p95", "p99"] as const;
export type ComparedPercentile = (typeof COMPARED)[number];

/** A pattern's percentiles beside those of the baseline: 1.1 is a tenth slower. */
export interface PatternComparison {
  id: string;
  ratios: Record<ComparedPercentile, number>;
}

/** A bench held against a baseline. */
export interface BaselineComparison {
  file: string;
  /** What is not as it was when the baseline was measured, in words: then nothing is compared. */
  differences: string[];
  patterns: PatternComparison[];
  /** Patterns that the baseline does not have, or that could not be measured now. */
  notCompared: string[];
  /** As `--max-slowdown` says; undefined: slower is no failure. */
  maxSlowdown?: number;
  /** Patterns of which a percentile is slower by more than that. */
  slower: string[];
}

const CONDITION_NAMES: Record<keyof BenchConditions, string> = {
  cpu: "CPU",
  cores: "cores",
  node: "Node",
  engine: "engine",
  table: "table",
  rate: "rate",
  seconds: "seconds",
  seed: "--seed",
  inputs: "--inputs",
  sourceSha256: "source items, by their hash",
};

/** What differs between two sets of conditions, in words. */
export function conditionDifferences(then: BenchConditions, now: BenchConditions): string[] {
  const names = Object.keys(CONDITION_NAMES) as (keyof BenchConditions)[];
  return names
    .filter((name) => then[name] !== now[name])
    .map((name) => `${CONDITION_NAMES[name]}: ${then[name]} then, ${now[name]} now`);
}

const ratio = (now: number, then: number) => Math.round((now / then) * 1000) / 1000;

/** Holds a bench against a baseline of the same conditions. */
export function compareWithBaseline(
  bench: BenchReport,
  baseline: BenchBaseline,
  { file, maxSlowdown }: { readonly file: string; readonly maxSlowdown?: number | undefined },
): BaselineComparison {
  const differences = conditionDifferences(baseline.conditions, bench.conditions);
  const limit = maxSlowdown === undefined ? {} : { maxSlowdown };
  const patterns: PatternComparison[] = [];
  const notCompared: string[] = [];
  for (const { id, status, latency } of bench.patterns) {
    const then = baseline.patterns[id];
    if (differences.length > 0 || !then || !latency || status !== "measured") {
      notCompared.push(id);
      continue;
    }
    const ratios = Object.fromEntries(COMPARED.map((name) => [name, ratio(latency[name], then[name])]));
    patterns.push({ id, ratios: ratios as PatternComparison["ratios"] });
  }
  const isSlower = ({ ratios }: PatternComparison) =>
    maxSlowdown !== undefined && COMPARED.some((name) => ratios[name] > maxSlowdown);
  const slower = patterns.filter(isSlower).map(({ id }) => id);
  return { file, differences, patterns, notCompared, ...limit, slower };
}
