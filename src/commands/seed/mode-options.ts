import type { Argv } from "yargs";
import { UsageError } from "../../errors.ts";
import { SEED_MODES, type SeedMode } from "../../seed/load/seed-mode.ts";
import { wholeNumber } from "../whole-number.ts";

/** What is done about items that are there already, and about those that are refused. */
export interface ModeRequest {
  /** Default `upsert`. */
  readonly mode?: SeedMode | undefined;
  /** Read each item first, and leave those alone that are there, equal. */
  readonly skipIdentical?: boolean | undefined;
  /** How many items may be rejected before the load stops. Default 0. */
  readonly maxRejects?: number | undefined;
}

/** Adds `--mode`, `--skip-identical` and `--max-rejects`. */
export function defineModeOptions<T>(yargs: Argv<T>) {
  return yargs
    .option("mode", {
      choices: SEED_MODES,
      default: "upsert" as SeedMode,
      describe:
        "items that are there: insert leaves them, upsert writes over them, replace also deletes those that are not in the file",
      requiresArg: true,
    })
    .option("skip-identical", {
      type: "boolean",
      default: false,
      describe: "read each item first, and do not write what is there already",
    })
    .option("max-rejects", {
      type: "number",
      default: 0,
      describe: "go on until more than so many items were rejected",
      requiresArg: true,
    });
}

/** @throws {UsageError} for what makes no sense. */
export function readModeOptions({ mode, skipIdentical, maxRejects }: ModeRequest): ModeRequest {
  if (mode === "insert" && skipIdentical) {
    throw new UsageError({
      message:
        "--mode insert writes over nothing and tells what is identical: --skip-identical adds only reads",
      next: "Leave out --skip-identical.",
    });
  }
  return { mode, skipIdentical, maxRejects: wholeNumber("max-rejects", maxRejects ?? 0, 0) };
}
