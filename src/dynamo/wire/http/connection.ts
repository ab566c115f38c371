import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { AnswerReader, BrokenAnswerError, type HttpAnswer } from "./answer.ts";

/** As the SDK's clients have it (client.ts). */
const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 60_000;

/** Where a connection goes. */
export interface Place {
  /** Such as `https:`. */
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
}

/** Nobody answered in time. Whether the request was carried out is open. */
export class AnswerTimeoutError extends Error {
  readonly code = "ETIMEDOUT";

  constructor(what: string, milliseconds: number) {
    super(`${what} within ${milliseconds / 1000} s`);
    this.name = "AnswerTimeoutError";
  }
}

function open({ protocol, hostname, port }: Place): Socket {
  if (protocol !== "https:") return connectPlain({ host: hostname, port: port ?? 80, noDelay: true });
  const socket = connectTls({
    host: hostname,
    port: port ?? 443,
    // RFC 6066 allows no addresses there.
    ...(isIP(hostname) === 0 && { servername: hostname }),
    ALPNProtocols: ["http/1.1"],
  });
  return socket.setNoDelay(true);
}

interface Exchange {
  resolve(answer: HttpAnswer): void;
  reject(error: unknown): void;
}

/** A connection that carries one request after the other. */
export class Connection {
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  #exchange: Exchange | undefined;
  #failure: unknown;
  #isConnected = false;

  constructor(place: Place) {
    const socket = open(place);
    this.#socket = socket;
    const connected = place.protocol === "https:" ? "secureConnect" : "connect";
    socket.setTimeout(CONNECT_TIMEOUT_MS);
    socket.once(connected, () => {
      this.#isConnected = true;
      socket.setTimeout(ANSWER_TIMEOUT_MS);
    });
    socket.on("timeout", () => this.#onTimeout());
    socket.on("data", (chunk) => this.#onData(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new BrokenAnswerError("the connection was closed")));
  }

  /** Whether it can carry another request. */
  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** Sends a request and resolves with its answer; one at a time. Rejects where none comes. */
  exchange(head: string, body: Buffer): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#exchange = { resolve, reject };
      this.#socket.cork();
      this.#socket.write(head, "latin1");
      this.#socket.write(body);
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    const exchange = this.#exchange;
    try {
      if (!exchange) throw new BrokenAnswerError("it answers nothing that was asked");
      const answer = this.#reader.push(chunk);
      if (!answer) return;
      this.#exchange = undefined;
      if (answer.headers.get("connection")?.toLowerCase() === "close")
        this.#fail(new BrokenAnswerError("the connection was closed"));
      exchange.resolve(answer);
    } catch (error) {
      this.#fail(error);
    }
  }

  #onTimeout(): void {
    if (!this.#isConnected) this.#fail(new AnswerTimeoutError("no connection", CONNECT_TIMEOUT_MS));
    else if (this.#exchange) this.#fail(new AnswerTimeoutError("no answer", ANSWER_TIMEOUT_MS));
  }

  /** Ends the connection, and the request that it carries. */
  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#socket.destroy();
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.reject(error);
  }
}
