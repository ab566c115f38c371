import { stripVTControlCharacters } from "node:util";
import type { Style } from "../../log.ts";
import { renderBench } from "../bench/render-bench.ts";
import { renderEdges } from "../edges/render-edges.ts";
import type { ModelResult, PatternResult, PatternStatus, VerifyReport } from "../report.ts";
import { renderSelfTest } from "../self-test/render-self-test.ts";
import { costLine } from "./run-costs.ts";
import { problemsIn, STATUS_WORDS, sumsOf } from "./status.ts";

function paintStatus(status: PatternStatus, text: string, style: Style): string {
  if (status === "pass") return style.green(text);
  if (status === "fail") return style.red(text);
  return status === "notRun" ? style.dim(text) : style.yellow(text);
}

const showUnits = (units: number | null) => (units === null ? "-" : String(units));

/** A pattern as the cells of a row. */
const cellsOf = (result: PatternResult) => [
  result.id,
  STATUS_WORDS[result.status],
  String(result.inputs),
  String(result.requests),
  showUnits(result.modelledReadUnits),
  String(Math.round(result.milliseconds)),
];

const HEADINGS = ["pattern", "result", "inputs", "requests", "read units", "ms"];
const TEXT_COLUMNS = 2;

/** The table of all patterns; its six columns stay within 80 characters as long as ids do within 30. */
function table(patterns: readonly PatternResult[], style: Style): string[] {
  const rows = [HEADINGS, ...patterns.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) =>
    column < TEXT_COLUMNS ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row, position) => {
    const status = patterns[position - 1]?.status;
    const cells = row.map(pad);
    if (!status) return style.bold(cells.join("  "));
    return cells.map((cell, column) => (column === 1 ? paintStatus(status, cell, style) : cell)).join("  ");
  });
}

/** What is wrong with one pattern, and what its dearest run took, or with the model. Values of the data must not steer the terminal. */
function problem(result: PatternResult | ModelResult, style: Style): string[] {
  const { id, title, status, message = "" } = result;
  const cost = costLine(result);
  const lines = [...stripVTControlCharacters(message).split("\n"), ...(cost === undefined ? [] : [cost])];
  return [
    `${paintStatus(status, STATUS_WORDS[status], style)} ${style.bold(id)} (${title})`,
    ...lines.map((line) => `  ${line}`),
    "",
  ];
}

const MODEL_WORDS: readonly (readonly [ModelResult["status"], string])[] = [
  ["fail", "FAIL"],
  ["indeterminate", "indeterminate"],
  ["pass", "hold"],
  ["notRun", "not judged"],
];

/** What was judged of the model as a whole, in a line; why something was not judged, in others. */
function modelLines({ modelResults }: VerifyReport, kind: ModelResult["kind"], heading: string): string[] {
  const results = modelResults.filter((result) => result.kind === kind);
  if (results.length === 0) return [];
  const groups = MODEL_WORDS.flatMap(([status, word]) => {
    const ids = results.filter((result) => result.status === status).map(({ id }) => id);
    return ids.length > 0 ? [`${ids.join(", ")} ${word}`] : [];
  });
  const left = results.filter(({ status }) => status === "notRun");
  return [
    `${heading}: ${groups.join("; ")}`,
    ...left.map(({ id, message = "" }) => `  ${id}: ${stripVTControlCharacters(message)}`),
  ];
}

function summary(report: VerifyReport): string[] {
  const { notRun, notSelected } = report;
  const lines = [
    sumsOf(report),
    `right answers from ${report.source}; inputs drawn with --seed ${report.seed}`,
  ];
  lines.push(
    ...modelLines(report, "invariant", "invariants"),
    ...modelLines(report, "coverage", "coverage"),
    ...modelLines(report, "growth", "growth as declared"),
  );
  if (report.lock === "otherSource")
    lines.push("costs were not compared: patterns.lock.json is of another source");
  if (notSelected.length > 0) lines.push(`not selected: ${notSelected.join(", ")}`);
  if (report.edges) lines.push(...renderEdges(report.edges));
  if (report.readOnly && notRun > 0) lines.push("writing patterns are left out by --read-only");
  return lines;
}

/** What is wrong, pattern by pattern, the worst first; nothing where all is right. */
export function renderProblems(report: VerifyReport, style: Style): string[] {
  const problems = problemsIn(report).filter(({ status }) => status !== "notRun");
  return problems.flatMap((result) => problem(result, style));
}

/** The report as text: what went wrong first, then the table and the sums. */
export function renderText(report: VerifyReport, style: Style): string {
  return [
    ...renderProblems(report, style),
    ...table(report.patterns, style),
    "",
    ...summary(report),
    ...(report.selfTest ? ["", ...renderSelfTest(report.selfTest, style)] : []),
    ...(report.bench ? ["", ...renderBench(report.bench, style)] : []),
  ].join("\n");
}
