import type { GlobalSecondaryIndexDescription, TableDescription } from "@aws-sdk/client-dynamodb";
import type { StepContext } from "./step-context.ts";

/** The note that says how far an index has come. */
export const NOTE_STAGE = "stage";

/** How many entries the index will have, as far as the preflight could tell: what "n %" is of. */
export const NOTE_ENTRIES = "entries expected";

/** How an index comes to be. */
export type Stage = "queued" | "requested" | `backfilling${string}` | "active" | "probed";

/** An index as it stands in its table's description. */
export function entryOf(
  { GlobalSecondaryIndexes: indexes = [] }: TableDescription,
  index: string,
): GlobalSecondaryIndexDescription | undefined {
  return indexes.find(({ IndexName }) => IndexName === index);
}

/** Whether it is there and stays. */
export const isThere = (description: TableDescription, index: string) => {
  const entry = entryOf(description, index);
  return entry !== undefined && entry.IndexStatus !== "DELETING";
};

/**
 * How far an index has come by its table's description, whatever TableStatus says. The percentage goes by item
 * counts, which DynamoDB renews every six hours or so, so it is a hint; without a count there is none. (The
 * exact figure, OnlineIndexPercentageProgress, is a CloudWatch metric.)
 * @param expected entries that it will have; default: as many as the table has items
 */
export function stageOf(description: TableDescription, index: string, expected?: number): Stage {
  const entry = entryOf(description, index);
  if (entry?.Backfilling) {
    const { ItemCount: done = 0 } = entry;
    const all = expected ?? description.ItemCount ?? 0;
    // Not 100: it is not done.
    return done > 0 && all > 0
      ? `backfilling ${Math.min(99, Math.floor((100 * done) / all))} %`
      : "backfilling";
  }
  return entry?.IndexStatus === "ACTIVE" ? "active" : "requested";
}

/** Keeps the ledger's note of an index's stage up to date, and says each new one. */
export class StageNotes {
  readonly #context: StepContext;
  readonly #index: string;
  #latest: string | undefined;

  constructor(index: string, context: StepContext) {
    this.#context = context;
    this.#index = index;
    this.#latest = context.notes[NOTE_STAGE];
  }

  /** The last one noted down; undefined where there is none. */
  get latest(): string | undefined {
    return this.#latest;
  }

  /** @param why what it waits for, in words */
  async note(stage: Stage, why = ""): Promise<void> {
    if (stage === this.#latest) return;
    this.#latest = stage;
    const { table, progress, identity } = this.#context;
    const { migration, step } = identity;
    const description = `index ${this.#index} of ${table}: ${stage}${why}`;
    progress.doing(stage === "probed" ? undefined : description);
    progress.tell({
      type: "waiting",
      for: "index",
      migration,
      step,
      index: this.#index,
      stage,
      description,
    });
    await this.#context.remember(NOTE_STAGE, stage);
  }
}
