import type { BackfillStep } from "./backfill.ts";
import type { CounterStep } from "./counter.ts";
import type { DropIndexStep } from "./drop-index.ts";
import type { EnsureIndexStep } from "./ensure-index.ts";
import type { EnsureStreamStep } from "./ensure-stream.ts";
import type { EnsureTtlStep } from "./ensure-ttl.ts";
import type { ScriptStep } from "./script.ts";
import type { VerifyStep } from "./verify.ts";

/** One step of a migration, as data. */
export type MigrationStep =
  | EnsureIndexStep
  | DropIndexStep
  | EnsureTtlStep
  | EnsureStreamStep
  | BackfillStep
  | CounterStep
  | VerifyStep
  | ScriptStep;

/** What a file of migrations/<model>/ exports by default. */
export interface Migration {
  /** The file's name without `.ts`. Migrations run in the order of their ids, compared by code unit. */
  readonly id: string;
  readonly description: string;
  readonly steps: readonly MigrationStep[];
}

/** Checks the types of a migration and returns it as it is. */
export function defineMigration(migration: Migration): Migration {
  return migration;
}
