import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describeTable } from "../../src/dynamo/describe.ts";
import type { TableDesign } from "../../src/dynamo/table-design.ts";
import {
  type Clock,
  identityOf,
  type Ledger,
  openLedger,
  type TableIdentity,
} from "../../src/ledger/index.ts";
import { type AtEnd, createTestTable, testClient, uniqueName } from "../support/tables.ts";

const plainTable: TableDesign = {
  model: "plain",
  partitionKey: { name: "PK", type: "S" },
  sortKey: { name: "SK", type: "S" },
  indexes: {},
};

/** The identity of a table as the engine has it now. */
export async function readIdentity(client: DynamoDBClient, table: string): Promise<TableIdentity> {
  const description = await describeTable(client, table);
  if (!description) throw new Error(`no table ${table}`);
  return identityOf(description);
}

/** A fresh table and a fresh ledger for it. */
export async function freshLedger(client: DynamoDBClient): Promise<Ledger> {
  const table = await readIdentity(client, await createTestTable(client, plainTable));
  return openLedger({ client, ledgerTable: uniqueName("ledger"), table, mayCreate: true });
}

/** What a {@link tappedClient} is watched and steered by. */
export interface Tap {
  /** Requests answered so far. */
  calls: number;
  /** The commands of these requests, such as `UpdateTableCommand`. */
  readonly commands: string[];
  /** While true nothing gets through: the process is as good as dead. */
  dead: boolean;
  /** Called before request number `call` is sent, which is not once `dead` is set. */
  beforeCall?: (call: number) => void;
  /** Called when request number `call` was answered. */
  afterCall?: (call: number) => void;
}

/** A client whose requests are counted, and which can be cut off from the engine. */
export function tappedClient(endpoint?: string, atEnd?: AtEnd): { client: DynamoDBClient; tap: Tap } {
  const { client } = testClient(endpoint, {}, atEnd);
  const tap: Tap = { calls: 0, commands: [], dead: false };
  let sent = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      sent += 1;
      tap.beforeCall?.(sent);
      if (tap.dead) throw new Error("cut off");
      const answer = await next(args);
      tap.calls += 1;
      tap.commands.push(context.commandName ?? "");
      tap.afterCall?.(tap.calls);
      return answer;
    },
    { step: "initialize", name: "tap" },
  );
  return { client, tap };
}

/** A clock that moves only when told; sleepers wake when their time has come. */
export class FakeClock implements Clock {
  readonly #born = Date.now();
  #now = 0;
  #sleepers: { at: number; wake: () => void }[] = [];
  #waiters: { count: number; resolve: () => void }[] = [];
  #sleeps = 0;

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => reject(signal?.reason);
      const wake = () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      this.#sleepers.push({ at: this.#now + milliseconds, wake });
      signal?.addEventListener("abort", abort, { once: true });
      this.#sleeps += 1;
      this.#waiters = this.#waiters.filter((waiter) => {
        if (waiter.count > this.#sleeps) return true;
        waiter.resolve();
        return false;
      });
    });
  }

  /** How often anything has gone to sleep so far. */
  get sleeps(): number {
    return this.#sleeps;
  }

  /** Resolves when something has gone to sleep `count` times in all. */
  slept(count: number): Promise<void> {
    if (this.#sleeps >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }

  /** It begins with the real time of day, and goes on as it is told. */
  wallTime(): Date {
    return new Date(this.#born + this.#now);
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    const due = this.#sleepers.filter((sleeper) => sleeper.at <= this.#now);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.at > this.#now);
    for (const { wake } of due) wake();
  }
}
