import type { DeployedTable, DeployResult } from "../deploy/deploy.ts";
import { ExitCode, UsageError } from "../errors.ts";
import type { CommandContext } from "./context.ts";
import { DEFAULT_TRAFFIC, type DeployCommandOptions, deployMode, overridesOf } from "./deploy/options.ts";
import { evaluateStack } from "./evaluate-stack.ts";
import { type CommandResult, defineCommand } from "./run.ts";
import { onSameStack } from "./same-stack.ts";

const onAws = (stack: string) =>
  new UsageError({
    message: "deploy is for local engines; nothing was changed",
    next:
      `Deploy to AWS with \`npx pulumi up --stack ${stack}\`: Pulumi keeps the record of what it made there, ` +
      "and a second tool that changes the same tables would make that record wrong.",
    facts: { stack },
  });

type Drift = DeployedTable["drift"][number];

/** How much is said. */
interface Detail {
  readonly dryRun: boolean;
  readonly verbose: boolean;
}

/** What is not applied is news only where a table was changed. */
function renderTable(
  table: DeployedTable,
  { dryRun, verbose }: Detail,
  describe: (drift: Drift) => string,
): string[] {
  const steps = table.steps.map(({ text }) => `  ${dryRun ? "would" : "done:"} ${text}`);
  const left = steps.length > 0 || verbose ? table.notAppliedLocally.join(", ") : "";
  return [
    steps.length === 0 ? `${table.name}: no change` : `${table.name}:`,
    ...steps,
    ...(left ? [`  not applied locally: ${left}`] : []),
    ...table.drift.map((drift) => `  drift: ${describe(drift)}`),
  ];
}

/** The resources that only AWS has: each with --verbose, else their number, and that only where something was done. */
function renderOthers({ tables, otherResources }: DeployResult, verbose: boolean): string[] {
  if (verbose) return otherResources.map(({ type, name }) => `${name} (${type}): not applied locally`);
  const done = tables.some(({ steps }) => steps.length > 0);
  const count = otherResources.length;
  const what = count === 1 ? "1 resource" : `${count} resources`;
  return done && count > 0 ? [`${what} that only AWS has: not applied locally (--verbose names them)`] : [];
}

/** The last line: what the deploy came to, and what to do next. */
function renderEnd({ tables, dryRun }: DeployResult, stack: string, where: string): string {
  if (tables.length === 0) return `the program declares no table for stack ${stack}`;
  if (tables.some(({ drift }) => drift.length > 0)) {
    return "indexes are not as declared: correct the declaration, or delete and make them anew with --prune";
  }
  if (dryRun) return `this is what deploy would do at ${where}; nothing was changed`;
  return `stack ${stack} is deployed to ${where}\nNext: ${onSameStack("npx tablewright seed", stack)}`;
}

/** Makes the tables, or says with --dry-run what would be made. */
async function apply(context: CommandContext, options: DeployCommandOptions): Promise<CommandResult> {
  const { dryRun = false, prune = false, stack, verbose } = options;
  if (options.aws) throw onAws(stack);
  const { client, target } = await context.connect({ readOnly: dryRun });
  if (target.kind === "aws") throw onAws(stack);
  const { settings, evaluation } = await evaluateStack(context, overridesOf(options));
  const { deploy } = await import("../deploy/deploy.ts");
  const { describeDrift } = await import("../deploy/plan-reconcile.ts");
  const { project, log, signal } = context;
  const result = await deploy({ project, settings, client, log, signal, prune, dryRun, evaluation });
  const tables = result.tables.map((table) => ({
    ...table,
    drift: table.drift.map((drift) => ({ ...drift, text: describeDrift(drift) })),
  }));
  const { describeUnknownKey } = await import("../deploy/key-attributes.ts");
  for (const unknown of result.unknownKeys) log.warn(describeUnknownKey(unknown));
  return {
    document: { stack, target: target.description, ...result, indexOwner: settings.indexOwner, tables },
    text: [
      ...result.tables.flatMap((table) => renderTable(table, { dryRun, verbose }, describeDrift)),
      ...renderOthers(result, verbose),
      renderEnd(result, stack, target.description),
    ].join("\n"),
    exitCode: tables.some(({ drift }) => drift.length > 0) ? ExitCode.no : ExitCode.fine,
  };
}

async function run(context: CommandContext, options: DeployCommandOptions): Promise<CommandResult> {
  switch (deployMode(options)) {
    case "plan":
      return (await import("./deploy/plan.ts")).runPlan(context, options);
    case "diff":
      return (await import("./deploy/diff.ts")).runDiff(context, options);
    case "graph":
      return (await import("./deploy/graph.ts")).runGraph(context, options);
    case "apply":
      return apply(context, options);
  }
}

/** What `--plan` estimates from: not yargs' default, as none of them goes with other modes. */
const estimateOption = (standard: number) => ({
  type: "number" as const,
  requiresArg: true,
  describe: `of --plan's estimate; default ${standard}`,
});

export const deployCommand = defineCommand<DeployCommandOptions>({
  name: "deploy",
  command: "deploy",
  describe: "make a local engine's tables as the Pulumi program declares them",
  options: (yargs) =>
    yargs
      .option("dry-run", { type: "boolean", describe: "only say what would be done" })
      .option("prune", { type: "boolean", describe: "delete undeclared indexes, make differing ones anew" })
      .option("index-owner", {
        choices: ["pulumi", "migration"],
        requiresArg: true,
        describe: "who makes the indexes, this once",
      })
      .option("plan", { type: "boolean", describe: "only show the stack's resources and what they cost" })
      .option("reads-per-second", estimateOption(DEFAULT_TRAFFIC.readsPerSecond))
      .option("writes-per-second", estimateOption(DEFAULT_TRAFFIC.writesPerSecond))
      .option("storage-gb", estimateOption(DEFAULT_TRAFFIC.storageGb))
      .option("diff", {
        type: "boolean",
        describe: "only compare the tables that there are, also on AWS",
      })
      .option("graph", { type: "boolean", describe: "only draw the stack, as a Mermaid diagram" })
      .option("out", { type: "string", requiresArg: true, describe: "the file that --graph writes" })
      .describe("aws", "with --diff: compare with AWS, with your credentials"),
  exits: {
    [ExitCode.fine]: "the tables are as declared",
    [ExitCode.no]: "they are not, and deploy left them so, or --diff found it",
    [ExitCode.notYet]: null,
    [ExitCode.couldNotRun]: "could not run (engine, network, credentials; the program did not end in time)",
    [ExitCode.usage]: "usage, configuration or a program that fails; nothing was changed",
  },
  run,
});
