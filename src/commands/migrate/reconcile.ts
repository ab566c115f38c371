import { ExitCode } from "../../errors.ts";
import type { CounterFinding, ReconcileResult } from "../../migrate/index.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { RATE_OPTION } from "../rate-option.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { openMigrator } from "./open-migrator.ts";

interface ReconcileCommandOptions extends GlobalOptions {
  dryRun: boolean;
  writersRest: boolean;
  rate?: string[] | undefined;
}

const WORDS: Record<CounterFinding["result"], string> = {
  different: "",
  repaired: "repaired",
  busy: "not repaired: it is written to all the time",
  needsRest: "not repaired: its writers must rest",
  unreadable: "not repaired: it is no whole number",
};

const ADVICE: Partial<Record<CounterFinding["result"], string>> = {
  busy: "Run it again when there is less traffic on what is busy.",
  needsRest: "Let the writers rest and run it again with --writers-rest (docs/counters.md).",
  unreadable: "Correct what is no number by hand, then run it again.",
};

function findingLine({ item, counter, was, is, result }: CounterFinding): string {
  const words = WORDS[result];
  return `  ${item}  ${counter}: was ${was ?? "unreadable"}, is ${is}${words ? `  ${words}` : ""}`;
}

function textOf(result: ReconcileResult, dryRun: boolean): string {
  const { table, steps, counters, found, unmarked, repaired, unrepaired } = result;
  if (steps.length === 0) return `${table}: no migration that counts is applied`;
  const differ = found.length === 0 ? "each equals its members" : `${found.length} differ from their members`;
  const done = found.length === 0 || dryRun ? "" : `; ${repaired} repaired, ${unrepaired} not`;
  const marks = dryRun ? "members have no mark and would be counted" : "members had no mark and were counted";
  return [
    `${table}: ${counters} counters, ${differ}${done}${dryRun ? "; nothing was written" : ""}`,
    ...found.map(findingLine),
    ...(unmarked > 0 ? [`  ${unmarked} ${marks}`] : []),
    ...new Set(found.flatMap((one) => ADVICE[one.result] ?? [])),
  ].join("\n");
}

async function reconcile(context: CommandContext, options: ReconcileCommandOptions): Promise<CommandResult> {
  const { showLook, showRun } = await import("./show-run.ts");
  const { dryRun, writersRest, rate } = options;
  const migrator = await openMigrator(context, { rate });
  const result = dryRun
    ? await showLook(context, migrator.planReconcile())
    : await showRun(context, migrator.reconcile({ writersRest }));
  return {
    document: { ...result, dryRun },
    text: textOf(result, dryRun),
    ...(!dryRun && result.unrepaired > 0 ? { exitCode: ExitCode.no } : {}),
  };
}

export const reconcileCommand = defineCommand<ReconcileCommandOptions>({
  name: "migrate reconcile",
  command: "reconcile",
  describe: "count every counter anew and repair what differs; exit 1 where something could not be repaired",
  options: (yargs) =>
    yargs
      .option("dry-run", {
        type: "boolean",
        default: false,
        describe: "say which counters differ; write nothing",
      })
      .option("rate", RATE_OPTION)
      .option("writers-rest", {
        type: "boolean",
        default: false,
        describe: "nobody writes meanwhile: repair counters too whose writes do not show themselves",
      }),
  run: reconcile,
});
