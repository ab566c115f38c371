import { whole } from "../../counted.ts";
import type { ErrorDocument } from "../../errors.ts";
import { type Html, html, jsonData } from "../../report-page/html.ts";
import { renderPage } from "../../report-page/page.ts";
import { sumOf } from "../load/load-counts.ts";
import type { ReportEvents } from "./report-events.ts";

const seconds = (number: number) => `${number.toFixed(1)} s`;

interface Row {
  readonly name: string;
  readonly value: string | number | undefined;
}

const figures = (rows: readonly Row[]) =>
  html`<dl class="figures">${rows.map(({ name, value }) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

const table = (heads: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]) =>
  html`<table><thead><tr>${heads.map((head) => html`<th>${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table>`;

function outcome(events: ReportEvents): Html {
  const finished = events.the("runFinished");
  if (finished?.exitCode === 0)
    return html`<div class="outcome"><p>It went through: exit status 0.</p></div>`;
  const error: Partial<ErrorDocument> = finished?.error ?? {};
  const words = error.message ?? "Items were rejected, or table and file differ.";
  return html`<div class="outcome bad"><p>${words}</p><p>${error.next}</p>
<p class="faint">Exit status ${finished?.exitCode}</p></div>`;
}

function loadSection(events: ReportEvents): Html {
  const loaded = events.the("loadFinished");
  if (!loaded) return html`<p>Nothing was sent: the run ended before its load.</p>`;
  const { read, ...fates } = sumOf(loaded);
  const terms = Object.entries(fates).filter(([name, count]) => count > 0 || name === "written");
  const { seconds: time, retriedItems, requests, consumedWriteUnits: units, written } = loaded;
  return html`${figures([
    { name: "written", value: whole(written) },
    { name: "items/s", value: time > 0 ? whole(written / time) : "–" },
    { name: "time", value: seconds(time) },
    { name: "requests", value: whole(requests) },
    { name: "write units", value: whole(units) },
    { name: "items sent again", value: whole(retriedItems) },
  ])}
<p>${whole(read)} read = ${terms.map(([name, count]) => `${whole(count)} ${name}`).join(" + ")}${
    loaded.stopped === undefined ? "" : `; the load stopped early (${loaded.stopped})`
  }</p>`;
}

/** What stands in the result of a proof's differences. */
interface ShownDifference {
  readonly kind: string;
  readonly key: Readonly<Record<string, string>>;
  readonly source?: string;
  readonly line?: number;
}

function proofSection(events: ReportEvents): Html {
  const proof = events.the("proofFinished");
  const { proof: shown } = (events.the("runFinished")?.result ?? {}) as {
    proof?: { status?: string; message?: string; differences?: readonly ShownDifference[] };
  };
  if (!proof) return html`<p>No proof: ${shown?.message ?? "the run did not come so far"}.</p>`;
  const differences = shown?.differences ?? [];
  return html`${figures([
    { name: "status", value: proof.status },
    { name: "scope", value: proof.scope },
    { name: "missing", value: whole(proof.missing) },
    { name: "different", value: whole(proof.different) },
    { name: "extra", value: whole(proof.extra) },
    { name: "read units", value: whole(proof.readUnits) },
    { name: "time", value: seconds(proof.seconds) },
  ])}
<p>${shown?.message}</p>
${
  differences.length === 0
    ? html``
    : table(
        ["kind", "key", "line"],
        differences.map(({ kind, key, source, line }) => [
          kind,
          Object.values(key).join(" / "),
          [source, line].filter((part) => part !== undefined).join(", "),
        ]),
      )
}`;
}

function rejectsSection({ rejects, rejectCount }: ReportEvents): Html {
  if (rejectCount === 0) return html`<p>None.</p>`;
  const rest = rejectCount - rejects.length;
  return html`${table(
    ["place", "reason"],
    rejects.map(({ source, line, column, reason }) => [
      [source, line, column].filter((part) => part !== undefined).join(":"),
      reason,
    ]),
  )}
<p>${rest > 0 ? `and ${whole(rest)} more` : ""}</p>`;
}

function throttleSection({ samples, throttles, throttleCount }: ReportEvents): Html {
  const counts = new Map<string, number>();
  for (const sample of samples) {
    for (const [reason, count] of Object.entries(sample.throttles))
      counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  if (counts.size === 0 && throttleCount === 0) return html`<p>No request was throttled.</p>`;
  const rest = throttleCount - throttles.length;
  return html`${table(
    ["reason", "requests"],
    [...counts].map(([reason, count]) => [reason, whole(count)]),
  )}
<p class="faint">${throttles.map(({ at, reason }) => `${seconds(at)}: ${reason}`).join("; ")}${
    rest > 0 ? `; and ${whole(rest)} more` : ""
  }</p>`;
}

function settingsSection(events: ReportEvents): Html {
  const begun = events.the("runBegun");
  const checked = events.the("checkFinished");
  const loading = events.the("loadBegun");
  const rows: [string, string | number | undefined][] = [
    ["table", loading?.table],
    ["at", loading?.target],
    ["requests in flight, at most", loading?.concurrency],
    ...Object.entries(begun?.settings ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    ["file", begun?.source],
    ["items", checked && whole(checked.items)],
    ["bytes of the items", checked && whole(checked.itemBytes)],
    ["check", checked && seconds(checked.seconds)],
    ["began", begun?.time],
    ["tablewright", begun?.versions.tablewright],
    ["Node", begun?.versions.node],
  ];
  return table(
    ["setting", "value"],
    rows.filter(([, value]) => value !== undefined),
  );
}

const PLOTS = [
  ["throughput", "Items written a second"],
  ["units", "Write units a second, and the limit"],
  ["latency", "Time to an answer, in milliseconds"],
  ["inFlight", "Requests in flight"],
  ["throttles", "Requests throttled or with leftovers, and items sent again"],
] as const;

const plots = () =>
  html`<div class="plots">${PLOTS.map(
    ([id, title]) => html`<figure><figcaption>${title}</figcaption><div id="${id}"></div></figure>`,
  )}</div>
<p class="faint">Over the seconds since the run began.</p>`;

/**
 * Makes a page of a run's events: plots, the sum, the proof, what was rejected, the settings. It is one file that
 * loads nothing. What comes from data stands in it as text.
 */
export async function renderReport(events: ReportEvents): Promise<string> {
  const { source, time } = events.the("runBegun") ?? {};
  const into = events.the("loadBegun")?.table;
  const title = into === undefined ? `Load of ${source}` : `Load of ${source} into ${into}`;
  const isDrawn = events.samples.length > 0;
  const body = html`<main>
<h1>${title}</h1>
<p class="faint">${time}</p>
${outcome(events)}
${loadSection(events)}
${isDrawn ? plots() : ""}
<h2>Throttles</h2>
${throttleSection(events)}
<h2>Proof</h2>
${proofSection(events)}
<h2>Rejected items</h2>
${rejectsSection(events)}
<h2>Settings</h2>
${settingsSection(events)}
</main>
<script type="application/json" id="samples">${jsonData(events.samples)}</script>`;
  const script = new URL("./draw-plots.mjs", import.meta.url);
  return renderPage({ title, body, plots: isDrawn, ...(isDrawn && { script }) });
}
