import { createInterface } from "node:readline/promises";
import type { Target } from "../dynamo/target.ts";
import { UsageError } from "../errors.ts";
import type { GlobalOptions } from "./options.ts";

async function ask(question: string): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await prompt.question(question)).trim();
  } finally {
    prompt.close();
  }
}

/**
 * Makes sure that something destructive is meant. On a local engine `--yes` is enough; on AWS it must
 * carry the table's name. Without it, a terminal is asked for the name.
 * @throws {UsageError} when nobody confirmed.
 */
export async function confirmDestruction(
  what: string,
  physicalName: string,
  options: Pick<GlobalOptions, "yes" | "json">,
  target: Target,
): Promise<void> {
  const onAws = target.kind === "aws";
  if (options.yes === physicalName || (options.yes === "" && !onAws)) return;
  if (options.yes === undefined && process.stdin.isTTY === true && !options.json) {
    const answer = await ask(`This will ${what} at ${target.description}. Type the table's name to go on: `);
    if (answer === physicalName) return;
  }
  throw new UsageError({
    message: `not confirmed: this would ${what} at ${target.description}`,
    next: onAws ? `Say so with --yes ${physicalName}.` : "Say so with --yes.",
    facts: { what, table: physicalName, target: target.description },
  });
}
