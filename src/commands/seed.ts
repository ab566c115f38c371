import { defineGroup } from "./run.ts";
import { generateCommand } from "./seed/generate.ts";

export const seedCommand = defineGroup("seed", "load a table, check a seed file, prove table = file", [
  generateCommand,
]);
