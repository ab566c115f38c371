import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { regionOf } from "../../src/deploy/evaluate-program.ts";
import { drawGraph } from "../../src/deploy/graph/draw-graph.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { flowchartMistakes } from "../support/mermaid-check.ts";
import { ROOT } from "../support/processes.ts";
import { evaluate, project } from "./evaluate.ts";

const PAGE = join(ROOT, "docs", "infrastructure.md");
/** `UPDATE_DOCS=1 npx vitest run test/infra/diagram.test.ts` draws what the program declares today. */
const update = process.env.UPDATE_DOCS !== undefined;

it("the diagram in docs/infrastructure.md is that of the stack prod", async () => {
  const { resources } = await evaluate("prod");
  const diagram = drawGraph(resources, regionOf(readStackSettings(project, "prod")));
  expect(flowchartMistakes(diagram)).toEqual([]);
  const marked = `<!-- diagram -->\n\`\`\`mermaid\n${diagram}\`\`\`\n<!-- /diagram -->`;
  if (update) {
    const page = readFileSync(PAGE, "utf8");
    writeFileSync(
      PAGE,
      page.replace(/<!-- diagram -->[\s\S]*<!-- \/diagram -->/, () => marked),
    );
  }
  expect(readFileSync(PAGE, "utf8")).toContain(marked);
});
