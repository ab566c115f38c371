import type { Input } from "@pulumi/pulumi";
import type { Billing } from "../../config.ts";
import type { TableStore } from "../table-store/table-store.ts";
import type { Place } from "./metrics.ts";

/** The stream consumer, as far as it is watched. */
export interface WatchedConsumer {
  readonly functionName: Input<string>;
  readonly deadLetterQueueName: Input<string>;
}

/** A place with what its resources and widgets are called, and how it is billed. */
export interface NamedPlace {
  /** Such as `quick-photos-InvertedIndex`: the model, and the index. */
  readonly name: string;
  readonly place: Place;
  readonly billing: Billing;
}

/** The table and each global index. A local index shares its table's capacity and metrics. */
export function placesOf({ design, name: tableName, billing, indexBilling }: TableStore): NamedPlace[] {
  return [
    { name: design.model, place: { tableName }, billing },
    ...Object.entries(indexBilling).map(([indexName, billing]) => ({
      name: `${design.model}-${indexName}`,
      place: { tableName, indexName },
      billing,
    })),
  ];
}
