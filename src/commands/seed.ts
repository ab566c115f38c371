import { defineGroup } from "./run.ts";
import { checkCommand } from "./seed/check.ts";
import { generateCommand } from "./seed/generate.ts";
import { loadCommand } from "./seed/load.ts";
import { proveCommand } from "./seed/prove.ts";

/**
 * Makes the command `seed`.
 * @param args the command line, without node and script: the options of `seed generate` depend on its table
 */
export const seedCommand = (args: readonly string[]) =>
  defineGroup("seed", "load a table, check a seed file, prove that table = file", [
    loadCommand,
    checkCommand,
    proveCommand,
    generateCommand(args),
  ]);
