import { counted } from "../../../counted.ts";
import type { TableDesign } from "../../../dynamo/table-design.ts";
import { type Html, html } from "../../../report-page/html.ts";
import type { PatternResult } from "../../report.ts";
import type { PastRun } from "../earlier-reports.ts";
import { keysOfPlace, sentConditions, splitKeyCondition } from "../key-condition.ts";
import { costOfInput } from "../run-costs.ts";
import { worstFirst } from "../status.ts";
import { inputDetails, inputLines } from "./input-parts.ts";

/** How much of each pattern's inputs a page shows. */
export interface PartLimits {
  /** Inputs of a pattern with all that is known of them: what went wrong first. */
  readonly details: number;
  /** Inputs besides, with a line each. */
  readonly lines: number;
}

/** One line of a plot. */
interface PlotLine {
  readonly label: string;
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly bars?: boolean;
  readonly fill?: boolean;
  readonly points?: boolean;
  readonly dash?: readonly number[];
}

/** What the page's script draws: see src/report-page/draw-plots.mjs. */
interface Plot {
  readonly x: {
    readonly label: string;
    readonly values: readonly number[];
    readonly time?: boolean;
    readonly whole?: boolean;
    readonly range?: readonly number[];
  };
  readonly lines: readonly PlotLine[];
}

/** A place in the page where its script draws a plot. */
export const plot = (title: string, content: Plot): Html =>
  html`<figure><figcaption>${title}</figcaption><div class="plot" data-plot="${JSON.stringify(content)}"></div></figure>`;

const limit = (label: string, value: number | undefined, count: number): PlotLine[] =>
  value === undefined
    ? []
    : [{ label, color: "--bad", dash: [6, 4], points: false, values: Array(count).fill(value) }];

function inputPlots({ evidence, budget }: PatternResult): Html[] {
  const count = evidence.length;
  if (count === 0) return [];
  const x = {
    label: "input",
    values: evidence.map((_, position) => position + 1),
    whole: true,
    range: [0.4, count + 0.6],
  };
  const costs = evidence.map(costOfInput);
  const bars = (label: string, values: (number | null)[]): PlotLine => ({
    label,
    color: "--first",
    bars: true,
    fill: true,
    points: false,
    values,
  });
  const units = costs.map(({ readUnits }) => readUnits ?? null);
  const ofUnits = plot("Read units of each input, and the budget", {
    x,
    lines: [bars("read units", units), ...limit("budget", budget?.readUnits, count)],
  });
  const ofRequests = plot("Requests of each input, and the budget", {
    x,
    lines: [
      bars(
        "requests",
        costs.map(({ requests }) => requests),
      ),
      ...limit("budget", budget?.requests, count),
    ],
  });
  const ofTime = plot("Time of each input, in milliseconds", {
    x,
    lines: [
      bars(
        "ms",
        evidence.map(({ milliseconds }) => milliseconds),
      ),
    ],
  });
  return units.some((value) => value !== null) ? [ofUnits, ofRequests, ofTime] : [ofRequests, ofTime];
}

/** Moments as the axis of a plot takes them: in seconds. */
export const momentsOf = (runs: readonly PastRun[]): number[] =>
  runs.map(({ startedAt }) => Date.parse(startedAt) / 1000);

function historyPlots({ id, budget }: PatternResult, runs: readonly PastRun[]): Html[] {
  const past = runs.filter(({ patterns }) => patterns.has(id));
  if (past.length < 2) return [];
  const x = { label: "run", values: momentsOf(past), time: true };
  const of = (field: "milliseconds" | "readUnits") =>
    past.map(({ patterns }) => patterns.get(id)?.[field] ?? null);
  const units = of("readUnits");
  const ofTime = plot("Milliseconds an input, over the runs", {
    x,
    lines: [{ label: "ms", color: "--first", points: true, values: of("milliseconds") }],
  });
  const ofUnits = plot("Read units of the largest answer, over the runs", {
    x,
    lines: [
      { label: "read units", color: "--first", points: true, values: units },
      ...limit("budget", budget?.readUnits, past.length),
    ],
  });
  return units.some((value) => value !== null) ? [ofUnits, ofTime] : [ofTime];
}

function facts(result: PatternResult, design: TableDesign): Html {
  const { index, operations, keyCondition, budget, description } = result;
  const { partition, sort, others } = splitKeyCondition(keyCondition, keysOfPlace(design, index));
  const conditions = [...others, ...sentConditions(result)];
  const requests = budget && counted(budget.requests, "request");
  const units = budget?.readUnits === undefined ? undefined : `read units ${budget.readUnits}`;
  const rows: [string, string][] = [
    [index === undefined ? "base table" : "index", index ?? operations.join(", ")],
    ...(index === undefined ? [] : [["operation", operations.join(", ")] as [string, string]]),
    ["partition key", partition],
    ["sort key", sort],
    ["conditions", conditions.join("; ")],
    ["budget of a run", [requests, units].filter((part) => part !== undefined).join(", ")],
  ];
  const shown = rows.filter(([, value]) => value !== "");
  return html`<p>${description}</p>
<dl class="facts">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Everything that the page shows of one pattern below its heading. */
export function patternPart(
  result: PatternResult,
  design: TableDesign,
  runs: readonly PastRun[],
  limits: PartLimits,
): Html {
  const numbered = worstFirst(
    result.evidence.map((input, position) => ({ input, number: position + 1, status: input.status })),
  );
  const detailed = numbered.slice(0, limits.details);
  const listed = numbered.slice(detailed.length).slice(0, limits.lines);
  const hidden = numbered.length - detailed.length - listed.length;
  const plots = [...inputPlots(result), ...historyPlots(result, runs)];
  return html`${facts(result, design)}
${result.message === undefined ? "" : html`<pre class="message" tabindex="0">${result.message}</pre>`}
${plots.length > 0 ? html`<div class="plots">${plots}</div>` : ""}
${numbered.length > 0 ? html`<h4>Inputs</h4>` : html`<p class="faint">No input was judged.</p>`}
${detailed.map(({ input, number }) => inputDetails(input, number))}
${listed.length > 0 ? inputLines(listed) : ""}
${hidden > 0 ? html`<p class="faint">and ${hidden} more inputs, for which there is no room in this page</p>` : ""}`;
}
