import { type History, startedWrites } from "../ledger/index.ts";

/** The ids of the migrations of which a step that writes items was ever started, in order, each once. */
export function writingMigrations({ steps }: Pick<History, "steps">): string[] {
  const writing = steps.filter((step) => startedWrites({ steps: [step] }).length > 0);
  return [...new Set(writing.map(({ migration }) => migration))].sort();
}
