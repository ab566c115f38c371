import { type DownRequest, migrateDown } from "./down.ts";
import type { MigrationEnvironment } from "./environment.ts";
import type { MigrateResult } from "./result.ts";
import { migrateUp } from "./up.ts";

/** What a redo came to: `up` is missing where `down` did not go through. */
export interface RedoResult {
  readonly down: MigrateResult;
  readonly up?: MigrateResult;
}

/**
 * Reverts migrations, the last applied first, and applies them again.
 * @throws as {@link migrateDown} and {@link migrateUp} do.
 */
export async function migrateRedo(
  environment: MigrationEnvironment,
  request: Pick<DownRequest, "steps" | "confirmed"> = {},
): Promise<RedoResult> {
  const down = await migrateDown(environment, request);
  const [last] = down.results;
  if (down.error || !last) return { down };
  return { down, up: await migrateUp(environment, { to: last.id }) };
}
