import { defineGroup } from "./run.ts";
import { runCommand } from "./stream/run.ts";
import { tailCommand } from "./stream/tail.ts";

export const streamCommand = defineGroup("stream", "run a stream consumer locally, watch a table's changes", [
  runCommand,
  tailCommand,
]);
