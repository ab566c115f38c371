import { exitCodeOf, toErrorDocument } from "../../errors.ts";
import type {
  MigrateResult,
  MigrateStatus,
  MigrationPlan,
  MigrationResult,
  MigrationStatus,
} from "../../migrate/index.ts";
import type { CommandResult } from "../run.ts";

const STATE_WIDTH = "interrupted".length;

const showCounts = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");

/** The steps that wait for something, and how far that is. */
const stageLines = ({ steps }: MigrationStatus) =>
  steps
    .filter(({ state, stage }) => stage !== undefined && state !== "applied")
    .map(({ id, stage }) => `${" ".repeat(STATE_WIDTH)}      ${id}: ${stage}`);

function statusLine({
  id,
  state,
  appliedAt,
  direction,
  error,
  probablyInterrupted,
}: MigrationStatus): string {
  const notes = [
    state === "applied" && appliedAt ? appliedAt : "",
    direction === "down" ? "on its way down" : "",
    probablyInterrupted ? "no sign of life for a while: probably interrupted" : "",
    error ? error.message : "",
  ].filter(Boolean);
  return `  ${state.padEnd(STATE_WIDTH)}  ${[id, ...notes].join("  ")}`;
}

/** Where the migrations stand, as lines of text. */
export function statusText(status: MigrateStatus): string {
  const { table, migrations, pending, problems, hasHistory } = status;
  return [
    `${table}: ${migrations.length} migrations, ${pending} pending${hasHistory ? "" : "; the ledger has no history of this table"}`,
    ...migrations.flatMap((migration) => [statusLine(migration), ...stageLines(migration)]),
    ...problems.map(({ id, problem }) => `problem: ${id}: ${problem}`),
  ].join("\n");
}

function resultLines({ id, result, seconds, steps }: MigrationResult): string[] {
  const took = seconds === undefined ? "" : ` (${seconds.toFixed(1)} s)`;
  return [
    `  ${result === "notRun" ? "not run" : result}  ${id}${took}`,
    ...steps.map((step) => {
      const counts = showCounts(step.counts);
      return `      ${step.id}: ${step.outcome}${counts ? `, ${counts}` : ""}`;
    }),
  ];
}

function resultText({ table, direction, results, pending, error }: MigrateResult): string {
  const nothing = direction === "up" ? "nothing is pending" : "nothing is applied";
  const failure = error ? toErrorDocument(error) : undefined;
  return [
    results.length === 0 ? `${table}: ${nothing}` : `${table}:`,
    ...results.flatMap(resultLines),
    ...(failure ? [failure.message, failure.next] : [`${pending} pending`]),
  ].join("\n");
}

/** What `up` or `down` came to, as a command's result. */
export function migrateResult(result: MigrateResult): CommandResult {
  const { error, ...document } = result;
  return {
    document: { ...document, ...(error ? { error: toErrorDocument(error) } : {}) },
    text: resultText(result),
    ...(error ? { exitCode: exitCodeOf(error) } : {}),
  };
}

/** A plan of `up`, as a command's result. */
export function planResult(plan: MigrationPlan): CommandResult {
  const lines = plan.planned.flatMap(({ id, description, steps }) => [
    `  ${id}: ${description}`,
    ...steps.flatMap((step) => [
      `      ${step.id}: ${step.action}`,
      ...(step.warnings ?? []).map(({ message }) => `          warning: ${message}`),
    ]),
  ]);
  return {
    document: { ...plan, dryRun: true },
    text: [
      plan.planned.length === 0
        ? `${plan.table}: nothing is pending`
        : `${plan.table}: this would run, and nothing was written:`,
      ...lines,
    ].join("\n"),
  };
}
