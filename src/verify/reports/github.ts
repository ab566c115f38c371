import { stripVTControlCharacters } from "node:util";
import type { TableDesign } from "../../dynamo/table-design.ts";
import type { VerifyReport } from "../report.ts";
import { renderPatternTable } from "./markdown.ts";
import type { PatternPlace } from "./pattern-place.ts";
import { costLine } from "./run-costs.ts";
import { isLeftOut, messageOfResult, problemsIn, type Result, STATUS_WORDS, sumsOf } from "./status.ts";

/** GitHub shows so many annotations of each level a step, and drops the rest without a word (actions/toolkit, problem-matchers.md). */
const MOST_ANNOTATIONS = 10;
const MOST_MESSAGE = 4_000;

/** A summary above 1 MiB is not shown at all (docs.github.com, "Workflow commands", job summaries). */
const MOST_SUMMARY_BYTES = 1_000_000;

// The escapes of actions/toolkit, packages/core/src/command.ts: others reach the reader as they are.
const escapeData = (text: string) =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const escapeProperty = (text: string) => escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

type Level = "error" | "warning";

interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly place: PatternPlace | undefined;
}

/** One workflow command. */
function commandOf(level: Level, { title, message, place }: Annotation): string {
  const properties = { ...(place && { file: place.file, line: String(place.line) }), title };
  const shown = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
  return `::${level} ${shown.join(",")}::${escapeData(message)}`;
}

const clean = (text: string, most: number) => {
  const plain = stripVTControlCharacters(text);
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
};

function annotationOf(result: Result, place: PatternPlace | undefined): Annotation {
  const cost = result.status === "overBudget" ? costLine(result) : undefined;
  const lines = [messageOfResult(result), ...(cost === undefined ? [] : [cost])];
  const title = `${result.id}: ${STATUS_WORDS[result.status]}`;
  return { title, message: clean(lines.join("\n"), MOST_MESSAGE), place };
}

/** The first ones, and in the last place that GitHub shows, how many more there are. */
function capped(level: Level, annotations: readonly Annotation[]): string[] {
  const most = annotations.length > MOST_ANNOTATIONS ? MOST_ANNOTATIONS - 1 : MOST_ANNOTATIONS;
  const rest = annotations.slice(most);
  const commands = annotations.slice(0, most).map((annotation) => commandOf(level, annotation));
  if (rest.length === 0) return commands;
  const message = rest.map(({ title }) => title).join("\n");
  const title = `${rest.length} more results`;
  return [...commands, commandOf(level, { title, message: clean(message, MOST_MESSAGE), place: undefined })];
}

/**
 * The report as GitHub's workflow commands, one a line: wrong answers and patterns that were not run are errors;
 * what is over budget, and what nobody knows, are warnings.
 * @param places where the patterns are defined, relative to the repository
 */
export function renderAnnotations(report: VerifyReport, places: ReadonlyMap<string, PatternPlace>): string[] {
  const annotations = (statuses: readonly string[]) =>
    problemsIn(report)
      .filter(({ status }) => statuses.includes(status))
      .map((result) => annotationOf(result, places.get(result.id)));
  return [
    ...capped("error", annotations(["fail", "notRun"])),
    ...capped("warning", annotations(["indeterminate", "overBudget"])),
  ];
}

/** Text as a block of code, fenced by more backticks than stand in it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

function problemPart(result: Result): string {
  const cost = costLine(result);
  const text = clean([messageOfResult(result), ...(cost ? [cost] : [])].join("\n"), MOST_MESSAGE);
  return `### ${STATUS_WORDS[result.status]}: \`${result.id}\`\n\n${fenced(text)}\n`;
}

/**
 * The report as a job's summary in Markdown, below GitHub's limit: what does not fit is counted.
 * @param most bytes of it
 */
export function renderSummary(report: VerifyReport, design: TableDesign, most = MOST_SUMMARY_BYTES): string {
  const head = [
    `## verify: ${report.model}`,
    "",
    `**${sumsOf(report)}** on \`${report.table}\`, in ${report.seconds.toFixed(1)} s; inputs drawn with \`--seed ${report.seed}\`.`,
    "",
  ].join("\n");
  const leftOut = report.patterns.some((result) => isLeftOut(result, report));
  const table = `${renderPatternTable(report, design)}\n${leftOut ? "\nWriting patterns are left out by `--read-only`.\n" : ""}`;
  const problems = problemsIn(report);
  const bytes = (text: string) => Buffer.byteLength(text);
  // Room for the line that counts the rest.
  let left = most - bytes(head) - 100;
  const parts: string[] = [];
  for (const problem of problems) {
    const part = problemPart(problem);
    if (bytes(part) > left) break;
    parts.push(part);
    left -= bytes(part);
  }
  const more = problems.length - parts.length;
  if (more > 0) parts.push(`and ${more} more\n`);
  const withTable = bytes(table) <= left ? table : "The table of patterns is left out: it is too long.\n";
  return `${[head, ...parts, withTable].join("\n")}\n`;
}
