/** A command of a document and the output that stands under it. */
export interface ConsoleStep {
  readonly command: string;
  readonly output: string;
}

const BLOCK = /^```console\n([\s\S]*?)^```$/gm;

/** The steps of every `console` block of a Markdown text, in order: a line with `$ ` begins a step. */
export function consoleBlocks(markdown: string): ConsoleStep[][] {
  return [...markdown.matchAll(BLOCK)].map(([, body = ""]) =>
    body
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [command = "", ...output] = step.split("\n");
        return { command, output: output.join("\n").trim() };
      }),
  );
}

/** The same text with other outputs, block by block. */
export function withOutputs(markdown: string, blocks: readonly (readonly ConsoleStep[])[]): string {
  let index = 0;
  return markdown.replaceAll(BLOCK, () => {
    const steps = blocks[index++] ?? [];
    const body = steps.map(({ command, output }) => `$ ${command}\n${output}`.trim()).join("\n");
    return `\`\`\`console\n${body}\n\`\`\``;
  });
}

/** Output without what differs from run to run: times, rates, ports, process numbers, places and dates. */
export function normalize(output: string, root: string): string {
  return (
    output
      .replaceAll(root, "<project>")
      .replaceAll(/\/\S*?(?=\/\.tablewright)/g, "<project>")
      .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>")
      .replaceAll(/process \d+/g, "process <number>")
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
      .replaceAll(/[\d,]+ items\/s/g, "<rate> items/s")
      .replaceAll(/\d+\.\d+ s\b/g, "<seconds> s")
      .replaceAll(/^(\S+ +(?:pass|FAIL).*?) +\d+$/gm, "$1 <ms>")
      // Which members meet in a transaction, and which of them meet others, is a matter of moments.
      .replaceAll(/\d+ transactions/g, "<some> transactions")
      .replaceAll(/, \d+ conflicts/g, "")
      .replaceAll(/ {2,}/g, " ")
      .trim()
  );
}
