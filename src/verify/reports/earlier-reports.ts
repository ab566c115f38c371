import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "lossless-json";
import { z } from "zod";
import { problemsOf } from "../../query/parse-item.ts";
import { EarlierReportError } from "../errors.ts";
import type { PatternStatus, VerifyReport } from "../report.ts";
import { asReport, reportSchema } from "./report-schema.ts";

/** What an earlier run says of a pattern. */
export interface PastPattern {
  readonly status: PatternStatus;
  /** Of an input's whole answer, on average; undefined where none was judged. */
  readonly milliseconds: number | undefined;
  /** Read units of the answer with the most rows. */
  readonly readUnits: number | undefined;
}

/** What is kept of a run, for plots over many. */
export interface PastRun {
  readonly startedAt: string;
  readonly seconds: number;
  readonly counts: Pick<VerifyReport, "passed" | "failed" | "overBudget" | "indeterminate" | "notRun">;
  readonly patterns: ReadonlyMap<string, PastPattern>;
}

/** What plots over runs need of a report. */
export function pastRun(report: VerifyReport): PastRun {
  const { startedAt, seconds, passed, failed, overBudget, indeterminate, notRun } = report;
  const patterns = report.patterns.map(({ id, status, milliseconds, inputs, largest }) => {
    const average = inputs > 0 ? milliseconds / inputs : undefined;
    return [id, { status, milliseconds: average, readUnits: largest?.readUnits }] as const;
  });
  const counts = { passed, failed, overBudget, indeterminate, notRun };
  return { startedAt, seconds, counts, patterns: new Map(patterns) };
}

/** A run that ended in an error leaves a document as well: it judged nothing. */
const failureSchema = z.object({ command: z.literal("verify"), error: z.object({ code: z.string() }) });

/** What is wrong with a text that is no JSON, and where: Node says neither line nor, of some mistakes, position. */
function syntaxProblem(text: string, thrown: unknown): string {
  try {
    parse(text);
  } catch (error) {
    const [, message = "", position = "0"] = /^(.*) at position (\d+)/s.exec((error as Error).message) ?? [];
    const before = text.slice(0, Number(position)).split("\n");
    if (message !== "")
      return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}: ${message}`;
  }
  return `not JSON: ${(thrown as Error).message}`;
}

/**
 * Reads a report of an earlier run.
 * @param shown how messages call the file
 * @returns undefined where that run ended in an error, before it had judged anything
 * @throws {EarlierReportError} with the places in the file that do not fit.
 */
export function parseEarlierReport(text: string, shown: string): VerifyReport | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new EarlierReportError(shown, [syntaxProblem(text, error)], error);
  }
  const parsed = reportSchema.safeParse(content);
  if (parsed.success) return asReport(parsed.data);
  if (failureSchema.safeParse(content).success) return undefined;
  throw new EarlierReportError(shown, problemsOf(parsed.error), parsed.error);
}

/** The earlier runs in a folder, the oldest first. */
export interface EarlierRuns {
  readonly runs: readonly PastRun[];
  /** Reports in it that are of another model, or of a run that ended in an error. */
  readonly others: number;
}

/**
 * Reads the reports in a folder: every `.json` file in it.
 * @param shown how messages call the folder
 * @throws {EarlierReportError} where a file is none, or there is no such folder.
 */
export async function readEarlierRuns(folder: string, shown: string, model: string): Promise<EarlierRuns> {
  const entries = await readdir(folder).catch((error: unknown) => {
    throw new EarlierReportError(shown, [(error as Error).message], error);
  });
  const runs: PastRun[] = [];
  let others = 0;
  for (const name of entries.filter((entry) => entry.endsWith(".json")).sort()) {
    const report = parseEarlierReport(await readFile(join(folder, name), "utf8"), join(shown, name));
    if (report?.model === model) runs.push(pastRun(report));
    else others += 1;
  }
  runs.sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  return { runs, others };
}
