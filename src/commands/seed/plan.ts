import type { TableDescription } from "@aws-sdk/client-dynamodb";
import type { CheckReport } from "../../seed/file/check-seed-file.ts";
import type { TableKeys } from "../../seed/file/records.ts";
import type { LoadProfile } from "../../seed/plan/load-profile.ts";
import type { LoadPlan, ResourcePlan } from "../../seed/plan/plan-load.ts";
import type { ProofRequest } from "../../seed/prove/proof-request.ts";
import type { CommandContext } from "../context.ts";
import { isRedacted } from "../options.ts";
import type { CommandResult } from "../run.ts";
import { countDeletions } from "./count-deletions.ts";
import { openTable, requireSoundFile } from "./open-seed.ts";
import type { SeedRequest } from "./run-seed.ts";
import { type OpenInput, openSeedInput, type SeedInputOptions, sizeOf } from "./seed-input.ts";
import { RunShow } from "./show-run.ts";

/** What a plan is of. */
export interface PlanRequest extends SeedInputOptions {
  readonly rate?: readonly string[] | undefined;
  readonly proof: ProofRequest;
  readonly indexes?: boolean | undefined;
  readonly mode?: SeedRequest["mode"];
}

/** What is assumed of a table that nobody can be asked about: a new one, on demand. */
function newTable(table: string, indexes: readonly string[], region: string): TableDescription {
  return {
    TableName: table,
    TableArn: `arn:aws:dynamodb:${region}:000000000000:table/${table}`,
    BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
    GlobalSecondaryIndexes: indexes.map((IndexName) => ({ IndexName })),
    ItemCount: 0,
  };
}

/** Where no region is named, prices are those of this one. */
const DEFAULT_REGION = "us-east-1";

/** The live table, or what is assumed of it, and why. */
async function tableToPlanFor(context: CommandContext) {
  const table = await context.physicalTable();
  const design = await context.tableDesign();
  try {
    const connection = await context.connect({ readOnly: true, maxAttempts: 1 });
    const { description, keys } = await openTable(context, connection);
    return { table, description, keys, assumed: undefined };
  } catch (error) {
    if (context.signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const region = context.options.region ?? DEFAULT_REGION;
    const description = newTable(table, Object.keys(design.indexes), region);
    return { table, description, keys: design, assumed: reason };
  }
}

/** Partition keys are item data. */
function redacted({ hottest, ...resource }: ResourcePlan, redact: boolean) {
  const shown = hottest.map(({ key, weight, count }) => ({
    key: redact ? "(hidden by --redact)" : key,
    writeUnits: weight,
    items: count,
    share: resource.writeUnits > 0 ? weight / resource.writeUnits : 0,
  }));
  return { ...resource, hottest: shown };
}

/** A part of a plan as it is shown. */
export type ShownResource = ReturnType<typeof redacted>;

/** A plan as it is shown. */
export interface ShownPlan extends Omit<LoadPlan, "resources"> {
  readonly resources: readonly ShownResource[];
}

/** What is left out is known at the end of the check only: the file is read once more. */
async function profileWithoutSuperseded(
  { signal }: CommandContext,
  { input }: OpenInput,
  keys: TableKeys,
  checked: CheckReport,
): Promise<LoadProfile> {
  const { itemsOf } = await import("../../seed/file/items-of.ts");
  const { readKeptFile } = await import("../../seed/file/read-checked-file.ts");
  const { LoadProfile } = await import("../../seed/plan/load-profile.ts");
  const profile = new LoadProfile(keys);
  for await (const item of itemsOf(readKeptFile(input, keys, checked), signal)) profile.add(item);
  return profile;
}

/** Says what a load would do, of what, for how long and for how much; writes nothing. */
export async function planSeed(context: CommandContext, request: PlanRequest): Promise<CommandResult> {
  const { MAX_BATCH_WRITE_ITEMS } = await import("../../dynamo/limits.ts");
  const { parseRate } = await import("../../dynamo/pace/rate-limit.ts");
  const { ceilingsAt } = await import("../../seed/pace-reads.ts");
  const { LoadProfile } = await import("../../seed/plan/load-profile.ts");
  const { planLoad } = await import("../../seed/plan/plan-load.ts");
  const { estimateReads } = await import("../../seed/prove/read-cost.ts");
  const { planText } = await import("./plan-text.ts");
  const rate = request.rate && parseRate(request.rate);
  const file = await openSeedInput(context, request);
  const bytes = await sizeOf(file);
  const { table, description, keys, assumed } = await tableToPlanFor(context);
  const all = new LoadProfile(keys);
  const show = new RunShow(context.log, undefined);
  const checked = await show.check(bytes, (hooks) =>
    requireSoundFile(context, file, keys, { ...hooks, onItem: (item) => all.add(item) }),
  );
  const superseded = checked.superseded.count;
  const profile = superseded === 0 ? all : await profileWithoutSuperseded(context, file, keys, checked);
  const { proof, indexes: countsIndexes = true } = request;
  const target = { kind: context.options.aws ? "aws" : "local" } as const;
  const partitionKey = keys.partitionKey.name;
  const ceilings = ceilingsAt({ description, partitionKey, target, rate });
  const plan = planLoad({ resources: profile.resources(), description, ceilings });
  const redact = isRedacted(context.options);
  const shown: ShownPlan = {
    ...plan,
    resources: plan.resources.map((resource) => redacted(resource, redact)),
  };
  const wasEmpty = (description.ItemCount ?? 0) === 0;
  const sample = proof === "full" || proof === "none" ? undefined : proof;
  const reads =
    proof === "none" ? undefined : estimateReads({ description, checked, wasEmpty, sample, countsIndexes });
  const { source, itemBytes, writeUnits } = checked;
  const items = checked.items - superseded;
  const { mode } = request;
  const requests = mode === "insert" ? items : Math.ceil(items / MAX_BATCH_WRITE_ITEMS);
  const deletes = mode === "replace" ? await countDeletions(context, file, checked) : undefined;
  const totals = { source, table, items, superseded, itemBytes, writeUnits, requests, deletes };
  const { tariff, ...proofReads } = reads ?? {};
  return {
    document: {
      model: context.options.table,
      dryRun: true,
      mode,
      ...totals,
      assumed,
      ...shown,
      proofReads: reads && proofReads,
    },
    text: planText(totals, shown, { assumed, reads }),
  };
}
