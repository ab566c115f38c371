import { exitCodeOf, toErrorDocument } from "../../errors.ts";
import { describeGiver } from "../../ledger/index.ts";
import type {
  JoinResult,
  MigrateResult,
  MigrateStatus,
  MigrationResult,
  MigrationStatus,
  RetryResult,
  StepStatus,
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

/** Items named of those set aside. */
const NAMED = 3;

function stepNotes({ id, scan, setAside = [] }: StepStatus): string[] {
  const way = scan
    ? [`${id}: pass ${scan.pass}, ${scan.done} of ${scan.segments} segments done, ${scan.scanned} items read`]
    : [];
  const more = setAside.length > NAMED ? [`  and ${setAside.length - NAMED} more`] : [];
  const failed =
    setAside.length > 0
      ? [
          `${id}: ${setAside.length} set aside; \`tablewright migrate retry-failed\` tries again`,
          ...setAside.slice(0, NAMED).map(({ shownKey, error }) => `  ${shownKey}: ${error}`),
          ...more,
        ]
      : [];
  return [...way, ...failed].map((line) => `      ${line}`);
}

type RunUnderWay = NonNullable<MigrateStatus["run"]>;
type Order = NonNullable<RunUnderWay["paused"]>;

/** The run that holds the lock, and what it was told to do. */
function runLines({ command, user, host, pid, paused, aborted, rate }: RunUnderWay): string[] {
  const by = (order: Order) => `by ${describeGiver(order)}, ${order.at}`;
  return [
    `under way: ${command} of ${user} on ${host} (process ${pid})`,
    ...(paused ? [`  paused ${by(paused)}`] : []),
    ...(rate ? [`  rate ${rate.words.join(" ")}, set ${by(rate)}`] : []),
    ...(aborted ? [`  told to end ${by(aborted)}`] : []),
  ];
}

/** Where the migrations stand, as lines of text. */
export function statusText(status: MigrateStatus): string {
  const { table, migrations, pending, problems, hasHistory, run } = status;
  return [
    `${table}: ${migrations.length} migrations, ${pending} pending${hasHistory ? "" : "; the ledger has no history of this table"}`,
    ...migrations.flatMap((migration) => [
      statusLine(migration),
      ...stageLines(migration),
      ...migration.steps.flatMap(stepNotes),
    ]),
    ...(run ? runLines(run) : []),
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

/** What helping a run came to, as a command's result. */
export function joinResult(result: JoinResult): CommandResult {
  const { table, run, helped } = result;
  const text = run
    ? [
        `${table}: helped ${run.command} of ${run.user} on ${run.host}; it is over, or goes on elsewhere:`,
        ...helped.map(
          ({ migration, step, counts }) =>
            `  ${migration}, ${step}: ${showCounts(counts) || "nothing left to do"}`,
        ),
      ]
    : [`${table}: nobody migrates it, so there is nothing to help; nothing was written`];
  return { document: { ...result }, text: text.join("\n") };
}

/** What another attempt on items that were set aside came to, as lines of text. */
export function retryText({ table, steps, left }: RetryResult): string {
  if (steps.length === 0) return `${table}: no applied step has set an item aside`;
  return [
    `${table}: ${left} items are still set aside`,
    ...steps.flatMap(({ migration, step, solved, left: failed }) => [
      `  ${migration}, ${step}: ${solved.length} done, ${failed.length} failed again`,
      ...failed.slice(0, NAMED).map(({ key, error }) => `      ${key}: ${error}`),
    ]),
  ].join("\n");
}
