import type { TableDescription } from "@aws-sdk/client-dynamodb";
import type { Sender } from "../dynamo/describe.ts";
import { pacedClient } from "../dynamo/pace/paced-client.ts";
import { Pacer } from "../dynamo/pace/pacer.ts";
import { assertRateFits, ceilingsFor, type RateLimit } from "../dynamo/pace/rate-limit.ts";
import { startRate } from "../dynamo/pace/start-rate.ts";
import type { Target } from "../dynamo/target.ts";

/** Where requests are held to a rate. */
export interface PacePlace {
  readonly description: TableDescription;
  readonly partitionKey: string;
  readonly target: Pick<Target, "kind">;
  /** Default: half of the table's capacity on AWS, where it has any, and no limit elsewhere. */
  readonly rate?: RateLimit | undefined;
  /** Hears why writes are throttled: when they begin to be, and when the reason is another one. */
  readonly onThrottle?: ((reason: string) => void) | undefined;
}

/** The limits that a rate comes to. @throws {UsageError} where it is a share of capacity that the table does not have. */
export function ceilingsAt({ description, target, rate }: PacePlace) {
  if (rate) assertRateFits(rate, description);
  return ceilingsFor(startRate(rate, target), description);
}

/** Holds a client that reads items, and writes none, to a rate. @throws what {@link ceilingsAt} throws. */
export function paceReads(client: Sender, place: PacePlace): Sender {
  const ceilings = ceilingsAt(place);
  // A scan is paged by what can be written of it: nothing of this one is written.
  const unwritten = { ...ceilings.table, write: Number.POSITIVE_INFINITY };
  const table = place.description.TableName ?? "";
  const { partitionKey } = place;
  return pacedClient(client, new Pacer({ table, partitionKey, ceilings: { ...ceilings, table: unwritten } }));
}
