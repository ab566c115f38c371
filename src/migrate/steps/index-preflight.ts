import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { segmentsOfOnePage } from "../../dynamo/choose-segments.ts";
import { entryBytes, type KeyDefect, membershipOf } from "../../dynamo/index-entry.ts";
import { matchesPattern } from "../../dynamo/item-pattern.ts";
import { writeUnitsOfBytes } from "../../dynamo/item-size.ts";
import type { ItemView } from "../../dynamo/item-view.ts";
import {
  BYTES_PER_READ_UNIT,
  INDEX_ENTRY_OVERHEAD_BYTES,
  MAX_GLOBAL_INDEXES,
  PARTITION_READ_UNITS,
  PARTITION_WRITE_UNITS,
} from "../../dynamo/limits.ts";
import { sampleItems } from "../../dynamo/sample-items.ts";
import { type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import type { EnsureIndexStep } from "../definition/ensure-index.ts";
import type { ForeseenTable } from "../plan/foreseen-table.ts";
import { exactly, NONE } from "../plan/range.ts";
import { NO_COST, type StepWork } from "../plan/step-work.ts";
import { ReportedKeys } from "./reported-keys.ts";
import { keyOf, type PlanContext, type StepWarning, showKey } from "./step-context.ts";
import { TopKeys } from "./top-keys.ts";

/** Items of a sample: enough to see a defect of one item in a thousand, with near certainty. */
const SAMPLE_ITEMS = 10_000;

/** A key with a smaller share of the entries, or with fewer of them, is not worth a warning by itself. */
const HOT_SHARE = 0.1;
const HOT_ENTRIES = 10_000;

/** What an index would be, as far as the items looked at tell. */
export interface IndexForecast {
  /** Entries of the whole index. */
  readonly entries: number;
  /** Their bytes, as DynamoDB bills the storage. */
  readonly bytes: number;
  /** Write units that filling it takes. */
  readonly writeUnits: number;
}

/** What was found out before an index is asked for. */
export interface Preflight {
  readonly lookedAt: number;
  /** Whether that was the whole table. */
  readonly whole: boolean;
  /** What looking cost. */
  readonly readUnits: number;
  readonly forecast: IndexForecast;
  readonly warnings: readonly StepWarning[];
}

interface Finding {
  readonly keys: ReportedKeys;
  /** What is wrong with the first of them. */
  readonly first: string;
}

/** What the items looked at add up to. */
class Survey {
  readonly step: EnsureIndexStep;
  readonly #context: PlanContext;
  readonly found = new Map<KeyDefect | "notCovered", Finding>();
  readonly topKeys = new TopKeys();
  entries = 0;
  bytes = 0;
  writeUnits = 0;

  constructor(step: EnsureIndexStep, context: PlanContext) {
    this.step = step;
    this.#context = context;
  }

  add(item: StoredItem): void {
    const { design, covers } = this.step;
    const membership = membershipOf(item, design);
    if (membership.state === "entry") this.#addEntry(item);
    else if ("problem" in membership) this.#report(membership.state, item, membership.problem);
    else if (covers && matchesPattern(item, covers)) this.#report("notCovered", item, "has none of its keys");
  }

  #addEntry(item: StoredItem): void {
    const { design } = this.step;
    const bytes = entryBytes(item, design, this.#context.keyNames);
    this.entries += 1;
    this.bytes += bytes + INDEX_ENTRY_OVERHEAD_BYTES;
    this.writeUnits += writeUnitsOfBytes(bytes);
    const { name } = design.partitionKey;
    this.topKeys.add(showKey({ [name]: item[name] as StoredItem[string] }));
  }

  #report(kind: KeyDefect | "notCovered", item: StoredItem, problem: string): void {
    const finding = this.found.get(kind) ?? { keys: new ReportedKeys(this.#context.show), first: problem };
    finding.keys.add(keyOf(item, this.#context));
    this.found.set(kind, finding);
  }
}

const CODES = {
  wrongType: "wrong-key-type",
  empty: "empty-key",
  incomplete: "incomplete-key",
  notCovered: "not-covered",
} as const;

function absenceWarnings({ found }: Survey, index: string, lookedAt: number): StepWarning[] {
  return [...found].map(([kind, { keys, first }]) => ({
    code: CODES[kind],
    message: `${keys.count} of ${lookedAt} items looked at would not be in the index ${index} (${first}): ${keys}`,
    facts: { index, items: keys.count, lookedAt },
  }));
}

/** The most write units a second that the table takes, where that is set; undefined where it grows by itself. */
function writeCeiling(description: TableDescription): number | undefined {
  if (description.BillingModeSummary?.BillingMode !== "PAY_PER_REQUEST")
    return description.ProvisionedThroughput?.WriteCapacityUnits || undefined;
  const most = description.OnDemandThroughput?.MaxWriteRequestUnits ?? -1;
  return most > 0 ? most : undefined;
}

/** Keys that so many entries share that their partition is what bounds the writes. */
function skewWarnings(
  survey: Survey,
  { index, design }: EnsureIndexStep,
  forecast: IndexForecast,
  { description, show }: { description: TableDescription; show: ItemView },
): StepWarning[] {
  const ceiling = writeCeiling(description);
  return survey.topKeys.list(3).flatMap(({ key: found, entries }) => {
    const key = show.words(found);
    const share = entries / survey.entries;
    const isHot =
      ceiling === undefined
        ? share >= HOT_SHARE && share * forecast.entries >= HOT_ENTRIES
        : ceiling * share > PARTITION_WRITE_UNITS;
    if (!isHot) return [];
    const tableWriteUnits = Math.floor(PARTITION_WRITE_UNITS / share);
    const secondsToFill = Math.ceil((share * forecast.writeUnits) / PARTITION_WRITE_UNITS);
    const message =
      `${Math.round(share * 100)} % of the entries of ${index} have ${design.partitionKey.name} = ${key}: ` +
      `one partition takes ${PARTITION_WRITE_UNITS} write and ${PARTITION_READ_UNITS} read units a second, so ` +
      `above ${tableWriteUnits} write units a second the index may throttle the table's writes, and filling ` +
      `it takes at least ${secondsToFill} s`;
    return [{ code: "hot-key", message, facts: { index, key, share, tableWriteUnits, secondsToFill } }];
  });
}

function quotaWarnings(
  { GlobalSecondaryIndexes: indexes = [] }: TableDescription,
  index: string,
): StepWarning[] {
  if (indexes.length < MAX_GLOBAL_INDEXES) return [];
  const message = `the table has ${indexes.length} indexes, and ${MAX_GLOBAL_INDEXES} is the default quota: ${index} is refused unless yours was raised`;
  return [{ code: "index-quota", message, facts: { index, indexes: indexes.length } }];
}

async function look(
  step: EnsureIndexStep,
  context: PlanContext,
  description: TableDescription,
  onPage: (items: StoredItem[]) => void,
): Promise<{ scanned: number; units: number; whole: boolean }> {
  const { client, table, signal, clock } = context;
  if (step.scan === "full") {
    const options = { table, consistent: false, signal, clock };
    return { ...(await scanSegments(client, options, onPage)), whole: true };
  }
  const segments = segmentsOfOnePage(description.TableSizeBytes ?? 0);
  return sampleItems(client, { table, segments, maxItems: SAMPLE_ITEMS, signal, clock }, onPage);
}

/** Says what looking will cost, as far as DescribeTable tells: its figures are up to six hours old. */
function announce(step: EnsureIndexStep, { log }: PlanContext, description: TableDescription): void {
  const { ItemCount: items = 0, TableSizeBytes: bytes = 0 } = description;
  if (items === 0) return;
  const part = step.scan === "full" ? 1 : Math.min(1, SAMPLE_ITEMS / items);
  const units = Math.ceil((part * bytes) / BYTES_PER_READ_UNIT / 2);
  const what = part < 1 ? `a sample of ${SAMPLE_ITEMS} of about ${items}` : `about ${items}`;
  log.info(`index ${step.index}: looks at ${what} items first, for about ${units} read units`);
}

/**
 * Looks at a table's items before an index is asked for: DynamoDB leaves out of it, without a word, what has no
 * fitting key. Reads a sample, or all of the table, by eventually consistent reads.
 */
export async function preflightIndex(
  step: EnsureIndexStep,
  context: PlanContext,
  description: TableDescription,
): Promise<Preflight> {
  const survey = new Survey(step, context);
  announce(step, context, description);
  const { scanned, units, whole } = await look(step, context, description, (items) => {
    for (const item of items) survey.add(item);
  });
  const factor = whole || scanned === 0 ? 1 : Math.max(1, (description.ItemCount ?? 0) / scanned);
  return { ...conclude(survey, context, description, { scanned, factor }), whole, readUnits: units };
}

/** The same of the items of a plan, as the steps before would leave them. */
export function foreseeIndex(
  step: EnsureIndexStep,
  context: PlanContext,
  table: ForeseenTable,
): Omit<Preflight, "readUnits"> & { readonly work: StepWork } {
  const survey = new Survey(step, context);
  for (const item of table.items()) survey.add(item);
  const { factor, lookedAt: scanned, whole, description } = table;
  const { entries } = survey;
  const units = exactly(survey.writeUnits);
  const work = {
    matching: entries,
    needing: entries,
    written: entries,
    requests: NONE,
    cost: { ...NO_COST, indexes: new Map([[step.index, units]]) },
    passes: [],
    ownPace: true,
  } as const;
  return { ...conclude(survey, context, description, { scanned, factor }), whole, work };
}

function conclude(
  survey: Survey,
  context: PlanContext,
  description: TableDescription,
  { scanned, factor }: { scanned: number; factor: number },
): Pick<Preflight, "lookedAt" | "forecast" | "warnings"> {
  const { step } = survey;
  const forecast = {
    entries: Math.round(survey.entries * factor),
    bytes: Math.round(survey.bytes * factor),
    writeUnits: Math.round(survey.writeUnits * factor),
  };
  const warnings = [
    ...absenceWarnings(survey, step.index, scanned),
    ...skewWarnings(survey, step, forecast, { description, show: context.show }),
    ...quotaWarnings(description, step.index),
  ];
  return { lookedAt: scanned, forecast, warnings };
}
