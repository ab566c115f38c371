import { createRequire } from "node:module";
import type { Dispatcher, Pool } from "undici";
import type { ResolvedRequest } from "./resolve-request.ts";

/** As the SDK's clients have it (client.ts). */
const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 60_000;

/**
 * Opens connections to where requests go, as they are needed, and keeps them.
 * @param connections how many at most
 */
export function connectPool({ protocol, hostname, port }: ResolvedRequest, connections: number): Dispatcher {
  // The whole of undici takes 60 ms more to load than what is used of it.
  const Connections = createRequire(import.meta.url)("undici/lib/dispatcher/pool.js") as typeof Pool;
  const origin = `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
  return new Connections(origin, {
    connections,
    pipelining: 1,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });
}
