import { createInterface } from "node:readline/promises";
import type { Target } from "../dynamo/target.ts";
import { UsageError } from "../errors.ts";
import type { GlobalOptions } from "./options.ts";

/** Asks on the terminal. An input that ends, and Ctrl-C, count as no answer. */
function ask(question: string): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    prompt.once("close", () => resolve(""));
    prompt.question(question).then(
      (answer) => {
        resolve(answer.trim());
        prompt.close();
      },
      () => resolve(""),
    );
  });
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
