import type { Answer } from "./answers.ts";
import type { FaultRule, SeenRequest } from "./rules.ts";

/**
 * Where an index stands on AWS while it is being created; an emulator goes straight to `active`.
 * - `allocating`: IndexStatus CREATING, Backfilling false, TableStatus UPDATING
 * - `early`: the same, and TableStatus ACTIVE already (aws-cli#3399)
 * - `filling`: CREATING, Backfilling true
 * - `active`: whatever the engine says
 */
export type LifeStage = "allocating" | "early" | "filling" | "active";

type Described = Record<string, unknown> & { GlobalSecondaryIndexes?: Record<string, unknown>[] };

/** The life of one index as AWS has it, put over what an engine answers. */
export class IndexLife {
  readonly #index: string;
  /** The stage that DescribeTable shows. */
  stage: LifeStage;
  /** Entries that the index has by DescribeTable, while it is being filled. */
  entries = 0;
  /** How often each stage was shown. */
  readonly shown: LifeStage[] = [];
  /** Called after each look at the table that showed the index. */
  onLook: ((life: IndexLife) => void) | undefined;

  constructor(index: string, stage: LifeStage = "allocating") {
    this.#index = index;
    this.stage = stage;
  }

  /** Moves on by itself: from each stage to the next once it was shown so often. */
  moveAfter(looks: Readonly<Record<Exclude<LifeStage, "active">, number>>): void {
    const next = { allocating: "early", early: "filling", filling: "active", active: "active" } as const;
    this.onLook = ({ stage }) => {
      if (stage === "active") return;
      if (this.shown.filter((other) => other === stage).length >= looks[stage]) this.stage = next[stage];
    };
  }

  #rewrite(answer: Answer): Answer {
    const table = answer.body.Table as Described | undefined;
    const indexes = table?.GlobalSecondaryIndexes ?? [];
    const own = indexes.find(({ IndexName }) => IndexName === this.#index);
    if (!table || !own || own.IndexStatus === "DELETING") return answer;
    // An engine too takes a moment to fill an index.
    const stage = this.stage === "active" && own.IndexStatus !== "ACTIVE" ? "filling" : this.stage;
    this.shown.push(stage);
    this.onLook?.(this);
    if (stage === "active") return answer;
    const created = {
      ...own,
      IndexStatus: "CREATING",
      Backfilling: stage === "filling",
      ItemCount: this.entries,
    };
    const GlobalSecondaryIndexes = indexes.map((index) => (index === own ? created : index));
    const TableStatus = stage === "allocating" ? "UPDATING" : "ACTIVE";
    return { ...answer, body: { ...answer.body, Table: { ...table, TableStatus, GlobalSecondaryIndexes } } };
  }

  #asksFor({ body }: SeenRequest, what: "Create" | "Delete"): string | undefined {
    const updates = (body.GlobalSecondaryIndexUpdates ?? []) as Record<string, { IndexName: string }>[];
    return updates.flatMap((update) => update[what]?.IndexName ?? [])[0];
  }

  /** The rules that make a proxy behave so. */
  get rules(): FaultRule[] {
    const isUnderWay = () => this.stage !== "active" && this.shown.length > 0;
    const unless = (what: boolean) => isUnderWay() && what;
    return [
      {
        operation: "UpdateTable",
        where: (request) => {
          const created = this.#asksFor(request, "Create");
          return unless(created !== undefined && created !== this.#index);
        },
        fault: {
          kind: "error",
          name: "LimitExceededException",
          message:
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        },
      },
      {
        operation: "UpdateTable",
        where: (request) =>
          unless(this.#asksFor(request, "Delete") === this.#index && this.stage !== "filling"),
        fault: { kind: "error", name: "ResourceInUseException", message: "Index is being created" },
      },
      {
        operation: "Query",
        where: ({ body }) => unless(body.IndexName === this.#index),
        fault: {
          kind: "error",
          name: "ValidationException",
          message: "Cannot read from backfilling global secondary index",
        },
      },
      { operation: "DescribeTable", fault: { kind: "rewrite", change: (answer) => this.#rewrite(answer) } },
    ];
  }
}
