import type { Sender } from "../../dynamo/describe.ts";
import { sendPaced } from "../../dynamo/pace/paced-attempt.ts";
import { Pacer, type PaceView } from "../../dynamo/pace/pacer.ts";
import type { WireSender } from "../../dynamo/wire/wire-client.ts";
import { ceilingsAt, type PacePlace, paceReads } from "../pace-reads.ts";
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
 * @param place the live table, its partition key, where it is, and the rate that was asked for
 * @throws {UsageError} where the rate is a share of capacity that the table does not have.
 */
export function paceLoad(
  clients: { readonly writer: WireSender; readonly reader: Sender },
  place: PacePlace,
): LoadPace {
  const { description, partitionKey } = place;
  const table = description.TableName ?? "";
  const writing = new Pacer({ table, partitionKey, ceilings: ceilingsAt(place) });
  return {
    writer: pacedWriter(clients.writer, writing),
    reader: paceReads(clients.reader, place),
    view: () => writing.view(),
    stop: () => writing.stop(new NotSentError()),
  };
}
