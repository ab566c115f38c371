import type { TableDescription } from "@aws-sdk/client-dynamodb";
import type { Sender } from "../../dynamo/describe.ts";
import { sendPaced } from "../../dynamo/pace/paced-attempt.ts";
import { pacedClient } from "../../dynamo/pace/paced-client.ts";
import { Pacer, type PaceView } from "../../dynamo/pace/pacer.ts";
import { assertRateFits, ceilingsFor, type RateLimit } from "../../dynamo/pace/rate-limit.ts";
import { startRate } from "../../dynamo/pace/start-rate.ts";
import type { Target } from "../../dynamo/target.ts";
import type { WireSender } from "../../dynamo/wire/wire-client.ts";
import type { WriteSender } from "./send-batch.ts";
import { NotSentError } from "./stop.ts";

/** What a seed run sends through, and what holds it to its rate. */
export interface LoadPace {
  /** For the load: each request waits for its turn. */
  readonly writer: WriteSender;
  /** For what is read before and after it. */
  readonly reader: Sender;
  /** How fast it writes, and what slows it. */
  view(): PaceView;
  /** Refuses with {@link NotSentError} what of the load still waits for its turn. */
  stop(): void;
}

/** Has writes wait for their turn. Each may be the last: what waits is not sent any more once the load is to stop. */
const pacedWriter = (wire: WireSender, pacer: Pacer): WriteSender => ({
  send: (operation, body, request) =>
    sendPaced(pacer, {
      request,
      begins: true,
      send: () => wire.send(operation, body),
      answerOf: (answer) => answer,
    }),
});

/**
 * Holds a seed run to a rate.
 * @param clients the one that writes and the one that reads
 * @param where the live table, its partition key, where it is, and the rate that was asked for; default half of
 * its capacity on AWS, where it has any, and no limit elsewhere
 * @throws {UsageError} where the rate is a share of capacity that the table does not have.
 */
export function paceLoad(
  clients: { readonly writer: WireSender; readonly reader: Sender },
  where: {
    readonly description: TableDescription;
    readonly partitionKey: string;
    readonly target: Pick<Target, "kind">;
    readonly rate?: RateLimit | undefined;
  },
): LoadPace {
  const { description, partitionKey, target, rate } = where;
  if (rate) assertRateFits(rate, description);
  const ceilings = ceilingsFor(startRate(rate, target), description);
  const table = description.TableName ?? "";
  const writing = new Pacer({ table, partitionKey, ceilings });
  // A scan is paged by what can be written of it: nothing of this one is written.
  const unwritten = { ...ceilings.table, write: Number.POSITIVE_INFINITY };
  const reading = new Pacer({ table, partitionKey, ceilings: { ...ceilings, table: unwritten } });
  return {
    writer: pacedWriter(clients.writer, writing),
    reader: pacedClient(clients.reader, reading),
    view: () => writing.view(),
    stop: () => writing.stop(new NotSentError()),
  };
}
