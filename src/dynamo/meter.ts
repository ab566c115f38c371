import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import type { DeserializeMiddleware, MetadataBearer } from "@smithy/types";

/** What a client has sent and been charged since its meter was made or reset. */
export interface MeterReading {
  /** HTTP requests answered, the SDK's own retries included. */
  requests: number;
  /** Capacity units as the responses report them; 0 where nobody asked with ReturnConsumedCapacity. */
  consumedUnits: number;
}

/** Counts a client's requests and the capacity they report. */
export class CapacityMeter {
  #reading: MeterReading = { requests: 0, consumedUnits: 0 };

  /** The counts so far, as a copy. */
  read(): MeterReading {
    return { ...this.#reading };
  }

  /** SDK middleware that feeds this meter; added to a client by `createClient`. */
  readonly middleware: DeserializeMiddleware<object, MetadataBearer> = (next) => async (args) => {
    this.#reading.requests += 1;
    const result = await next(args);
    for (const consumed of reportedCapacity(result.output))
      this.#reading.consumedUnits += consumed.CapacityUnits ?? 0;
    return result;
  };
}

/** The ConsumedCapacity of a response, which is one object or a list, depending on the command. */
function reportedCapacity(output: MetadataBearer | undefined): ConsumedCapacity[] {
  const reported = (output as { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] } | undefined)
    ?.ConsumedCapacity;
  if (reported === undefined) return [];
  return Array.isArray(reported) ? reported : [reported];
}
