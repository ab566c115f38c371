import { type Html, html } from "../../../report-page/html.ts";

type Cell = string | number | undefined | Html;

const isNumber = (cell: Cell) => typeof cell === "number";

/**
 * A table that scrolls by itself where it is wider than the page, by keyboard too.
 * @param caption says what it shows
 */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  const cell = (content: Cell) =>
    isNumber(content) ? html`<td class="number">${content}</td>` : html`<td>${content}</td>`;
  // An empty heading is none.
  const head = (text: string) => (text === "" ? html`<td></td>` : html`<th scope="col">${text}</th>`);
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${heads.map(head)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map(cell)}</tr>`)}</tbody></table></div>`;
}
