import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { counted } from "../../counted.ts";
import { ContentError } from "../../project/errors.ts";
import { replaceFile } from "../../project/replace-file.ts";
import type { PlainItem } from "../../query/oracle.ts";
import { problemsOf } from "../../query/parse-item.ts";
import type { PatternResult, VerifyReport } from "../report.ts";
import type { RunCost } from "./budget.ts";

const VERSION = 1;

const runCostShape = z.strictObject({
  rows: z.int().min(0).optional(),
  requests: z.int().min(0),
  readUnits: z.number().min(0).optional(),
});

const lockShape = z.strictObject({
  version: z.literal(VERSION),
  source: z.strictObject({ name: z.string(), sha256: z.string() }),
  patterns: z.record(z.string(), runCostShape),
});

/** What the run with the most rows of each pattern took, of one source: the file is committed, and its changes reviewed. */
export type CostLock = z.output<typeof lockShape>;

/** The source that costs are of: those of other items say nothing of a pattern. */
export function lockedSource(name: string, items: readonly PlainItem[]): CostLock["source"] {
  const hash = createHash("sha256");
  for (const item of items) hash.update(JSON.stringify(item)).update("\n");
  return { name, sha256: hash.digest("hex") };
}

const lockedCost = ({ rows, requests, readUnits }: RunCost): CostLock["patterns"][string] => ({
  ...(rows !== undefined && { rows }),
  requests,
  ...(readUnits !== undefined && { readUnits }),
});

/**
 * A lock of what a run has measured. Patterns that it has left out keep what is known of them, where that is of the
 * same items; those that are no more go.
 */
export function makeLock(report: VerifyReport, before?: CostLock): CostLock {
  const source = { name: report.source, sha256: report.sourceSha256 };
  const known = before?.source.sha256 === source.sha256 ? before.patterns : {};
  const measured = new Map(report.patterns.map(({ id, largest }) => [id, largest && lockedCost(largest)]));
  const ids = [...measured.keys(), ...report.notSelected].sort();
  const costs = ids.flatMap((id) => {
    const cost = measured.get(id) ?? known[id];
    return cost ? [[id, cost] as const] : [];
  });
  return { version: VERSION, source, patterns: Object.fromEntries(costs) };
}

/** What a run took, in words: `1 request, 0.5 read units, 12 rows`. */
export const costText = ({ rows, requests, readUnits }: RunCost) =>
  [
    counted(requests, "request"),
    ...(readUnits === undefined ? [] : [`${readUnits} read units`]),
    ...(rows === undefined ? [] : [counted(rows, "row")]),
  ].join(", ");

/** How a pattern's cost differs from the locked one, in words; undefined where it does not. */
export function lockDifference({ id, largest }: PatternResult, lock: CostLock): string | undefined {
  if (!largest) return undefined;
  const [locked, now] = [lock.patterns[id], lockedCost(largest)];
  if (!locked) return `its cost is not in the lock: ${costText(now)}`;
  const [before, after] = [costText(locked), costText(now)];
  return before === after ? undefined : `its cost has changed: ${after}, where the lock has ${before}`;
}

/** A model's lock file, from the project's folder. */
export const lockName = (model: string): string => join("queries", model, "patterns.lock.json");

/**
 * Reads a lock file.
 * @returns undefined where there is none
 * @throws {ContentError} naming everything that is wrong with it.
 */
export async function readLock(file: string, shown: string): Promise<CostLock | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const next = "Make it anew: tablewright verify --update-lock.";
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new ContentError(shown, `is not JSON: ${error instanceof Error ? error.message : error}`, next);
  }
  const parsed = lockShape.safeParse(content);
  if (!parsed.success) throw new ContentError(shown, problemsOf(parsed.error).join("; "), next);
  return parsed.data;
}

/** Writes a lock file as a whole. */
export const writeLock = (file: string, lock: CostLock): Promise<void> =>
  replaceFile(file, `${JSON.stringify(lock, null, 2)}\n`);
