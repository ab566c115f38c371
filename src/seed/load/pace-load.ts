import { type Clock, systemClock } from "../../dynamo/clock.ts";
import type { Sender } from "../../dynamo/describe.ts";
import { sendPaced } from "../../dynamo/pace/paced-attempt.ts";
import { Pacer, type PaceView } from "../../dynamo/pace/pacer.ts";
import { startRate } from "../../dynamo/pace/start-rate.ts";
import { throttlesOf } from "../../dynamo/pace/throttle.ts";
import type { WireSender } from "../../dynamo/wire/wire-client.ts";
import { ceilingsAt, type PacePlace, paceReads } from "../pace-reads.ts";
import { CapacityWatch } from "./capacity-watch.ts";
import type { HotKeyTurns } from "./parked-items.ts";
import { costing, type WriteSender } from "./send-batch.ts";
import { NotSentError } from "./stop.ts";

/** What a seed run sends through, and what holds it to its rate. */
export interface LoadPace {
  /** For the load: each request waits for its turn. */
  readonly writer: WriteSender;
  /** For what is read before and after it. */
  readonly reader: Sender;
  /** How fast it writes, and what slows it. */
  view(): PaceView;
  /** When items of a partition may go that is known as hot. */
  readonly hotKeyTurns: HotKeyTurns;
  /** Refuses with {@link NotSentError} what of the load still waits for its turn. */
  stop(): void;
}

/** Has writes wait for their turn. Each may be the last: what waits is not sent any more once the load is to stop. */
const pacedWriter = (wire: WireSender, pacer: Pacer, capacity: CapacityWatch): WriteSender => ({
  send: async (operation, body, request) => {
    await capacity.look();
    try {
      return await sendPaced(pacer, {
        request,
        begins: true,
        send: () => wire.send(operation, body),
        answerOf: (answer) => answer,
      });
    } catch (error) {
      if (throttlesOf(error, request.direction).some(({ limit }) => limit === "provisioned"))
        capacity.doubt();
      throw error;
    }
  },
});

/**
 * Holds a seed run to a rate. A share of the table's capacity follows that while it loads.
 * @param clients the one that writes and the one that reads
 * @param place the live table, its partition key, where it is, and the rate that was asked for
 * @throws {UsageError} where the rate is a share of capacity that the table does not have.
 */
export function paceLoad(
  clients: { readonly writer: WireSender; readonly reader: Sender },
  place: PacePlace,
  clock: Clock = systemClock,
): LoadPace {
  const { description, partitionKey, onThrottle } = place;
  const table = description.TableName ?? "";
  const writing = new Pacer({ table, partitionKey, ceilings: ceilingsAt(place), clock, onThrottle });
  const capacity = new CapacityWatch(clients.reader, writing, startRate(place.rate, place.target));
  return {
    writer: pacedWriter(clients.writer, writing, capacity),
    reader: paceReads(clients.reader, place),
    hotKeyTurns: (partition) => writing.hotKeyTurn(costing("PutItem", [{ partition }])),
    view: () => writing.view(),
    stop: () => writing.stop(new NotSentError()),
  };
}
