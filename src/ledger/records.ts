import { z } from "zod";

const textCondition = z.union([z.string(), z.object({ beginsWith: z.string() })]);
const declaredWrites = z.object({
  where: z.record(z.string(), textCondition),
  attributes: z.array(z.string()),
});
const counts = z.record(z.string(), z.number());

/** One step of a migration, as far as it has come. */
export const stepRecordSchema = z.object({
  migration: z.string(),
  step: z.string(),
  kind: z.string(),
  /** `running` and `reverting` stay when a run dies: they say what it was at. */
  state: z.enum(["running", "applied", "reverting"]),
  /** What it came to, such as "created" or "adopted". */
  outcome: z.string().optional(),
  counts,
  /** What the step may have written on the table's items. */
  writes: z.array(declaredWrites),
  /** Facts the step noted down before it acted, for the run that finds them after a crash. */
  notes: z.record(z.string(), z.string()),
  startedAt: z.string(),
  appliedAt: z.string().optional(),
});

/** One migration that was ever started and not wholly reverted. */
export const migrationRecordSchema = z.object({
  id: z.string(),
  description: z.string(),
  /** `waiting`: left while something that goes on by itself, such as the building of an index, was under way. */
  state: z.enum(["running", "applied", "failed", "interrupted", "waiting"]),
  /** Which way the last run went. */
  direction: z.enum(["up", "down"]),
  /** What the file that ran last does: `<algorithm>:<SHA-256>`. */
  hash: z.string(),
  /** SHA-256 of its text. */
  fileHash: z.string(),
  /** The run that wrote this record. */
  owner: z.string(),
  term: z.number(),
  startedAt: z.string(),
  appliedAt: z.string().optional(),
  /** Orders migrations by when they were applied: greater is later. */
  appliedOrder: z.number().optional(),
  error: z.object({ code: z.string(), message: z.string(), step: z.string().optional() }).optional(),
});

/** Something that happened: written once, never changed. */
export const eventRecordSchema = z.object({
  order: z.number(),
  /** Wall time, for people. */
  at: z.string(),
  kind: z.enum(["migration", "load", "lock", "control"]),
  /** The migration's id, the file that was loaded, the owner whose lock was taken away, or the command that got an order. */
  subject: z.string(),
  action: z.string(),
  outcome: z.string(),
  user: z.string(),
  host: z.string(),
  pid: z.number(),
  term: z.number(),
  /** The version of this program. */
  version: z.string(),
  /** The commit that the project's files stood at; ends in -dirty where files differed from it. */
  commit: z.string().optional(),
  /** Why, in the words of who did it. */
  reason: z.string().optional(),
  seconds: z.number().optional(),
  /** Capacity units of the table and its indexes. */
  consumed: z.object({ read: z.number(), write: z.number() }).optional(),
  counts: counts.optional(),
  error: z.string().optional(),
});

export type StepRecord = z.infer<typeof stepRecordSchema>;
export type MigrationRecord = z.infer<typeof migrationRecordSchema>;
export type EventRecord = z.infer<typeof eventRecordSchema>;
