/** A node's or a link's line, as the flowcharts here spell them (https://mermaid.js.org/syntax/flowchart.html). */
const TEXT = /"[^"<>#]*(?:(?:<br\/>|#\w+;)[^"<>#]*)*"/.source;
const NODE = new RegExp(
  `^  (n\\d+)(\\[\\(${TEXT}\\)\\]|\\[/${TEXT}/\\]|\\(\\[${TEXT}\\]\\)|\\[\\[${TEXT}\\]\\]|\\{\\{${TEXT}\\}\\}|\\[${TEXT}\\]|\\(${TEXT}\\))$`,
);
const LINK = new RegExp(`^  (n\\d+) -->(?:\\|${TEXT}\\|)? (n\\d+)$`);

/**
 * What is wrong with a flowchart, one line each: lines that Mermaid would not take, links to nodes that
 * are not there, nodes declared twice. Mermaid itself is 180 MB with what it needs, so it is not asked.
 */
export function flowchartMistakes(text: string): string[] {
  const [head, ...lines] = text.trimEnd().split("\n");
  const mistakes = head === "flowchart LR" ? [] : [`begins with ${head}`];
  const nodes = new Set<string>();
  for (const line of lines) {
    const [, node] = NODE.exec(line) ?? [];
    const [, from, to] = LINK.exec(line) ?? [];
    if (node !== undefined) {
      if (nodes.has(node)) mistakes.push(`declared twice: ${line}`);
      nodes.add(node);
    } else if (from === undefined || to === undefined) {
      mistakes.push(`neither node nor link: ${line}`);
    } else if (!nodes.has(from) || !nodes.has(to)) {
      mistakes.push(`links what is not there: ${line}`);
    }
  }
  return mistakes;
}
