import type { Argv } from "yargs";
import { UsageError } from "../../errors.ts";
import type { ProofSettings } from "../../seed/prove/prepare-proof.ts";
import type { ProofRequest } from "../../seed/prove/proof-request.ts";
import type { CommandContext } from "../context.ts";
import { isRedacted, REDACT_OPTION } from "../options.ts";
import { wholeNumber } from "../whole-number.ts";
import { stateFile } from "./open-seed.ts";

/** What the command line says of a proof. */
export interface ProofCommandOptions {
  proof: string;
  sampleSeed?: number | undefined;
  indexes: boolean;
  maxReadUnits?: number | undefined;
  /** Of `seed prove`: the table must hold nothing else. */
  exact?: boolean | undefined;
}

/** What is asked of a proof. */
export interface ProofWishes {
  /** Count the entries of the indexes, too, where all is compared. Default true. */
  readonly indexes?: boolean | undefined;
  /** Read no more than so many read units. */
  readonly maxReadUnits?: number | undefined;
}

/** Seeds of samples are below it. */
const SEED_LIMIT = 2 ** 32;

/** @throws {UsageError} where an option is given that says nothing of this proof. */
function refuseBeside(option: string, proof: string, why: string): never {
  throw new UsageError({
    message: `--${option} and --proof ${proof} do not go together: ${why}`,
    next: "Leave out one of the two.",
    facts: { options: [option, "proof"], proof },
  });
}

/** Adds `--proof` and what goes with it. @param proofs what it may be */
export function defineProofOptions<T>(yargs: Argv<T>, proofs: readonly string[]) {
  return yargs
    .option("proof", {
      type: "string",
      default: "full",
      describe: `how table and file are compared: ${proofs.join(", ")}`,
      requiresArg: true,
    })
    .option("sample-seed", {
      type: "number",
      describe: "draw the sample of an earlier run",
      requiresArg: true,
    })
    .option("indexes", {
      type: "boolean",
      default: true,
      describe: "a full proof counts the entries of the indexes",
    })
    .option("max-read-units", {
      type: "number",
      describe: "read no more than so many read units to compare",
      requiresArg: true,
    })
    .option("redact", REDACT_OPTION);
}

function usageError(text: string, proofs: readonly string[]): UsageError {
  return new UsageError({
    message: `"${text}" is no proof`,
    next: `It may be ${proofs.join(", ")}, such as --proof sample=5%; the percentage is above 0 and at most 100.`,
    facts: { option: "proof", value: text },
  });
}

/**
 * Reads what the command line says of a proof.
 * @param proofs what `--proof` may be
 * @throws {UsageError} for anything else.
 */
export async function readProofOptions(
  { proof, sampleSeed, indexes, maxReadUnits, exact = false }: ProofCommandOptions,
  proofs: readonly string[],
): Promise<ProofWishes & { readonly proof: ProofRequest }> {
  if (maxReadUnits !== undefined) wholeNumber("max-read-units", maxReadUnits, 1);
  if (sampleSeed !== undefined) wholeNumber("sample-seed", sampleSeed, 0, SEED_LIMIT - 1);
  const wishes = { indexes, maxReadUnits };
  if (proof === "full" || (proof === "none" && proofs.includes(proof))) {
    if (sampleSeed !== undefined) refuseBeside("sample-seed", proof, "it draws a sample");
    return { ...wishes, proof };
  }
  const percent = Number(/^sample=(\d+(?:\.\d+)?)%$/.exec(proof)?.[1]);
  if (!(percent > 0 && percent <= 100)) throw usageError(proof, proofs);
  if (exact) refuseBeside("exact", proof, "a sample does not look for what the file does not have");
  const { randomInt } = await import("node:crypto");
  return { ...wishes, proof: { percent, seed: sampleSeed ?? randomInt(SEED_LIMIT) } };
}

/** What a proof in this context takes, by what is asked of it. */
export function proofSettings(
  context: CommandContext,
  { indexes = true, maxReadUnits }: ProofWishes,
  timeToLive: string | undefined,
): ProofSettings {
  const differences = { path: stateFile(context, "differences"), redact: isRedacted(context.options) };
  return { countsIndexes: indexes, maxReadUnits, timeToLive, differences };
}
