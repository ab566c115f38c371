import { UsageError } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import { evaluateStack } from "../evaluate-stack.ts";
import type { CommandResult } from "../run.ts";
import { screenOf } from "../screen.ts";
import { wrap } from "../wrap.ts";
import { DEFAULT_TRAFFIC, type DeployCommandOptions, overridesOf } from "./options.ts";

function traffic(options: DeployCommandOptions) {
  const given = {
    "reads-per-second": options.readsPerSecond ?? DEFAULT_TRAFFIC.readsPerSecond,
    "writes-per-second": options.writesPerSecond ?? DEFAULT_TRAFFIC.writesPerSecond,
    "storage-gb": options.storageGb ?? DEFAULT_TRAFFIC.storageGb,
  };
  const wrong = Object.entries(given).filter(([, value]) => !(Number.isFinite(value) && value >= 0));
  if (wrong.length > 0) {
    const names = wrong.map(([option]) => `--${option}`);
    throw new UsageError({
      message: names.map((name) => `${name} must be a number, 0 or more`).join("\n"),
      next: `Give ${names.join(" and ")} such a number, or leave it out.`,
      facts: { options: Object.fromEntries(wrong) },
    });
  }
  return {
    readsPerSecond: given["reads-per-second"],
    writesPerSecond: given["writes-per-second"],
    storageGb: given["storage-gb"],
  };
}

/** `deploy --plan`: what a stack is made of, and about what it costs, without the CLI, an engine or the cloud. */
export async function runPlan(
  context: CommandContext,
  options: DeployCommandOptions,
): Promise<CommandResult> {
  const use = traffic(options);
  const { settings, evaluation, region } = await evaluateStack(context, overridesOf(options));
  const table = await context.physicalTable();
  const { checkKeyAttributes, describeUnknownKey } = await import("../../deploy/key-attributes.ts");
  const { keysByModel, readDeclaredTables } = await import("../../deploy/declared-tables.ts");
  const { modelsByTable } = await import("../../project/models.ts");
  const keys = keysByModel(
    readDeclaredTables(evaluation.resources),
    modelsByTable(context.project, settings),
  );
  const unknownKeys = await checkKeyAttributes(context.project, keys);
  for (const unknown of unknownKeys) context.log.warn(describeUnknownKey(unknown));
  const { planTree } = await import("../../deploy/plan/plan-tree.ts");
  const { estimateCost } = await import("../../deploy/cost/estimate-cost.ts");
  const { renderEstimate, renderTree } = await import("./render-plan.ts");
  const tree = planTree(evaluation.resources);
  const estimate = estimateCost(evaluation.resources, { region, table, traffic: use });
  const layout = screenOf(context);
  const count = `${tree.resources} resources, ${tree.tables} of them tables`;
  const head = `stack ${settings.stack} in ${region}: ${count}; nothing was made, and nobody was asked`;
  return {
    document: {
      stack: settings.stack,
      region,
      indexOwner: settings.indexOwner,
      ...tree,
      estimate,
      unknownKeys,
    },
    text: [
      ...wrap(head, layout.width),
      "",
      ...renderTree(tree, layout),
      "",
      ...renderEstimate(estimate, layout),
    ].join("\n"),
  };
}
