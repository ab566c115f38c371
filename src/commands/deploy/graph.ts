import { UsageError } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import type { CommandResult } from "../run.ts";
import { evaluateStack } from "./evaluate-stack.ts";
import type { DeployCommandOptions } from "./options.ts";

async function writeDiagram(file: string, text: string): Promise<void> {
  const { mkdir, writeFile } = await import("node:fs/promises");
  const { dirname, resolve } = await import("node:path");
  try {
    await mkdir(dirname(resolve(file)), { recursive: true });
    await writeFile(file, text);
  } catch (error) {
    throw new UsageError({
      message: `cannot write the diagram: ${error instanceof Error ? error.message : String(error)}`,
      next: "Name a file that can be written with --out.",
      facts: { file },
      cause: error,
    });
  }
}

/** `deploy --graph`: the stack as a Mermaid diagram, printed or written to a file. */
export async function runGraph(
  context: CommandContext,
  options: DeployCommandOptions,
): Promise<CommandResult> {
  const { settings, evaluation, region } = await evaluateStack(context, options);
  const { drawGraph } = await import("../../deploy/graph/draw-graph.ts");
  const mermaid = drawGraph(evaluation.resources, region);
  const { out } = options;
  if (out !== undefined) await writeDiagram(out, mermaid);
  return {
    document: { stack: settings.stack, region, mermaid, ...(out === undefined ? {} : { out }) },
    text: out === undefined ? mermaid : `the diagram of stack ${settings.stack} is in ${out}`,
  };
}
