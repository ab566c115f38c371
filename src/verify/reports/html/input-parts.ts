import { counted } from "../../../counted.ts";
import { type Html, html } from "../../../report-page/html.ts";
import { pairRows } from "../../describe-difference.ts";
import type {
  AnswerEvidence,
  DifferenceEvidence,
  ExpectedEvidence,
  InputEvidence,
  JsonValue,
} from "../../evidence/evidence.ts";
import { differencesOf } from "../../plain-value.ts";
import { costOfInput } from "../run-costs.ts";
import { STATUS_WORDS } from "../status.ts";
import { table } from "./table.ts";

const badge = (status: InputEvidence["status"]) =>
  html`<span class="badge ${status}">${STATUS_WORDS[status]}</span>`;

const line = (value: JsonValue) => JSON.stringify(value) ?? "nothing";
const block = (title: string, content: Html | string) =>
  html`<div class="block"><h5>${title}</h5>${content}</div>`;
const code = (text: string) => html`<pre tabindex="0">${text}</pre>`;
const pretty = (value: JsonValue) => code(JSON.stringify(value, null, 2) ?? "");

function expectedText(expected: ExpectedEvidence): string {
  if (expected.kind === "refusal") return `the refusal ${expected.code}`;
  if (expected.kind === "done") return "that it is done";
  if (expected.compare === "subset") return `any ${counted(expected.count, "row")} of some`;
  return `${counted(expected.count, "row")}, ${expected.compare === "ordered" ? "in this order" : "in any order"}`;
}

function answerText(answer: AnswerEvidence | undefined): string {
  if (!answer) return "it was not run";
  if (answer.kind === "refusal") return `refused: ${answer.code}`;
  if (answer.kind === "done") return "done";
  if (answer.kind === "rows") return `${counted(answer.count, "row")} in ${counted(answer.pages, "page")}`;
  return answer.kind === "error" ? "an error" : "unknown";
}

function answerBlock(answer: AnswerEvidence | undefined): Html {
  const rows = answer?.kind === "rows" ? answer.rows : [];
  const more = answer?.kind === "rows" ? answer.count - rows.length : 0;
  const lines = [...rows.map(line), ...(more > 0 ? [`and ${more} more`] : [])];
  const shown = lines.length > 0 ? code(lines.join("\n")) : "";
  return html`<div class="block wide"><h5>Answer</h5><p>${answerText(answer)}</p>${shown}</div>`;
}

/** What is marked in words as well as in colour. */
const mark = (kind: "missing" | "extra", row: JsonValue) =>
  html`<li class="${kind}"><b>${kind === "missing" ? "− missing" : "+ extra"}</b> <code>${line(row)}</code></li>`;

function changed(expected: JsonValue, actual: JsonValue): Html {
  const rows = differencesOf(expected, actual).map(({ path, expected, actual }) => [
    path,
    line(expected),
    line(actual),
  ]);
  return html`<li><b>± differs</b> <code>${line(expected)}</code>${table("How the row differs", ["attribute", "expected", "got"], rows)}</li>`;
}

function differenceBlock({ missingCount, extraCount, missing, extra, outOfOrder }: DifferenceEvidence): Html {
  const counts = `${counted(missingCount, "row")} missing, ${extraCount} that should not be there`;
  const pairs = pairRows(missing, extra).map(({ missing, extra }) => {
    if (missing === undefined) return mark("extra", extra);
    return extra === undefined ? mark("missing", missing) : changed(missing, extra);
  });
  const order =
    outOfOrder &&
    html`<p>The right rows in the wrong order, first at row ${outOfOrder.position + 1}:</p>
<ul class="diff"><li class="missing"><b>expected</b> <code>${line(outOfOrder.expected)}</code></li><li class="extra"><b>got</b> <code>${line(outOfOrder.actual)}</code></li></ul>`;
  const hidden = missingCount - missing.length + extraCount - extra.length;
  const rows = html`<p>${counts}</p><ul class="diff">${pairs}</ul>${hidden > 0 ? html`<p class="faint">and ${hidden} more</p>` : ""}`;
  return block("Difference", order ?? rows);
}

/** What an input's run took, in a few words. */
function costText(input: InputEvidence): string {
  const { requests, readUnits } = costOfInput(input);
  const units = readUnits === undefined ? [] : [`read units ${readUnits}`];
  return [counted(requests, "request"), ...units, `${input.milliseconds} ms`].join(", ");
}

/** An input with all that is known of it. */
export function inputDetails(input: InputEvidence, number: number): Html {
  const { name, status, message, request, requests, parts, difference } = input;
  return html`<details class="input"><summary>${badge(status)} <span class="number">${number}</span> ${name} <span class="faint">${answerText(input.answer)}; ${costText(input)}</span></summary>
${message === undefined ? "" : code(message)}
<div class="blocks">
${block("Given", pretty(input.input))}
${request ? block(`First request: ${request.operation}`, pretty(request.input)) : ""}
${block("Expected", html`<p>${expectedText(input.expected)}</p>`)}
${answerBlock(input.answer)}
</div>
${difference ? differenceBlock(difference) : ""}
${
  requests.length === 0
    ? ""
    : table(
        "Requests",
        ["operation", "place", "items", "read units", "reported", "ms"],
        requests.map((sent) => [
          sent.partial ? `${sent.operation} (left a part over)` : sent.operation,
          sent.index ?? "base table",
          sent.scanned === undefined ? sent.items : `${sent.items} of ${sent.scanned} read`,
          sent.readUnits,
          sent.reportedUnits,
          sent.milliseconds,
        ]),
      )
}
${
  parts.length === 0
    ? ""
    : table(
        "The same answer, read in parts",
        ["how", "pages", "result"],
        parts.map(({ how, pages, status }) => [how, pages, STATUS_WORDS[status]]),
      )
}</details>`;
}

/** Inputs with a line each, for which there is no room to show more. */
export function inputLines(
  inputs: readonly { readonly input: InputEvidence; readonly number: number }[],
): Html {
  return table(
    "Inputs of which a line is shown",
    ["", "input", "result", "expected", "answer", "requests", "read units", "ms"],
    inputs.map(({ input, number }) => {
      const { requests, readUnits } = costOfInput(input);
      const result =
        input.status === "pass"
          ? "pass"
          : `${STATUS_WORDS[input.status]}: ${input.message?.split("\n")[0] ?? ""}`;
      return [
        number,
        input.name,
        result,
        expectedText(input.expected),
        answerText(input.answer),
        requests,
        readUnits,
        input.milliseconds,
      ];
    }),
  );
}
