import type { Evaluation } from "../../deploy/evaluate-program.ts";
import type { StackSettings } from "../../project/stack-settings.ts";
import type { CommandContext } from "../context.ts";
import type { DeployCommandOptions } from "./options.ts";

/** A stack, and what its program declares. */
export interface EvaluatedStack {
  readonly settings: StackSettings;
  readonly evaluation: Evaluation;
  readonly region: string;
}

/** Evaluates the program of the stack named with --stack; nothing is made anywhere. */
export async function evaluateStack(
  context: CommandContext,
  { indexOwner }: Pick<DeployCommandOptions, "indexOwner">,
): Promise<EvaluatedStack> {
  const settings = await context.stackSettings(indexOwner ? { indexOwner } : {});
  const { evaluateProgram, regionOf } = await import("../../deploy/evaluate-program.ts");
  const { project, log, signal } = context;
  const evaluation = await evaluateProgram({ project, settings, log, signal });
  return { settings, evaluation, region: regionOf(settings) };
}
