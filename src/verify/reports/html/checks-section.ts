import { type Html, html } from "../../../report-page/html.ts";
import { ALL_EDGES, EDGES, type EdgeReport } from "../../edges/edges.ts";
import { MUTATION_KINDS } from "../../self-test/kinds.ts";
import { selfTestProblems } from "../../self-test/render-self-test.ts";
import type { SelfTestReport } from "../../self-test/self-test-report.ts";
import { table } from "./table.ts";

/** Whether the checks can fail: what became of the mistakes that were made on purpose, kind by kind. */
export function selfTestSection(report: SelfTestReport): Html {
  const { kinds, killed, mutants, seconds } = report;
  const rows = kinds.map(({ kind, mutants, killed, withoutEffect, absent }) => [
    MUTATION_KINDS[kind],
    absent === undefined ? mutants : `none: ${absent}`,
    absent === undefined ? killed : undefined,
    withoutEffect,
  ]);
  const problems = selfTestProblems(report);
  const message = html`<pre class="message" tabindex="0">${problems.join("\n")}</pre>`;
  return html`<p>${killed} of ${mutants} mistakes that were made on purpose turned their pattern red, in ${seconds.toFixed(1)} s.</p>
${problems.length > 0 ? message : ""}
${table("Mistakes by kind", ["mistake", "made", "found", "without effect"], rows)}`;
}

/** Which edges each pattern met. */
export function edgesSection({ patterns, unmet, leftOut }: EdgeReport): Html {
  if (leftOut !== undefined) return html`<p>No edge inputs: ${leftOut}.</p>`;
  const missing = unmet.map((edge) => html`<p><span class="badge fail">not met</span> ${EDGES[edge]}</p>`);
  const rows = ALL_EDGES.map((edge) => [
    EDGES[edge],
    patterns
      .filter(({ met }) => met.includes(edge))
      .map(({ id }) => id)
      .join(", "),
  ]);
  return html`${missing}${table("Edges and the patterns that met them", ["edge", "patterns"], rows)}`;
}
