import type { TablewrightError } from "../errors.ts";
import type { MigrationStatus } from "./judge-migrations.ts";

/** What a run did to one migration. */
export interface MigrationResult {
  readonly id: string;
  /** `waiting`: left while something that goes on by itself was under way; the next run goes on from there. */
  readonly result: "applied" | "reverted" | "failed" | "interrupted" | "waiting" | "notRun";
  readonly seconds?: number;
  /** Those that it was to take, in its order: steps that an earlier run was done with are not among them. */
  readonly steps: readonly StepOutcome[];
}

/** What a run did in one step. */
export interface StepOutcome {
  readonly id: string;
  readonly kind: string;
  readonly result: MigrationResult["result"];
  /** What it came to, in a word such as "created" or "filled"; undefined where it did not go through. */
  readonly outcome?: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly seconds?: number;
}

/** What `up` or `down` came to. */
export interface MigrateResult {
  readonly model: string;
  readonly table: string;
  readonly direction: "up" | "down";
  /** What the run was to do, in its order; what it did not come to is `notRun`. */
  readonly results: readonly MigrationResult[];
  /** Where every migration stands afterwards. */
  readonly migrations: readonly MigrationStatus[];
  /** How many `up` would still run. */
  readonly pending: number;
  /** Why the run stopped early. */
  readonly error?: TablewrightError;
}
