import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import type { Sender } from "../../dynamo/describe.ts";
import { ReadsStoppedError } from "../errors.ts";

interface Answer {
  readonly ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[] | undefined;
}

/**
 * Counts the read units that answers report, and sends nothing any more once they are above a limit: what is
 * under way by then still comes on top.
 */
export class LimitedReads {
  readonly client: Sender;
  #units = 0;

  /** @param limit read units */
  constructor(client: Sender, limit = Number.POSITIVE_INFINITY) {
    const send = async (command: Parameters<Sender["send"]>[0], options?: { abortSignal?: AbortSignal }) => {
      if (this.#units > limit) throw new ReadsStoppedError(this.#units, limit);
      const sent: Promise<unknown> = client.send(command, options);
      const answer = (await sent) as Answer;
      const reports = [answer.ConsumedCapacity ?? []].flat() as ConsumedCapacity[];
      for (const { CapacityUnits = 0 } of reports) this.#units += CapacityUnits;
      return answer;
    };
    this.client = { send: send as Sender["send"] };
  }

  /** Read units so far. */
  get units(): number {
    return this.#units;
  }
}
