import { baselineCommand } from "./migrate/baseline.ts";
import { downCommand } from "./migrate/down.ts";
import { historyCommand } from "./migrate/history.ts";
import { newCommand } from "./migrate/new.ts";
import { abortCommand, pauseCommand, rateCommand, resumeCommand } from "./migrate/order.ts";
import { reconcileCommand } from "./migrate/reconcile.ts";
import { redoCommand } from "./migrate/redo.ts";
import { repairCommand } from "./migrate/repair.ts";
import { retryFailedCommand } from "./migrate/retry-failed.ts";
import { checkCommand, statusCommand } from "./migrate/status.ts";
import { sumCommand } from "./migrate/sum.ts";
import { unlockCommand } from "./migrate/unlock.ts";
import { planCommand, upCommand } from "./migrate/up.ts";
import { REDACT_OPTION } from "./options.ts";
import { defineGroup } from "./run.ts";

export const migrateCommand = defineGroup(
  "migrate",
  "versioned migrations of a table",
  [
    planCommand,
    upCommand,
    downCommand,
    redoCommand,
    statusCommand,
    checkCommand,
    retryFailedCommand,
    historyCommand,
    newCommand,
    sumCommand,
    pauseCommand,
    resumeCommand,
    rateCommand,
    abortCommand,
    baselineCommand,
    reconcileCommand,
    repairCommand,
    unlockCommand,
  ],
  (yargs) => yargs.option("redact", REDACT_OPTION),
);
