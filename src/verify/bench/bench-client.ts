import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DeserializeMiddleware, FinalizeRequestMiddleware, MetadataBearer } from "@smithy/types";
import { classifyFailure } from "../../dynamo/classify.ts";
import { createClient } from "../../dynamo/client.ts";
import type { Target } from "../../dynamo/target.ts";

/** Connections that may be open at once: a run must not wait for one of another's. */
const MOST_CONNECTIONS = 1_024;

/** What the client has seen, retried attempts included. */
export interface AttemptCounts {
  /** HTTP requests sent. */
  requests: number;
  /** Requests that were throttled, whatever became of them later. */
  throttles: number;
  /** Requests that failed otherwise: by the network or the service. */
  failedAttempts: number;
  /** Answers that left a part over, to be asked for again. */
  partialAnswers: number;
}

/** A client that cannot write, and counts each attempt: the SDK's retries hide them from a pattern. */
export interface BenchClient {
  readonly client: DynamoDBClient;
  /** The counts since the last call. */
  take(): AttemptCounts;
  /** What answers, as its `server` header says; undefined before the first answer. */
  server(): string | undefined;
}

const NONE: AttemptCounts = { requests: 0, throttles: 0, failedAttempts: 0, partialAnswers: 0 };

/** Makes the client of a bench. @param maxAttempts of the SDK per request; default 5 */
export function openBenchClient(target: Target, maxAttempts: number | undefined): BenchClient {
  const { client } = createClient(target, {
    readOnly: true,
    maxSockets: MOST_CONNECTIONS,
    ...(maxAttempts !== undefined && { maxAttempts }),
  });
  let counts = { ...NONE };
  let server: string | undefined;
  const countAttempts: FinalizeRequestMiddleware<object, MetadataBearer> = (next) => async (args) => {
    counts.requests += 1;
    try {
      const result = await next(args);
      const { UnprocessedKeys = {} } = result.output as { UnprocessedKeys?: object };
      if (Object.keys(UnprocessedKeys).length > 0) counts.partialAnswers += 1;
      return result;
    } catch (error) {
      const kind = classifyFailure(error);
      if (kind === "throttled") counts.throttles += 1;
      else if (kind === "unavailable") counts.failedAttempts += 1;
      throw error;
    }
  };
  const readServer: DeserializeMiddleware<object, MetadataBearer> = (next) => async (args) => {
    const result = await next(args);
    server ??= (result.response as { headers?: Record<string, string> }).headers?.server;
    return result;
  };
  // Inside the SDK's retries, which are of high priority in the same step.
  client.middlewareStack.add(countAttempts, {
    step: "finalizeRequest",
    priority: "low",
    name: "benchAttempts",
  });
  client.middlewareStack.add(readServer, { step: "deserialize", priority: "low", name: "benchServer" });
  const take = () => {
    const taken = counts;
    counts = { ...NONE };
    return taken;
  };
  return { client, take, server: () => server };
}
