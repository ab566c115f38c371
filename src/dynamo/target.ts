import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { UsageError } from "../errors.ts";
import { NoTargetError, RemoteEndpointError } from "./errors.ts";

/** An engine that commands may find by themselves. */
export interface RunningEngine {
  /** Such as `http://127.0.0.1:8000`. */
  readonly endpoint: string;
  readonly engine: EngineName;
}

/** The embedded engines this program can start. */
export type EngineName = "dynamodb-local" | "dynoxide";

/** Where commands go. */
export interface Target {
  readonly kind: "local" | "aws";
  /** Undefined means AWS's own endpoint for the region. */
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** `dummy` sends fixed made-up keys and never looks for the user's own. */
  readonly credentials: "dummy" | "aws";
  /** For messages: "the local engine at http://127.0.0.1:8000". */
  readonly description: string;
}

/** What the command line and the environment say about the target. */
export interface TargetOptions {
  endpoint?: string | undefined;
  aws?: boolean | undefined;
  region?: string | undefined;
  dummyCredentials?: boolean | undefined;
  /** The local engine that is running, when one is. */
  running?: RunningEngine | undefined;
}

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Local engines ignore the region, but the SDK will not sign without one. */
const LOCAL_REGION = "us-east-1";

function parseEndpoint(endpoint: string): URL {
  try {
    const url = new URL(endpoint);
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  } catch {
    // Falls through to the one message for every malformed endpoint.
  }
  throw new UsageError({
    message: `"${endpoint}" is not an endpoint`,
    next: "Write it as a URL, such as http://127.0.0.1:8000.",
    facts: { endpoint },
  });
}

/** True where the host of a URL is this machine. */
export function isLoopback(endpoint: string): boolean {
  return LOOPBACK.test(parseEndpoint(endpoint).hostname);
}

/**
 * Decides where commands go: the endpoint wins, else AWS, else the running local engine. Without
 * `aws` nothing leaves the machine, and a loopback endpoint never sees the user's own credentials.
 * @throws {NoTargetError} {@link RemoteEndpointError} {@link UsageError}
 */
export function chooseTarget(options: TargetOptions): Target {
  const { endpoint, aws = false, region, dummyCredentials = false, running } = options;
  if (endpoint !== undefined) {
    const loopback = isLoopback(endpoint);
    if (!loopback && !aws && !dummyCredentials) throw new RemoteEndpointError(endpoint);
    const local = loopback || dummyCredentials;
    return {
      kind: local ? "local" : "aws",
      endpoint,
      region: region ?? (local ? LOCAL_REGION : undefined),
      credentials: local ? "dummy" : "aws",
      description: local ? `the local engine at ${endpoint}` : endpoint,
    };
  }
  if (aws) {
    return {
      kind: "aws",
      endpoint: undefined,
      region,
      credentials: "aws",
      description: region ? `AWS in ${region}` : "AWS",
    };
  }
  if (running) return localTarget(running.endpoint);
  throw new NoTargetError();
}

/** The target of an engine that this process started itself. */
export function localTarget(endpoint: string): Target {
  return chooseTarget({ endpoint });
}

/** Where a client goes that somebody else made: a local engine where its endpoint is on this machine, else AWS. */
export async function targetOfClient({ config }: DynamoDBClient): Promise<Target> {
  const found = await config.endpoint?.();
  if (found) {
    const { protocol, hostname, port, path } = found;
    const endpoint = `${protocol}//${hostname}${port ? `:${port}` : ""}${path}`;
    if (isLoopback(endpoint)) return localTarget(endpoint);
  }
  return chooseTarget({ aws: true, region: await config.region() });
}
