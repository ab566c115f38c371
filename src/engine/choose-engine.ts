import type { EngineName } from "../dynamo/target.ts";
import { dynamodbLocal } from "./dynamodb-local.ts";
import { dynoxide } from "./dynoxide.ts";
import { NoEngineError } from "./errors.ts";
import type { Launcher } from "./launcher.ts";

/** Every engine this program knows, the preferred one first. A new kind is registered here. */
export const LAUNCHERS: readonly Launcher[] = [dynamodbLocal, dynoxide];

/**
 * Picks the engine to run: the one asked for, else the first that can run here.
 * @throws {NoEngineError} saying of each candidate why it cannot run.
 */
export async function chooseEngine(wanted?: EngineName): Promise<Launcher> {
  const reasons: string[] = [];
  for (const launcher of LAUNCHERS) {
    if (wanted !== undefined && launcher.name !== wanted) continue;
    const reason = await launcher.unavailable();
    if (reason === undefined) return launcher;
    reasons.push(reason);
  }
  throw new NoEngineError(reasons);
}
