import type { Evaluation } from "../deploy/evaluate-program.ts";
import { ExitCode, TablewrightError } from "../errors.ts";
import type { Log } from "../log.ts";
import { StackConfigError } from "../project/errors.ts";
import type { ConfigOverrides, StackReading, StackSettings } from "../project/stack-settings.ts";
import type { CommandContext } from "./context.ts";

/** A stack, and what its program declares. */
export interface EvaluatedStack {
  readonly settings: StackSettings;
  readonly evaluation: Evaluation;
  readonly region: string;
}

/**
 * Evaluates the program for what was read of a stack. A stack whose files are wrong is evaluated as well,
 * for the mistakes that only the program finds.
 * @throws {StackConfigError} with the mistakes of both, and the errors of `evaluateProgram`.
 */
export async function evaluateReading(
  { project }: Pick<CommandContext, "project">,
  { settings, mistakes }: StackReading,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<Evaluation> {
  const { evaluateProgram } = await import("../deploy/evaluate-program.ts");
  if (mistakes.length === 0) return evaluateProgram({ project, settings, log, signal });
  let complaint: TablewrightError | undefined;
  try {
    await evaluateProgram({ project, settings, log, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TablewrightError && error.exitCode === ExitCode.usage) complaint = error;
  }
  throw new StackConfigError(mistakes, complaint);
}

/**
 * Evaluates the program of the stack named with --stack; nothing is made anywhere.
 * @throws what {@link evaluateReading} throws.
 */
export async function evaluateStack(
  context: CommandContext,
  overrides: ConfigOverrides = {},
): Promise<EvaluatedStack> {
  const reading = await context.readStack(overrides);
  const { settings } = reading;
  const evaluation = await evaluateReading(context, reading, context);
  const { regionOf } = await import("../deploy/evaluate-program.ts");
  return { settings, evaluation, region: regionOf(settings) };
}
