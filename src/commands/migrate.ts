import { downCommand } from "./migrate/down.ts";
import { newCommand } from "./migrate/new.ts";
import { retryFailedCommand } from "./migrate/retry-failed.ts";
import { checkCommand, statusCommand } from "./migrate/status.ts";
import { sumCommand } from "./migrate/sum.ts";
import { upCommand } from "./migrate/up.ts";
import { defineGroup } from "./run.ts";

export const migrateCommand = defineGroup("migrate", "versioned migrations of a table", [
  upCommand,
  downCommand,
  statusCommand,
  checkCommand,
  retryFailedCommand,
  newCommand,
  sumCommand,
]);
