import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import aws4 from "aws4";
import { answerError } from "./answer-error.ts";
import { Connections } from "./http/connections.ts";
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
   * @throws {SyntaxError} {@link TypeError} for one of 200 that is no JSON object: what it means is open.
   */
  send(operation: string, body: Buffer): Promise<object>;
}

/**
 * Sends DynamoDB requests that are text already, without the SDK's serializing, middleware and retries: a
 * tenth of its time each. Where they go, and by whose credentials, the SDK's client says.
 */
export class WireClient implements WireSender {
  readonly #client: DynamoDBClient;
  readonly #atOnce: number;
  #connected: Promise<{ connections: Connections; resolved: ResolvedRequest; region: string }> | undefined;

  /**
   * @param client for endpoint, region and credentials, which are asked for anew where they have expired
   * @param atOnce requests at once; the next ones wait
   */
  constructor(client: DynamoDBClient, atOnce: number) {
    this.#client = client;
    this.#atOnce = atOnce;
  }

  async send(operation: string, body: Buffer): Promise<object> {
    this.#connected ??= this.#connect();
    const { connections, resolved, region } = await this.#connected;
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
    const answer = await connections.exchange(headOf(path, signed.headers ?? {}), body);
    const text = answer.body.toString("utf8");
    if (answer.status !== 200) throw answerError(answer.status, text, answer.headers.get("x-amzn-requestid"));
    return parseAnswer(text);
  }

  /** Lets the connections go. */
  async close(): Promise<void> {
    const connected = await this.#connected?.catch(() => undefined);
    connected?.connections.close();
  }

  async #connect() {
    const [resolved, region] = await Promise.all([
      resolveRequest(this.#client),
      this.#client.config.region(),
    ]);
    return { resolved, region, connections: new Connections(resolved, this.#atOnce) };
  }
}

function parseAnswer(text: string): object {
  const answer: unknown = JSON.parse(text);
  if (typeof answer !== "object" || answer === null || Array.isArray(answer))
    throw new TypeError("the answer is no JSON object");
  return answer;
}

/** The head of a request as HTTP/1.1 has it. */
function headOf(path: string, headers: object): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** A time as signatures have it: `20260102T030405Z`. */
const amzDate = (time: number) => new Date(time).toISOString().replace(/[:-]|\.\d{3}/g, "");
