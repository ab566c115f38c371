import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Html, html } from "./html.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** A page of a report. */
export interface Page {
  readonly title: string;
  /** What stands in the body. */
  readonly body: Html;
  /** CSS besides what every page has. */
  readonly style?: string;
  /** The page's own script, which runs when its body is there; with `plots`, `globalThis.drawPlot` draws for it. */
  readonly script?: URL;
  /** Whether it draws plots. */
  readonly plots: boolean;
}

/** What plots need: uPlot, whose files hold no end of an element, and what draws with it. */
async function plotParts(): Promise<{ scripts: string[]; style: string }> {
  const { resolve } = createRequire(import.meta.url);
  const [library, drawing, style] = await Promise.all([
    readFile(resolve("uplot/dist/uPlot.iife.min.js"), "utf8"),
    readFile(new URL("./draw-plots.mjs", import.meta.url), "utf8"),
    readFile(resolve("uplot/dist/uPlot.min.css"), "utf8"),
  ]);
  return { scripts: [library, drawing], style };
}

/** A script by its content: the page's policy lets these run and no other, whatever stands in its data. */
const sourceOf = (script: string) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

/**
 * Makes one file of a page, which loads nothing and runs no script but its own.
 * @throws what reading the scripts throws.
 */
export async function renderPage({ title, body, style = "", script, plots }: Page): Promise<string> {
  const { scripts, style: plotStyle } = plots ? await plotParts() : { scripts: [], style: "" };
  if (script) scripts.push(await readFile(script, "utf8"));
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(sourceOf).join(" ") || "'none'"}`,
    "style-src 'unsafe-inline'",
    "img-src data:",
  ].join("; ");
  // Modules, so that no script's names meet another's; uPlot is the one that wants to leave a name behind.
  const element = (text: string, position: number) =>
    plots && position === 0
      ? html`<script>${new Html(text)}</script>`
      : html`<script type="module">${new Html(text)}</script>`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${new Html(plotStyle)}${new Html(PAGE_STYLE)}${new Html(style)}</style>
</head>
<body>
${body}
${scripts.map(element)}
</body>
</html>
`;
  return page.text;
}
