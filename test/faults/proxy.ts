import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { AtEnd } from "../support/tables.ts";
import { type Answer, conflictAnswer, divide, errorAnswer } from "./answers.ts";
import {
  type Fault,
  FaultChooser,
  type FaultRule,
  type RandomSource,
  type RequestBody,
  type SeenRequest,
  seededRandom,
} from "./rules.ts";

export type { Fault, FaultRule, SeenRequest } from "./rules.ts";

/** A request that came, and what became of it. */
export interface RecordedRequest extends SeenRequest {
  /** The fault that befell it, if any. */
  readonly fault: Fault["kind"] | undefined;
  /** What reached the engine: the body, a part of it, or undefined for nothing. */
  applied: RequestBody | undefined;
}

/** How a fault proxy is made. */
export interface ProxyOptions {
  readonly rules?: readonly FaultRule[];
  /** Seed of the proxy's random. Default 1. */
  readonly seed?: number;
  readonly atEnd?: AtEnd;
}

/** A proxy in front of an engine. */
export interface FaultProxy {
  /** What to give a client instead of the engine's own endpoint. */
  readonly endpoint: string;
  /** Every request so far, in order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** The largest number of requests that were being answered at one moment. */
  readonly mostAtOnce: number;
  /** Puts other rules in place; they hold for the requests that come from now on. */
  setRules(rules: readonly FaultRule[]): void;
  /** Resolves when no request is on its way to the engine, late ones included. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

async function readBody(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The state of one proxy. */
class ProxyState {
  readonly requests: RecordedRequest[] = [];
  rules: readonly FaultRule[];
  mostAtOnce = 0;
  readonly #atOnce = new Set<ServerResponse>();
  readonly #late = new Set<Promise<unknown>>();
  readonly #counts = new Map<string, number>();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #chooser: FaultChooser;
  readonly #random: RandomSource;
  readonly #engine: URL;

  constructor(engine: string, options: ProxyOptions) {
    this.#engine = new URL(engine);
    this.rules = options.rules ?? [];
    this.#random = seededRandom(options.seed ?? 1);
    this.#chooser = new FaultChooser(this.#random);
  }

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#atOnce.add(response);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce.size);
    const { seen, fault } = this.#record(incoming, JSON.parse((await readBody(incoming)).toString() || "{}"));
    const pass = (body: RequestBody = seen.body) => this.#forward(incoming, seen, body);
    try {
      await this.#answer(seen, fault, pass, response);
    } catch {
      // The engine went away, or the client did: either way there is nobody to answer.
      response.destroy();
    } finally {
      this.#atOnce.delete(response);
    }
  }

  #record(incoming: IncomingMessage, body: RequestBody): { seen: RecordedRequest; fault: Fault | undefined } {
    const operation =
      String(incoming.headers["x-amz-target"] ?? "")
        .split(".")
        .at(-1) ?? "";
    const nth = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, nth);
    const request: SeenRequest = { number: this.requests.length + 1, operation, nth, body };
    const fault = this.#chooser.choose(this.rules, request);
    const seen: RecordedRequest = { ...request, fault: fault?.kind, applied: undefined };
    this.requests.push(seen);
    return { seen, fault };
  }

  async #answer(
    seen: RecordedRequest,
    fault: Fault | undefined,
    pass: (body?: RequestBody) => Promise<Answer>,
    response: ServerResponse,
  ): Promise<void> {
    switch (fault?.kind) {
      case undefined:
        return reply(response, await pass());
      case "delay":
        await delay(fault.milliseconds);
        return reply(response, await pass());
      case "rewrite":
        return reply(response, fault.change(await pass(), seen));
      case "throttle":
        return reply(response, errorAnswer("ProvisionedThroughputExceededException"));
      case "failBefore":
        return reply(response, errorAnswer("InternalServerError", 500));
      case "failAfter":
        await pass();
        return reply(response, errorAnswer("InternalServerError", 500));
      case "error":
        return reply(response, errorAnswer(fault.name, fault.status, fault.message, fault.extra));
      case "answer":
        return reply(response, { status: 200, body: await fault.answer(seen) });
      case "conflict":
        return reply(response, conflictAnswer(seen, fault.at));
      case "resetBefore":
        response.destroy();
        return;
      case "loseAnswer":
        await pass();
        response.destroy();
        return;
      case "cutAnswer":
        return cut(response, await pass());
      case "applyLate":
        response.destroy();
        this.#later(delay(fault.milliseconds).then(() => pass()));
        return;
      case "unprocessedItems":
      case "unprocessedKeys":
        return reply(response, await this.#partly(seen, fault, pass));
    }
  }

  /** Lets a part of a batch through and reports the rest as unprocessed. */
  async #partly(
    seen: SeenRequest,
    fault: Extract<Fault, { kind: "unprocessedItems" | "unprocessedKeys" }>,
    pass: (body: RequestBody) => Promise<Answer>,
  ): Promise<Answer> {
    const { forward, unprocessed } = divide(seen, fault, this.#random);
    const answer = forward ? await pass(forward) : { status: 200, body: {} };
    if (answer.status !== 200 || !unprocessed) return answer;
    const field = fault.kind === "unprocessedItems" ? "UnprocessedItems" : "UnprocessedKeys";
    const own = (answer.body[field] ?? {}) as Record<string, unknown>;
    // What the engine itself left over is far from these tests; merging by table would hide a loss.
    if (Object.keys(own).length > 0) throw new Error("the engine itself left items unprocessed");
    const empty = fault.kind === "unprocessedKeys" ? { Responses: {} } : {};
    return { status: 200, body: { ...empty, ...answer.body, [field]: unprocessed } };
  }

  #later(work: Promise<unknown>): void {
    const tracked: Promise<unknown> = work
      .catch(() => {})
      .finally(() => {
        this.#late.delete(tracked);
      });
    this.#late.add(tracked);
  }

  async #forward(incoming: IncomingMessage, seen: RecordedRequest, body: RequestBody): Promise<Answer> {
    const text = JSON.stringify(body);
    const { host: _host, connection: _connection, ...kept } = incoming.headers;
    const headers = { ...kept, "content-length": String(Buffer.byteLength(text)) };
    const answer = await new Promise<Answer>((resolve, reject) => {
      const outgoing = httpRequest(
        this.#engine,
        { method: "POST", path: "/", headers, agent: this.#agent },
        (reply) => {
          readBody(reply).then(
            (bytes) =>
              resolve({ status: reply.statusCode ?? 500, body: JSON.parse(bytes.toString() || "{}") }),
            reject,
          );
        },
      );
      outgoing.on("error", reject);
      outgoing.end(text);
    });
    if (answer.status === 200) seen.applied = body;
    return answer;
  }

  async settled(): Promise<void> {
    while (this.#atOnce.size > 0 || this.#late.size > 0) {
      await Promise.allSettled(this.#late);
      await delay(1);
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

function reply(response: ServerResponse, answer: Answer): void {
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": Buffer.byteLength(text),
    "x-amzn-requestid": "fault-proxy",
  });
  response.end(text);
}

/** Sends the first half of an answer, and cuts the connection. */
async function cut(response: ServerResponse, answer: Answer): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    "content-type": "application/x-amz-json-1.0",
    "content-length": bytes.length,
  });
  await new Promise((resolve) => response.write(bytes.subarray(0, bytes.length / 2), resolve));
  response.destroy();
}

/**
 * Starts a proxy in front of a DynamoDB engine that makes what engines never do by themselves:
 * unprocessed items, throttles, lost answers, transaction conflicts. The first rule that applies to a
 * request decides; a request that no rule touches goes through. Closed when the running test ends.
 * @param engine the engine's endpoint
 */
export async function startFaultProxy(engine: string, options: ProxyOptions = {}): Promise<FaultProxy> {
  const proxy = new ProxyState(engine, options);
  const server = createServer((incoming, response) => void proxy.handle(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    if (!server.listening) return;
    await proxy.settled();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    proxy.close();
  };
  (options.atEnd ?? onTestFinished)(close);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests: proxy.requests,
    get mostAtOnce() {
      return proxy.mostAtOnce;
    },
    setRules: (rules) => {
      proxy.rules = rules;
    },
    settled: () => proxy.settled(),
    close,
  };
}
