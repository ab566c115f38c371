import { gzipSync } from "node:zlib";
import { whole } from "../../../counted.ts";
import type { TableDesign } from "../../../dynamo/table-design.ts";
import { ExitCode } from "../../../errors.ts";
import { Html, html } from "../../../report-page/html.ts";
import { renderPage } from "../../../report-page/page.ts";
import { exitCodeOfReport, type GrowthFigures, type PatternResult, type VerifyReport } from "../../report.ts";
import { type EarlierRuns, pastRun } from "../earlier-reports.ts";
import { costLine, dearest } from "../run-costs.ts";
import { isLeftOut, STATUS_WORDS, sumsOf, worstFirst } from "../status.ts";
import { benchSection } from "./bench-section.ts";
import { edgesSection, selfTestSection } from "./checks-section.ts";
import { type DesignSubject, drawDesign } from "./design-picture.ts";
import { historySection, MOST_RUNS } from "./history.ts";
import { type PartLimits, patternPart } from "./pattern-part.ts";
import { VERIFY_STYLE } from "./style.ts";
import { table } from "./table.ts";

/** What a page is made of. */
export interface HtmlContent extends Omit<DesignSubject, "redact"> {
  readonly report: VerifyReport;
  /** Undefined where nobody asked for a history. */
  readonly history?: EarlierRuns | undefined;
}

/** A page stays below a megabyte. The parts of the patterns may take so much of it, packed. */
const MOST_PACKED_BYTES = 700_000;

/** What is shown of the inputs, from all of it to the least: the first that fits is taken. */
const LIMITS: readonly PartLimits[] = [
  { details: Number.POSITIVE_INFINITY, lines: 0 },
  { details: 20, lines: Number.POSITIVE_INFINITY },
  { details: 5, lines: Number.POSITIVE_INFINITY },
  { details: 2, lines: 1_000 },
  { details: 1, lines: 100 },
  { details: 1, lines: 0 },
];

/** Evidence packs to no less than this share of itself, by far. */
const LEAST_SHARE = 0.02;

const pack = (parts: readonly Html[]) =>
  gzipSync(JSON.stringify(parts.map(({ text }) => text))).toString("base64");

/** How long the evidence is that is shown in full, as text. */
function shownLength(
  lengths: readonly { inputs: number; length: number }[],
  { details }: PartLimits,
): number {
  const shown = ({ inputs, length }: { inputs: number; length: number }) =>
    inputs > details ? (length * details) / inputs : length;
  return lengths.reduce((sum, pattern) => sum + shown(pattern), 0);
}

interface PackedParts {
  readonly data: string;
  readonly limits: PartLimits;
}

/** Packs the parts of all patterns, with as much of their inputs as there is room for. */
function packParts(
  makePart: (result: PatternResult, limits: PartLimits) => Html,
  patterns: readonly PatternResult[],
): PackedParts {
  const lengths = patterns.map(({ evidence }) => ({
    inputs: evidence.length,
    length: JSON.stringify(evidence).length,
  }));
  // What cannot fit is not even made.
  const possible = LIMITS.filter((limits) => shownLength(lengths, limits) * LEAST_SHARE <= MOST_PACKED_BYTES);
  let packed: PackedParts | undefined;
  for (const limits of possible.length > 0 ? possible : LIMITS.slice(-1)) {
    packed = { data: pack(patterns.map((result) => makePart(result, limits))), limits };
    if (packed.data.length <= MOST_PACKED_BYTES) break;
  }
  return packed as PackedParts;
}

function meter(result: PatternResult): Html | string {
  const most = dearest(result);
  const { budget } = result;
  if (!most || !budget) return "";
  const [value, limit] =
    most.readUnits !== undefined && budget.readUnits !== undefined
      ? [most.readUnits, budget.readUnits]
      : [most.requests, budget.requests];
  const share = Math.min(100, Math.round((100 * value) / limit));
  return html`<span class="meter${value > limit ? " over" : ""}" aria-hidden="true"><span style="width:${share}%"></span></span>`;
}

function patternRow(result: PatternResult, position: number, report: VerifyReport): Html {
  const { id, title, index, status, inputs, milliseconds } = result;
  const word = isLeftOut(result, report) ? "left out" : STATUS_WORDS[status];
  const cost = costLine(result);
  return html`<details class="pattern" id="pattern-${id}" data-part="${position}" data-status="${status}"><summary><span class="badge ${status}">${word}</span>
<span class="name"><b>${id}</b> <span class="faint">${title}${index === undefined ? "" : `, ${index}`}</span></span>
<span class="cost faint small">${meter(result)} ${[`${inputs} inputs`, ...(cost === undefined ? [] : [cost]), `${whole(milliseconds)} ms`].join(" · ")}</span></summary>
<div class="part"></div></details>`;
}

function leftOutNote({ details, lines }: PartLimits, patterns: readonly PatternResult[]): string {
  const most = Math.max(0, ...patterns.map(({ evidence }) => evidence.length));
  const rest = "The JSON report has all of them.";
  if (most <= details) return "All inputs are shown in full.";
  const inFull = `To stay below a megabyte, the page shows ${details === 1 ? "one input" : `${details} inputs`} of each pattern in full, what went wrong first`;
  if (lines === 0) return `${inFull}. ${rest}`;
  return `${inFull}, and ${most <= details + lines ? "a line of each of the others" : `a line of up to ${lines} others`}. ${rest}`;
}

function outcome(report: VerifyReport): Html {
  const wrong = report.modelResults.filter(({ status }) => status === "fail").map(({ id }) => id);
  const more = wrong.length > 0 ? html`<p>Of the model as a whole: ${wrong.join(", ")} FAIL</p>` : "";
  const bad = exitCodeOfReport(report) === ExitCode.fine ? "" : " bad";
  return html`<div class="outcome${bad}"><p>${sumsOf(report)}</p>${more}</div>`;
}

const growthTable = (id: string, figures: readonly GrowthFigures[]) =>
  table(
    `What ${id} cost as the data grew`,
    ["data", "items in the table", "rows", "requests", "read units"],
    figures.map(({ factor, items, rows, requests, readUnits }) => [
      `${factor} x`,
      items,
      rows,
      requests,
      readUnits,
    ]),
  );

/** What was judged of the model as a whole, with what is wrong. */
function modelSection(report: VerifyReport): Html {
  const rows = worstFirst(report.modelResults).map((result) => {
    const { id, kind, title, status, milliseconds, message, figures } = result;
    const word = isLeftOut(result, report) ? "left out" : STATUS_WORDS[status];
    return html`<li><span class="badge ${status}">${word}</span> <b>${id}</b> <span class="faint">${kind}, ${whole(milliseconds)} ms:</span> ${title}
${message === undefined ? "" : html`<pre${status === "fail" ? html` class="message"` : ""} tabindex="0">${message}</pre>`}${figures ? growthTable(id, figures) : ""}</li>`;
  });
  return html`<ul class="results">${rows}</ul>`;
}

function summary(report: VerifyReport): Html {
  const { patterns, seconds, seed, source, lock, readOnly, notSelected, redacted } = report;
  const sum = (of: (result: PatternResult) => number) =>
    whole(patterns.reduce((all, result) => all + of(result), 0));
  const figures: [string, string][] = [
    ["patterns", String(patterns.length)],
    ["passed", String(report.passed)],
    ["failed", String(report.failed)],
    ["over budget", String(report.overBudget)],
    ["indeterminate", String(report.indeterminate)],
    ["not run", String(report.notRun)],
    ["inputs", sum(({ inputs }) => inputs)],
    ["requests", sum(({ requests }) => requests)],
    ["time", `${seconds.toFixed(1)} s`],
  ];
  const notes = [
    `Right answers from ${source}; inputs drawn with --seed ${seed}.`,
    ...(lock === "otherSource" ? ["Costs were not compared: patterns.lock.json is of another source."] : []),
    ...(lock === "compared" ? ["Costs were compared with patterns.lock.json."] : []),
    ...(readOnly ? ["Writing patterns were left out by --read-only."] : []),
    ...(notSelected.length > 0 ? [`Not selected: ${notSelected.join(", ")}.`] : []),
    ...(redacted ? ["What stands in items is hidden."] : []),
  ];
  return html`<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${notes.map((note) => html`<p>${note}</p>`)}`;
}

/** A part of the page with its name. */
type Section = [id: string, title: string, body: Html];

const readersOf = (patterns: readonly PatternResult[], design: TableDesign) =>
  [undefined, ...Object.keys(design.indexes), ...Object.keys(design.localIndexes ?? {})].map((index) => ({
    index,
    patterns: patterns.filter((result) => result.index === index).map(({ id }) => id),
  }));

/**
 * Makes one HTML file of a run: its patterns with request, answer, difference, parts and cost; the design as a
 * picture; and how earlier runs went. It loads nothing, and what comes from data stands in it as text.
 */
export async function renderHtml(content: HtmlContent): Promise<string> {
  const { report, design, history } = content;
  const patterns = worstFirst(report.patterns);
  const runs = history ? [...history.runs, pastRun(report)].slice(-MOST_RUNS) : [];
  const { data, limits } = packParts((result, limits) => patternPart(result, design, runs, limits), patterns);
  const sections: Section[] = [
    ["summary", "Summary", summary(report)],
    [
      "patterns",
      "Access patterns",
      html`<p><label for="filter">Show those whose name or result has</label> <input id="filter" type="search" autocomplete="off"> <span id="filtered" role="status"></span></p>
<noscript><p>What stands inside of each pattern is packed, and needs JavaScript to be shown.</p></noscript>
${patterns.map((result, position) => patternRow(result, position, report))}
<p class="faint small">${leftOutNote(limits, patterns)}</p>`,
    ],
    ...(report.modelResults.length > 0
      ? [["model", "The model as a whole", modelSection(report)] as Section]
      : []),
    ...(report.edges ? [["edges", "Edges", edgesSection(report.edges)] as Section] : []),
    ...(report.selfTest ? [["self-test", "Self-test", selfTestSection(report.selfTest)] as Section] : []),
    ...(report.bench ? [["latency", "Latency", benchSection(report.bench)] as Section] : []),
    [
      "design",
      "Table design",
      drawDesign({ ...content, redact: report.redacted }, readersOf(report.patterns, design)),
    ],
    ...(history
      ? [
          [
            "history",
            "History",
            historySection(
              patterns.map(({ id }) => id),
              runs,
              history,
            ),
          ] as Section,
        ]
      : []),
  ];
  const title = `Verify: ${report.model} on ${report.table}`;
  const body = html`<a class="skip" href="#patterns">Skip to the access patterns</a>
<header><h1>${title}</h1><p class="faint">${report.startedAt}</p>
${outcome(report)}
<nav aria-label="Sections"><ul>${sections.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav></header>
<main>${sections.map(
    ([id, name, part]) =>
      html`<section id="${id}" aria-labelledby="${id}-title" tabindex="-1"><h2 id="${id}-title">${name}</h2>
${part}</section>`,
  )}</main>
<script type="text/plain" id="parts">${new Html(data)}</script>`;
  const script = new URL("./show-report.mjs", import.meta.url);
  return renderPage({ title, body, style: VERIFY_STYLE, script, plots: true });
}
