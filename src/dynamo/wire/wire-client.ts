import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import aws4 from "aws4";
import type { Dispatcher } from "undici";
import { answerError } from "./answer-error.ts";
import { connectPool } from "./pool.ts";
import { type ResolvedRequest, resolveRequest } from "./resolve-request.ts";

const API = "DynamoDB_20120810";

/** Sends requests that are text already. */
export interface WireSender {
  /**
   * Sends a request once.
   * @param operation the API's name, such as `BatchWriteItem`
   * @param body its input as JSON
   * @returns the answer, parsed
   * @throws {AnswerError} for an answer other than 200, and the socket's error where there is none.
   */
  send(operation: string, body: Buffer): Promise<object>;
}

/** What came back of a request. */
interface RawAnswer {
  readonly status: number;
  readonly requestId: string | undefined;
  readonly text: string;
}

function headerOf(headers: readonly Buffer[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toString("latin1").toLowerCase() === name) return headers[index + 1]?.toString();
  }
  return undefined;
}

/** Collects one answer. */
function exchange(pool: Dispatcher, request: Dispatcher.DispatchOptions): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    let requestId: string | undefined;
    pool.dispatch(request, {
      onConnect: () => {},
      onHeaders: (statusCode, headers) => {
        status = statusCode;
        if (statusCode !== 200) requestId = headerOf(headers, "x-amzn-requestid");
        return true;
      },
      onData: (chunk) => {
        chunks.push(chunk);
        return true;
      },
      onComplete: () => resolve({ status, requestId, text: Buffer.concat(chunks).toString("utf8") }),
      onError: reject,
    });
  });
}

/**
 * Sends DynamoDB requests that are text already, without the SDK's serializing, middleware and retries: a
 * tenth of its time each. Where they go, and by whose credentials, the SDK's client says.
 */
export class WireClient implements WireSender {
  readonly #client: DynamoDBClient;
  readonly #connections: number;
  #connected: Promise<{ pool: Dispatcher; resolved: ResolvedRequest; region: string }> | undefined;

  /**
   * @param client for endpoint, region and credentials, which are asked for anew where they have expired
   * @param connections requests at once; the next ones wait
   */
  constructor(client: DynamoDBClient, connections: number) {
    this.#client = client;
    this.#connections = connections;
  }

  async send(operation: string, body: Buffer): Promise<object> {
    this.#connected ??= this.#connect();
    const { pool, resolved, region } = await this.#connected;
    const { config } = this.#client;
    const credentials = await config.credentials();
    const { path, headers } = resolved;
    const signed = aws4.sign(
      {
        service: "dynamodb",
        region,
        method: "POST",
        path,
        headers: {
          host: headers.host,
          "user-agent": headers["user-agent"],
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": `${API}.${operation}`,
          "x-amz-date": amzDate(Date.now() + config.systemClockOffset),
        },
        body,
      },
      credentials,
    );
    const request = {
      path,
      method: "POST" as const,
      headers: signed.headers as Record<string, string>,
      body,
    };
    const { status, requestId, text } = await exchange(pool, request);
    if (status !== 200) throw answerError(status, text, requestId);
    return JSON.parse(text) as object;
  }

  /** Lets the connections go. */
  async close(): Promise<void> {
    const connected = await this.#connected?.catch(() => undefined);
    await connected?.pool.destroy();
  }

  async #connect() {
    const [resolved, region] = await Promise.all([
      resolveRequest(this.#client),
      this.#client.config.region(),
    ]);
    return { resolved, region, pool: connectPool(resolved, this.#connections) };
  }
}

/** A time as signatures have it: `20260102T030405Z`. */
const amzDate = (time: number) => new Date(time).toISOString().replace(/[:-]|\.\d{3}/g, "");
