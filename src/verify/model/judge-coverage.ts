import type { ExportedPatterns } from "../../query/find-exported-patterns.ts";
import type { VerifyPlan } from "../coverage.ts";
import type { ModelResult } from "../report.ts";
import { fail, PASS, type Verdict } from "../verdict.ts";
import type { Run } from "../verify-run.ts";
import { indexesOf } from "./judge-index.ts";
import { judgeModel, type NotJudged } from "./model-result.ts";
import { entityOf } from "./used-entities.ts";

/** What a run has left out on purpose; undefined where it was nothing. */
function leftOut({ readOnly, results }: Run, { notSelected }: VerifyPlan): string | undefined {
  if (notSelected.length > 0) return "patterns were left out by --pattern";
  const writing = [...results.values()].some(({ kind }) => kind === "write");
  return readOnly && writing ? "writing patterns were left out by --read-only" : undefined;
}

/** Judges that everything was used. Where a part of the patterns was left out, what was not used says nothing. */
function judgeUse(
  what: string,
  all: readonly string[],
  used: ReadonlySet<string>,
  because: string | undefined,
): Verdict | NotJudged {
  const unused = all.filter((name) => !used.has(name));
  if (unused.length === 0) return PASS;
  if (because === undefined)
    return fail(...unused.map((name) => `no pattern that was run uses the ${what} ${name}`));
  return {
    status: "notRun",
    lines: [`not judged, as ${because}; not used by the others: ${unused.join(", ")}`],
  };
}

/** The indexes that a pattern has read: the plan of each was held against what it declares. */
function usedIndexes({ results }: Run): Set<string> {
  const ran = [...results.values()].filter(({ status, inputs }) => status !== "notRun" && inputs > 0);
  return new Set(ran.flatMap(({ index }) => index ?? []));
}

function judgeEntities(
  { oracles, items, usedEntities }: Run,
  because: string | undefined,
): Verdict | NotJudged {
  if (!oracles.entityOf) return { status: "notRun", lines: ["not judged, as the oracles have no entityOf"] };
  const all = new Set(items.flatMap((item) => entityOf(oracles, item) ?? []));
  return judgeUse("entity", [...all].sort(), usedEntities, because);
}

/** Judges that what a model's modules export is in its list. */
function judgeExports({ querySet }: Run, { patterns, problems }: ExportedPatterns): Verdict {
  const listed = new Set(querySet.patterns.map(({ id }) => id));
  const list = `queries/${querySet.model}/index.ts`;
  const lines = problems.map(({ file, problem }) => `${file} ${problem}`);
  for (const { file, pattern } of patterns) {
    if (!listed.has(pattern.id)) lines.push(`${file} exports ${pattern.id}, which ${list} does not list`);
    const other = patterns.find((one) => one.pattern.id === pattern.id && one.pattern !== pattern);
    if (other && other.file < file) lines.push(`${file} exports ${pattern.id}, as ${other.file} does`);
  }
  return lines.length === 0 ? PASS : fail(...lines);
}

/**
 * Judges what a run has not looked at: indexes of the design and entities of the source that no pattern uses, and
 * patterns that are exported but not listed.
 */
export async function judgeCoverage(run: Run, plan: VerifyPlan): Promise<ModelResult[]> {
  const because = leftOut(run, plan);
  const indexes = [...indexesOf(run.design).keys()];
  const results = [
    await judgeModel(
      { id: "indexes", kind: "coverage", title: "Every index is used by a pattern" },
      run,
      () => judgeUse("index", indexes, usedIndexes(run), because),
    ),
    await judgeModel(
      { id: "entities", kind: "coverage", title: "Every entity is used by a pattern" },
      run,
      () => judgeEntities(run, because),
    ),
  ];
  const { exported } = run;
  if (!exported) return results;
  const topic = { id: "exports", kind: "coverage", title: "Every exported pattern is listed" } as const;
  return [...results, await judgeModel(topic, run, () => judgeExports(run, exported))];
}
