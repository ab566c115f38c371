import { writeFile } from "node:fs/promises";
import type { CommandContext } from "../context.ts";
import { evaluateStack } from "../evaluate-stack.ts";
import type { CommandResult } from "../run.ts";
import { writeNamedFile } from "../write-named-file.ts";
import { type DeployCommandOptions, overridesOf } from "./options.ts";

/** `deploy --graph`: the stack as a Mermaid diagram, printed or written to a file. */
export async function runGraph(
  context: CommandContext,
  options: DeployCommandOptions,
): Promise<CommandResult> {
  const { settings, evaluation, region } = await evaluateStack(context, overridesOf(options));
  const { drawGraph } = await import("../../deploy/graph/draw-graph.ts");
  const mermaid = drawGraph(evaluation.resources, region);
  const { out } = options;
  if (out !== undefined) {
    const { log } = context;
    await writeNamedFile(out, (path) => writeFile(path, mermaid), { what: "diagram", option: "out", log });
  }
  return {
    document: { stack: settings.stack, region, mermaid, ...(out === undefined ? {} : { out }) },
    text: out === undefined ? mermaid : `the diagram of stack ${settings.stack} is in ${out}`,
  };
}
