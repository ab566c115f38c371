import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { type ClientOptions, clientConfig } from "./client.ts";
import type { Target } from "./target.ts";

/** Makes a client of the streams API, all of which reads. Call `destroy()` to let its connections go. */
export function createStreamsClient(
  target: Target,
  options: Omit<ClientOptions, "readOnly"> = {},
): DynamoDBStreamsClient {
  return new DynamoDBStreamsClient(clientConfig(target, options));
}
