import { defineGroup } from "./run.ts";
import { checkCommand } from "./seed/check.ts";
import { generateCommand } from "./seed/generate.ts";
import { loadCommand } from "./seed/load.ts";
import { proveCommand } from "./seed/prove.ts";

export const seedCommand = defineGroup("seed", "load a table, check a seed file, prove that table = file", [
  loadCommand,
  checkCommand,
  proveCommand,
  generateCommand,
]);
