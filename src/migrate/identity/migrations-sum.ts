import { createHash } from "node:crypto";
import { compareIds } from "../compare-ids.ts";
import type { FileMistake } from "../errors.ts";

/** The file beside a model's migrations that holds the hash of each. */
export const SUM_FILE = "migrations.sum";

/** A migration's line. */
export interface SumLine {
  readonly id: string;
  readonly hash: string;
}

const totalOf = (lines: readonly string[]) => createHash("sha256").update(lines.join("\n")).digest("hex");

/**
 * The text of a migrations.sum. Its first line sums up the others, so that two branches that each add a
 * migration always conflict in git, also where their new lines are far apart.
 */
export function formatSum(migrations: readonly SumLine[]): string {
  const lines = [...migrations].sort((a, b) => compareIds(a.id, b.id)).map(({ id, hash }) => `${id} ${hash}`);
  return `${[`total ${totalOf(lines)}`, ...lines].join("\n")}\n`;
}

const LINE = /^(\S+) (\d+:[0-9a-f]{64})$/;

function compareLines(given: ReadonlyMap<string, string>, wanted: readonly SumLine[]): string[] {
  const missing = wanted.filter(({ id }) => !given.has(id)).map(({ id }) => `has no line for ${id}`);
  const differing = wanted
    .filter(({ id, hash }) => given.has(id) && given.get(id) !== hash)
    .map(({ id }) => `its line for ${id} is not that of the file, which was edited since`);
  const gone = [...given.keys()]
    .filter((id) => !wanted.some((migration) => migration.id === id))
    .map((id) => `has a line for ${id}, which is not there`);
  return [...missing, ...differing, ...gone];
}

/**
 * What is wrong with a migrations.sum; empty where it is that of the migrations.
 * @param file its path, for messages
 * @param text its text; undefined where there is none
 */
export function judgeSum(
  file: string,
  text: string | undefined,
  migrations: readonly SumLine[],
): FileMistake[] {
  const mistake = (problem: string): FileMistake => ({ file, problem });
  if (text === undefined) return migrations.length > 0 ? [mistake("is not there")] : [];
  const [, ...lines] = text.replaceAll("\r\n", "\n").trimEnd().split("\n");
  const matches = lines.map((line) => LINE.exec(line));
  if (matches.includes(null)) {
    return [mistake("has lines that are none of its own, as two branches leave behind that were merged")];
  }
  const given = new Map(matches.map((match) => [match?.[1] ?? "", match?.[2] ?? ""]));
  const problems = compareLines(given, migrations);
  if (problems.length > 0) return problems.map(mistake);
  return text.replaceAll("\r\n", "\n") === formatSum(migrations) ? [] : [mistake("was edited by hand")];
}
