import type { MigrationEnvironment } from "./environment.ts";
import { type MigrateStatus, migrateStatus } from "./status.ts";

/** A status and what it means for whoever waits for it, such as a pipeline. */
export interface CheckResult extends MigrateStatus {
  /**
   * `wrong`: a migration failed, was interrupted, changed or is missing, or files and history do not fit.
   * `pending`: else, something is still to be run. `done`: neither.
   */
  readonly verdict: "done" | "pending" | "wrong";
}

/**
 * Says where each migration stands, and judges it. Takes no lock and writes nothing.
 * @throws {MigrationFilesError} naming every mistake in the files.
 */
export async function migrateCheck(environment: MigrationEnvironment): Promise<CheckResult> {
  const status = await migrateStatus(environment);
  const { migrations, problems, pending } = status;
  const isWrong = migrations.some(({ state }) => state === "failed" || state === "interrupted");
  if (isWrong || problems.length > 0) return { ...status, verdict: "wrong" };
  return { ...status, verdict: pending > 0 ? "pending" : "done" };
}
