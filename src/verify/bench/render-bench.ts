import { stripVTControlCharacters } from "node:util";
import { counted } from "../../counted.ts";
import type { Style } from "../../log.ts";
import type { BenchedPattern, BenchReport } from "./bench-report.ts";
import { type BaselineComparison, COMPARED, type PatternComparison } from "./compare-baseline.ts";

/** Milliseconds in at most five characters as long as they are below 100,000. */
function showMs(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return "-";
  const digits = milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0;
  return milliseconds.toFixed(digits);
}

/** Pads cells to columns, the first to the left and the others to the right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join("  "));
}

const HEADINGS = ["ms from the due time", "runs/s", "p50", "p95", "p99", "max", "errors"];

/** A pattern as the cells of a row: within 80 characters as long as ids are within 30. */
const cellsOf = ({ id, runsPerSecond, latency, errors, unknown }: BenchedPattern) => [
  id,
  runsPerSecond.toFixed(1),
  showMs(latency?.p50),
  showMs(latency?.p95),
  showMs(latency?.p99),
  showMs(latency?.max),
  String(errors + unknown),
];

const STATUS_WORDS = {
  errors: "ERRORS",
  indeterminate: "indeterminate",
  interrupted: "interrupted",
} as const;

/** Nothing where there is none. */
const ifAny = (count: number, noun: string, plural: string) =>
  count === 0 ? [] : [counted(count, noun, plural)];

/** What else is to be said of a pattern: what its figures hide, or what is wrong with them. */
function notesOf(pattern: BenchedPattern): string[] {
  const { id, status, message = "", throttles, failedAttempts, partialAnswers, unanswered } = pattern;
  const hidden = [
    ...ifAny(throttles, "throttle", "throttles"),
    ...ifAny(
      failedAttempts,
      "request that failed and was sent again",
      "requests that failed and were sent again",
    ),
    ...ifAny(partialAnswers, "answer in parts", "answers in parts"),
    ...ifAny(
      unanswered,
      "run without an answer, not in the figures",
      "runs without an answer, not in the figures",
    ),
  ];
  const lines = hidden.length > 0 ? [`${id}: ${hidden.join(", ")}`] : [];
  if (status === "measured") return lines;
  return [`${STATUS_WORDS[status]} ${id}: ${stripVTControlCharacters(message)}`, ...lines];
}

/** A ratio as a change: +12 %. */
const showChange = (ratio: number) => `${ratio < 1 ? "-" : "+"}${Math.abs((ratio - 1) * 100).toFixed(0)} %`;

function comparison({
  file,
  differences,
  patterns,
  notCompared,
  maxSlowdown,
  slower,
}: BaselineComparison): string[] {
  if (differences.length > 0) {
    return [
      `not compared with ${file}, which was measured under other conditions:`,
      ...differences.map((line) => `  ${line}`),
    ];
  }
  const cells = ({ id, ratios }: PatternComparison) => [
    id,
    ...COMPARED.map((name) => showChange(ratios[name])),
  ];
  const table = columns([[`against ${file}`, ...COMPARED], ...patterns.map(cells)]);
  const lines = patterns.length > 0 ? [...table] : [];
  if (notCompared.length > 0) lines.push(`not compared with ${file}: ${notCompared.join(", ")}`);
  if (slower.length > 0) lines.push(`slower than ${maxSlowdown} times the baseline: ${slower.join(", ")}`);
  return lines;
}

/** The bench as text: what is wrong first, then the figures, then how they differ from the baseline's. */
export function renderBench(bench: BenchReport, style: Style): string[] {
  const { conditions, patterns, leftOut, interrupted, baseline } = bench;
  const [headings = "", ...rows] = columns([HEADINGS, ...patterns.map(cellsOf)]);
  const { rate, seconds, cores, cpu, node, engine } = conditions;
  return [
    style.bold(headings),
    ...rows,
    ...patterns.flatMap(notesOf),
    ...leftOut.map(({ id, reason }) => `${id} was left out: ${reason}`),
    ...(interrupted ? ["the bench was interrupted: these are the figures until then"] : []),
    `bench: ${rate} runs a second for ${seconds} s each; writing patterns are not measured`,
    `on ${cores} cores of ${cpu}, Node ${node}, ${engine}`,
    ...(baseline ? ["", ...comparison(baseline)] : []),
  ];
}
