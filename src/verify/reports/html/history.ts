import { counted } from "../../../counted.ts";
import { type Html, html } from "../../../report-page/html.ts";
import type { PatternStatus } from "../../report.ts";
import type { EarlierRuns, PastRun } from "../earlier-reports.ts";
import { STATUS_WORDS } from "../status.ts";
import { momentsOf, plot } from "./pattern-part.ts";

/** Runs that plots show, and runs that have a column. */
export const MOST_RUNS = 200;
const MOST_COLUMNS = 20;

/** A status in one character, beside its colour. */
const GLYPHS: Readonly<Record<PatternStatus, string>> = {
  pass: "✓",
  fail: "✗",
  overBudget: "▲",
  indeterminate: "?",
  notRun: "–",
};

const legend = Object.entries(GLYPHS)
  .map(([status, glyph]) => `${glyph} ${STATUS_WORDS[status as PatternStatus]}`)
  .join(", ");

function cell(run: PastRun, id: string): Html {
  const status = run.patterns.get(id)?.status;
  return status === undefined ? html`<td></td>` : html`<td class="${status}">${GLYPHS[status]}</td>`;
}

function statusTable(ids: readonly string[], runs: readonly PastRun[]): Html {
  const shown = runs.slice(-MOST_COLUMNS);
  const heads = shown.map(
    ({ startedAt }) => html`<th scope="col"><span>${startedAt.slice(5, 16).replace("T", " ")}</span></th>`,
  );
  const rows = ids.map((id) => html`<tr><th scope="row">${id}</th>${shown.map((run) => cell(run, id))}</tr>`);
  return html`<p class="faint small">${legend}</p>
<div class="scroll" role="region" tabindex="0" aria-label="Result of each pattern in each run"><table class="runs"><caption>Result of each pattern in the last ${counted(shown.length, "run")}, the newest on the right</caption>
<thead><tr><td></td>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** How the runs so far went: this one last. */
export function historySection(
  ids: readonly string[],
  runs: readonly PastRun[],
  { runs: all, others }: EarlierRuns,
): Html {
  const x = { label: "run", values: momentsOf(runs), time: true };
  const older = all.length + 1 - runs.length;
  const notes = [
    ...(older > 0 ? [`${counted(older, "older run is", "older runs are")} left out.`] : []),
    ...(others > 0 ? [`${counted(others, "report")} of another model or without a result left out.`] : []),
  ];
  const line = (label: string, color: string, of: (run: PastRun) => number) => ({
    label,
    color,
    points: true,
    values: runs.map(of),
  });
  return html`<div class="plots">
${plot("Patterns that passed, and that did not", {
  x,
  lines: [
    line("passed", "--good", ({ counts }) => counts.passed),
    line("failed", "--bad", ({ counts }) => counts.failed),
    line("others", "--second", ({ counts }) => counts.overBudget + counts.indeterminate + counts.notRun),
  ],
})}
${plot("Seconds that a run took", { x, lines: [line("s", "--first", ({ seconds }) => seconds)] })}
</div>
${statusTable(ids, runs)}
<p class="faint small">${notes.join(" ")}</p>`;
}
