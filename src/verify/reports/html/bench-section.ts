import { type Html, html } from "../../../report-page/html.ts";
import type { BenchedPattern, BenchReport } from "../../bench/bench-report.ts";
import { plot } from "./pattern-part.ts";
import { table } from "./table.ts";

/** Plots of so many patterns fit into a page of less than a megabyte beside all else. */
const MOST_PLOTS = 30;

/** The distribution of a pattern's latency: percentiles lie apart on the axis as the share beyond them shrinks. */
function distribution({ id, percentiles }: BenchedPattern): Html {
  const below = percentiles.filter(([percent]) => percent < 100);
  // 0 for 0 %, 1 for 90 %, 2 for 99 %: what few runs met is what the tail is about.
  const nines = below.map(([percent]) => Math.round(-Math.log10(1 - percent / 100) * 1000) / 1000);
  const ms = below.map(([, milliseconds]) => milliseconds);
  return plot(`${id}: milliseconds by percentile`, {
    x: { label: "nines (1 = p90, 2 = p99, 3 = p99.9)", values: nines },
    lines: [{ label: "ms", color: "--first", fill: true, points: false, values: ms }],
  });
}

/** The latencies of a bench: figures, distributions, and the same beside a baseline. */
export function benchSection({ conditions, patterns, leftOut, baseline, interrupted }: BenchReport): Html {
  const { rate, seconds, cpu, cores, node, engine } = conditions;
  const ratios = new Map(baseline?.patterns.map(({ id, ratios }) => [id, ratios.p99]));
  const rows = patterns.map((pattern) => [
    pattern.id,
    pattern.message === undefined ? pattern.status : `${pattern.status}: ${pattern.message}`,
    pattern.runsPerSecond,
    pattern.latency?.p50,
    pattern.latency?.p95,
    pattern.latency?.p99,
    pattern.latency?.max,
    ratios.get(pattern.id),
  ]);
  const heads = ["pattern", "result", "runs/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "p99 to baseline"];
  const drawn = patterns.filter(({ percentiles }) => percentiles.length > 1);
  const notes = [
    ...(interrupted ? ["The bench was interrupted."] : []),
    ...leftOut.map(({ id, reason }) => `${id} was left out: ${reason}.`),
    ...(baseline?.differences ?? []).map((difference) => `Not as in the baseline: ${difference}.`),
    ...(drawn.length > MOST_PLOTS ? [`Plots of the first ${MOST_PLOTS} patterns are shown.`] : []),
  ];
  return html`<p>${rate} runs a second of each pattern for ${seconds} s, from the moment each was due; ${engine}, ${cores} × ${cpu}, Node ${node}.</p>
${table("Latency of each pattern", heads, rows)}
${notes.map((note) => html`<p class="faint small">${note}</p>`)}
<div class="plots">${drawn.slice(0, MOST_PLOTS).map(distribution)}</div>`;
}
