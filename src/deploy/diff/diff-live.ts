import { describeTable, type Sender } from "../../dynamo/describe.ts";
import type { Project } from "../../project/find-project.ts";
import { modelsByTable } from "../../project/models.ts";
import type { StackSettings } from "../../project/stack-settings.ts";
import { readAwsSettings } from "../aws-settings.ts";
import { isManagedTable, readDeclaredTables } from "../declared-tables.ts";
import { type LiveTable, toLiveTable } from "../live-table.ts";
import type { DeclaredResource } from "../monitor.ts";
import { readScalingRanges } from "../scaling-ranges.ts";
import { readTableReplicas } from "../table-replicas.ts";
import { type Difference, diffTable, type TableComparison } from "./diff-table.ts";
import { readLiveAwsSettings } from "./live-aws-settings.ts";
import { NONE } from "./table-fields.ts";

/** What to compare, and with what. */
export interface DiffOptions {
  readonly project: Project;
  readonly settings: StackSettings;
  readonly resources: readonly DeclaredResource[];
  /** A client that only reads. */
  readonly client: Sender;
  /** Whether AWS itself answers: a local engine lacks some settings. */
  readonly aws: boolean;
  /** Where the stack is deployed to. */
  readonly region: string;
  readonly signal?: AbortSignal | undefined;
}

/** One table of the stack, compared. */
export interface TableDiff extends TableComparison {
  readonly name: string;
  /** The model whose table it is; undefined for the ledger and tables of no model. */
  readonly model?: string;
  /** False where there is no such table. */
  readonly exists: boolean;
}

/** A stack, compared. */
export interface DiffResult {
  readonly tables: readonly TableDiff[];
  /** How many declared resources are no tables, and were not looked at. */
  readonly otherResources: number;
}

const MISSING: TableComparison = {
  drift: [{ path: "table", declared: "present", live: NONE }],
  notes: [],
  notCompared: [],
};

/** The table as it will be: an index that is being deleted is gone already, whatever still lists it. */
async function readTable(client: Sender, name: string): Promise<LiveTable | undefined> {
  const description = await describeTable(client, name);
  if (!description) return undefined;
  const { GlobalSecondaryIndexes: indexes, ...rest } = description;
  const staying = indexes?.filter(({ IndexStatus }) => IndexStatus !== "DELETING");
  return toLiveTable(client, { ...rest, ...(staying && { GlobalSecondaryIndexes: staying }) });
}

/** A table in another region than the stack's is another table. */
function regionDrift(arn: string | undefined, { aws, region }: DiffOptions): Difference[] {
  const found = arn?.split(":")[3];
  if (!aws || found === undefined || found === region) return [];
  return [{ path: "region", declared: region, live: found }];
}

/**
 * Compares every table that a stack declares with the one there is, field by field. Changes nothing.
 * @throws the errors of {@link readDeclaredTables} and of the SDK
 */
export async function diffLive(options: DiffOptions): Promise<DiffResult> {
  const { project, settings, resources, client, aws, signal } = options;
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const models = modelsByTable(project, settings);
  const scaling = readScalingRanges(resources);
  const replicas = readTableReplicas(resources);
  const tables: TableDiff[] = [];
  for (const table of readDeclaredTables(resources)) {
    signal?.throwIfAborted();
    const resource = byUrn.get(table.urn) as DeclaredResource;
    const { ignoreChanges } = resource;
    const model = models.get(table.name);
    const known = { name: table.name, ...(model === undefined ? {} : { model }) };
    const live = await readTable(client, table.name);
    if (!live) {
      tables.push({ ...known, exists: false, ...MISSING });
      continue;
    }
    const liveAws = aws ? await readLiveAwsSettings(client, live.description) : undefined;
    const declared = { table, aws: readAwsSettings(resource, replicas), ignoreChanges, scaling };
    const compared = diffTable(declared, { state: live.state, aws: liveAws });
    const drift = [...regionDrift(live.arn, options), ...compared.drift];
    tables.push({ ...known, exists: true, ...compared, drift });
  }
  const otherResources = resources.filter((resource) => resource.custom && !isManagedTable(resource)).length;
  return { tables, otherResources };
}
