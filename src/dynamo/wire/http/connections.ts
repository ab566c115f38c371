import type { HttpAnswer } from "./answer.ts";
import { Connection, type Place } from "./connection.ts";

/** Connections to one place, opened as they are needed, and kept. */
export class Connections {
  readonly #place: Place;
  readonly #most: number;
  #free: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #waiting: ((connection: Connection) => void)[] = [];

  /** @param most how many requests go at once; the next ones wait */
  constructor(place: Place, most: number) {
    this.#place = place;
    this.#most = most;
  }

  /** Sends a request over a free connection. Rejects with what became of the connection where no answer comes. */
  async exchange(head: string, body: Buffer): Promise<HttpAnswer> {
    const connection = this.#takeFree() ?? this.#open() ?? (await this.#nextFree());
    try {
      return await connection.exchange(head, body);
    } finally {
      this.#giveBack(connection);
    }
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #takeFree(): Connection | undefined {
    // The one that was used last: the others may be let go by the other side.
    for (let connection = this.#free.pop(); connection; connection = this.#free.pop()) {
      if (connection.isOpen) return connection;
      this.#all.delete(connection);
    }
    return undefined;
  }

  #open(): Connection | undefined {
    if (this.#all.size >= this.#most) return undefined;
    const connection = new Connection(this.#place);
    this.#all.add(connection);
    return connection;
  }

  #nextFree(): Promise<Connection> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(connection: Connection): void {
    let next: Connection | undefined = connection;
    if (!connection.isOpen) {
      this.#all.delete(connection);
      next = this.#waiting.length > 0 ? this.#open() : undefined;
    }
    if (!next) return;
    const waiting = this.#waiting.shift();
    if (waiting) waiting(next);
    else this.#free.push(next);
  }
}
