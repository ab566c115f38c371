import { openProbe } from "../probe.ts";
import { maskedLines, type Problem } from "../verdict.ts";
import { type Run, setStatus } from "../verify-run.ts";
import { indexesOf, judgeIndex } from "./judge-index.ts";

/** The patterns that were judged wrong on what they read from an index, by the index. */
function suspects({ results }: Run): Map<string, string[]> {
  const byIndex = new Map<string, string[]>();
  for (const { id, index, status } of results.values()) {
    if (status !== "fail" || index === undefined) continue;
    byIndex.set(index, [...(byIndex.get(index) ?? []), id]);
  }
  return byIndex;
}

const behind = (index: string, problem: Problem): Problem => {
  const say = ([first = "", ...rest]: readonly string[]) => [
    `the index ${index} is behind its table, so what is read there says nothing of the pattern: ${first}`,
    ...rest,
  ];
  return { status: "indeterminate", lines: say(problem.lines), masked: say(maskedLines(problem)) };
};

/**
 * Tells patterns that are wrong from those whose index has not caught up by the deadline: where an index does not hold
 * what its table does, nobody knows what the pattern would have answered. Scans the table and the index.
 */
export async function excuseIndexesBehind(run: Run): Promise<void> {
  const { target, table, design, maxAttempts, limits, signal } = run;
  const wrong = suspects(run);
  if (wrong.size === 0) return;
  const probe = openProbe(target, { readOnly: true, maxAttempts });
  try {
    const reading = { client: probe.client, table, design, signal, indexDeadlineMs: limits.indexDeadlineMs };
    const indexes = indexesOf(design);
    for (const [name, ids] of wrong) {
      const index = indexes.get(name);
      const verdict = index && (await judgeIndex(reading, name, index));
      if (verdict?.status !== "indeterminate") continue;
      for (const id of ids) setStatus(run, id, behind(name, verdict));
    }
  } finally {
    probe.close();
  }
}
