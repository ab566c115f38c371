import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { type Evaluation, regionOf } from "../../src/deploy/evaluate-program.ts";
import { drawGraph } from "../../src/deploy/graph/draw-graph.ts";
import { readStackSettings } from "../../src/project/stack-settings.ts";
import { flowchartMistakes } from "../support/mermaid-check.ts";
import { ROOT } from "../support/processes.ts";
import { evaluate, project } from "./evaluate.ts";

const PAGE = join(ROOT, "docs", "infrastructure.md");
/** `UPDATE_DOCS=1 npx vitest run test/infra/stacks.test.ts` draws what the program declares today. */
const update = process.env.UPDATE_DOCS !== undefined;

let stacks: Readonly<Record<"dev" | "prod", Evaluation>>;
beforeAll(async () => {
  const [dev, prod] = await Promise.all([evaluate("dev"), evaluate("prod")]);
  stacks = { dev, prod };
});

/** A policy or a dashboard is JSON in a string: shown as what it says. */
function opened(value: unknown): unknown {
  if (typeof value === "string" && /^[{[]/.test(value)) return opened(JSON.parse(value));
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

it.each(["dev", "prod"] as const)("the stack %s declares what its snapshot shows", async (stack) => {
  const resources = stacks[stack].resources
    .map(({ urn, protect, ignoreChanges, inputs }) => ({
      urn,
      protect,
      ignoreChanges,
      inputs: opened(inputs),
    }))
    .sort((one, other) => (one.urn < other.urn ? -1 : 1));
  const text = `${JSON.stringify({ resources, outputs: stacks[stack].outputs }, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(join("snapshots", `${stack}.json`));
});

it("the diagram in docs/infrastructure.md is that of the stack prod", () => {
  const { resources } = stacks.prod;
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
