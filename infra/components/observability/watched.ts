import type { Input } from "@pulumi/pulumi";
import type { TableStore } from "../table-store/table-store.ts";
import type { Place } from "./metrics.ts";

/** The stream consumer, as far as it is watched. */
export interface WatchedConsumer {
  readonly functionName: Input<string>;
  readonly deadLetterQueueName: Input<string>;
}

/** A place with what its resources and widgets are called. */
export interface NamedPlace {
  /** Such as `quick-photos-InvertedIndex`: the model, and the index. */
  readonly name: string;
  readonly place: Place;
}

/** The table and each global index. A local index shares its table's capacity and metrics. */
export function placesOf({ design, name: tableName }: TableStore): NamedPlace[] {
  return [
    { name: design.model, place: { tableName } },
    ...Object.keys(design.indexes).map((indexName) => ({
      name: `${design.model}-${indexName}`,
      place: { tableName, indexName },
    })),
  ];
}
