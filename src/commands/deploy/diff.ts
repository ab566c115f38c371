import type { DiffResult, TableDiff } from "../../deploy/diff/diff-live.ts";
import { takesPruning } from "../../deploy/diff/diff-table.ts";
import { ExitCode } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import { evaluateStack } from "../evaluate-stack.ts";
import type { CommandResult } from "../run.ts";
import { type DeployCommandOptions, overridesOf } from "./options.ts";

function renderTable({ name, drift, notes, notCompared, exists }: TableDiff): string[] {
  const verdict = drift.length === 0 ? "as declared" : `${drift.length} different`;
  return [
    exists ? `${name}: ${verdict}` : `${name}: there is no such table`,
    ...(exists ? drift : []).map(
      ({ path, declared, live }) => `  ${path}: declared ${declared}, live ${live}`,
    ),
    ...notes.map((note) => `  note: ${note}`),
    ...(notCompared.length > 0 ? [`  not compared: ${notCompared.join(", ")}`] : []),
  ];
}

/** The last lines: what the comparison came to, and what to do next. */
function renderEnd(
  { tables, otherResources }: DiffResult,
  where: string,
  aws: boolean,
  stack: string,
): string[] {
  const rest = otherResources === 1 ? "1 other resource was" : `${otherResources} other resources were`;
  const others =
    otherResources > 0 ? [`${rest} not compared: \`npx pulumi preview --stack ${stack}\` does that`] : [];
  const drifted = tables.filter(({ drift }) => drift.length > 0);
  const [are, them] = (drifted.length || tables.length) === 1 ? ["is", "it"] : ["are", "them"];
  const all = tables.length === 1 ? "1 table" : `${tables.length} tables`;
  if (drifted.length === 0)
    return [...others, `${all} at ${where} ${are} as stack ${stack} declares ${them}`];
  const remedy = aws ? `npx pulumi up --stack ${stack}` : `npx tablewright deploy --stack ${stack}`;
  const pruning = !aws && drifted.some(({ drift }) => drift.some(takesPruning));
  return [
    ...others,
    `${drifted.length} of ${all} at ${where} ${are} not as stack ${stack} declares ${them}`,
    `Next: correct the declaration, or ${remedy}${pruning ? " --prune, which deletes indexes" : ""}`,
  ];
}

/** `deploy --diff`: compares the declared tables with those there are, and changes neither. */
export async function runDiff(
  context: CommandContext,
  options: DeployCommandOptions,
): Promise<CommandResult> {
  const { client, target } = await context.connect({ readOnly: true });
  const { settings, evaluation, region } = await evaluateStack(context, overridesOf(options));
  const { diffLive } = await import("../../deploy/diff/diff-live.ts");
  const aws = target.kind === "aws";
  const { resources } = evaluation;
  const { project, signal } = context;
  const result = await diffLive({ project, settings, resources, client, aws, region, signal });
  const equal = result.tables.every(({ drift }) => drift.length === 0);
  return {
    document: { stack: settings.stack, target: target.description, equal, ...result },
    text: [
      ...result.tables.flatMap(renderTable),
      ...renderEnd(result, target.description, aws, settings.stack),
    ].join("\n"),
    exitCode: equal ? ExitCode.fine : ExitCode.no,
  };
}
