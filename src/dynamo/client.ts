import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { CapacityMeter } from "./meter.ts";
import { refuseWrites } from "./read-only.ts";
import type { Target } from "./target.ts";

/** What a local engine is given for credentials: DynamoDB Local takes letters and digits only; nobody's real keys look like this. */
export const DUMMY_CREDENTIALS = { accessKeyId: "tablewright", secretAccessKey: "tablewright" };

/** How a client is made. */
export interface ClientOptions {
  /** Refuse every command that could write. Default false. */
  readOnly?: boolean;
  /** Attempts of the SDK per command, the first included. Default 5; 1 where the caller retries itself. */
  maxAttempts?: number;
  /** Connections held open at once. Default 64. */
  maxSockets?: number;
}

/** A DynamoDB client and the meter that counts what it does. */
export interface MeteredClient {
  readonly client: DynamoDBClient;
  readonly meter: CapacityMeter;
}

/** What every client of a target is configured with, whichever API it speaks. */
export function clientConfig(target: Target, options: ClientOptions) {
  return {
    maxAttempts: options.maxAttempts ?? 5,
    requestHandler: {
      // Without a limit a connection to a dead host hangs for the system's two minutes.
      connectionTimeout: 5_000,
      requestTimeout: 60_000,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: options.maxSockets ?? 64 },
      httpsAgent: { keepAlive: true, maxSockets: options.maxSockets ?? 64 },
    },
    ...(target.endpoint !== undefined && { endpoint: target.endpoint }),
    ...(target.region !== undefined && { region: target.region }),
    ...(target.credentials === "dummy" && { credentials: DUMMY_CREDENTIALS }),
  } satisfies DynamoDBClientConfig;
}

/** Makes a client for a target. Call `client.destroy()` to let its connections go. */
export function createClient(target: Target, options: ClientOptions = {}): MeteredClient {
  const client = new DynamoDBClient(clientConfig(target, options));
  const meter = new CapacityMeter();
  client.middlewareStack.add(meter.middleware, {
    step: "deserialize",
    name: "capacityMeter",
    // Outside the SDK's own deserializer: any further in, the response is still unparsed and reports nothing.
    priority: "high",
  });
  if (options.readOnly) {
    client.middlewareStack.add(refuseWrites, { step: "initialize", name: "refuseWrites", priority: "high" });
  }
  return { client, meter };
}
