import { createReadStream } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { marshall } from "@aws-sdk/util-dynamodb";
import { MAX_BATCH_WRITE_BYTES } from "../../../src/dynamo/limits.ts";
import type { StoredItem } from "../../../src/dynamo/scan.ts";
import { seededRandom } from "../../../test/faults/rules.ts";
import { bytesAsText, type HttpAnswer, type HttpRequest, readRequests, writeAnswer } from "./http.ts";
import { type Comparison, LoadedTable } from "./loaded-table.ts";
import { Refusal } from "./refusal.ts";
import { SideTable } from "./side-table.ts";
import { checkSignature } from "./signature.ts";

/** How a sink behaves in a run. */
export interface SinkSettings {
  /** The name of the table that is loaded. Every other name is a small table beside it. */
  readonly table: string;
  /** Each answer waits so long. */
  readonly latencyMs: number;
  /** The share of items that a batch leaves over, 0 to below 1. */
  readonly unprocessed: number;
  /** Which items are left over. */
  readonly seed: number;
  readonly signature: "shape" | "whole";
  /** Keep what is written, to compare it with the file. */
  readonly keepItems: boolean;
  /** The table has an index, on SK and PK. */
  readonly withIndex: boolean;
}

/** A table without latency that takes everything and keeps it. */
export const DEFAULT_SINK: SinkSettings = {
  table: "quick-photos",
  latencyMs: 0,
  unprocessed: 0,
  seed: 1,
  signature: "shape",
  keepItems: true,
  withIndex: false,
};

/** What came in a run, and what was done with it. */
export interface SinkReport {
  /** Requests that write to the table that is loaded. */
  readonly requests: number;
  /** All requests by operation. */
  readonly operations: Readonly<Record<string, number>>;
  /** Refused requests by exception. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Items written, counted each time they were. */
  readonly written: number;
  readonly unprocessed: number;
  /** The most requests that waited for their answer at one moment. */
  readonly mostAtOnce: number;
  /** CPU time of the sink's process since the run began, in microseconds. */
  readonly cpuMicros: number;
  /** What is stored, compared with a file. */
  readonly comparison: Comparison | undefined;
}

const KEYS = {
  AttributeDefinitions: [
    { AttributeName: "PK", AttributeType: "S" },
    { AttributeName: "SK", AttributeType: "S" },
  ],
  KeySchema: [
    { AttributeName: "PK", KeyType: "HASH" },
    { AttributeName: "SK", KeyType: "RANGE" },
  ],
};
const INDEX = {
  IndexName: "InvertedIndex",
  KeySchema: [
    { AttributeName: "SK", KeyType: "HASH" },
    { AttributeName: "PK", KeyType: "RANGE" },
  ],
  Projection: { ProjectionType: "ALL" },
  IndexStatus: "ACTIVE",
};

function describeTable(name: string, withIndex: boolean): object {
  return {
    Table: {
      ...KEYS,
      ...(withIndex && { GlobalSecondaryIndexes: [INDEX] }),
      TableName: name,
      TableStatus: "ACTIVE",
      CreationDateTime: 1_700_000_000,
      TableSizeBytes: 0,
      ItemCount: 0,
      TableArn: `arn:aws:dynamodb:ddblocal:000000000000:table/${name}`,
      BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
    },
  };
}

async function* itemsOfFile(file: string): AsyncGenerator<StoredItem> {
  for await (const line of createInterface(createReadStream(file))) {
    yield marshall(JSON.parse(line)) as StoredItem;
  }
}

/** The state of one run: a new one forgets all that was. */
class Run {
  readonly settings: SinkSettings;
  readonly operations: Record<string, number> = {};
  readonly refusals: Record<string, number> = {};
  readonly loaded: LoadedTable;
  readonly #beside = new Map<string, SideTable>();
  readonly #startedAt = process.cpuUsage();

  constructor(settings: SinkSettings) {
    this.settings = settings;
    this.loaded = new LoadedTable({
      name: settings.table,
      unprocessed: settings.unprocessed,
      random: seededRandom(settings.seed),
      entriesPerItem: settings.withIndex ? 2 : 1,
      keepItems: settings.keepItems,
    });
  }

  get cpuMicros(): number {
    const { user, system } = process.cpuUsage(this.#startedAt);
    return user + system;
  }

  answer(request: HttpRequest): HttpAnswer {
    const operation = request.headers.get("x-amz-target")?.split(".").at(-1) ?? "none";
    this.operations[operation] = (this.operations[operation] ?? 0) + 1;
    try {
      if (request.body.length > MAX_BATCH_WRITE_BYTES) {
        throw new Refusal("RequestEntityTooLarge", "Request size exceeded 16 MB", 413);
      }
      checkSignature(request, this.settings.signature);
      return { status: 200, body: this.#carryOut(operation, request.body) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { type, status, message } = error;
      this.refusals[type] = (this.refusals[type] ?? 0) + 1;
      const body = { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message };
      return { status, body: bytesAsText(JSON.stringify(body)) };
    }
  }

  /** An answer's bytes as text. */
  #carryOut(operation: string, body: Buffer): string {
    const { table: name, withIndex } = this.settings;
    if (operation === "BatchWriteItem") return this.loaded.batchWrite(body);
    const request = JSON.parse(body.toString());
    const isLoaded = request.TableName === name;
    if (operation === "PutItem" && isLoaded) {
      if (request.ConditionExpression) throw Refusal.validation("the sink judges no conditions of its table");
      this.loaded.put(request.Item);
      return "{}";
    }
    if (operation === "DescribeTable") {
      return JSON.stringify(describeTable(request.TableName, isLoaded && withIndex));
    }
    if (operation === "DescribeTimeToLive") {
      return '{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}';
    }
    // It is asked whether the table is empty, before the load: it is.
    if (operation === "Scan" && isLoaded) return '{"Items":[],"Count":0,"ScannedCount":0}';
    return bytesAsText(JSON.stringify(this.#carryOutBeside(operation, request)));
  }

  #carryOutBeside(operation: string, request: Record<string, never>): object {
    const beside = this.#sideTable(request.TableName ?? "of a transaction");
    switch (operation) {
      case "GetItem":
        return beside.get(request.Key ?? {});
      case "PutItem":
        return beside.put(request.Item ?? {});
      case "UpdateItem":
        return beside.update(request as never);
      case "Query":
        return beside.query(request.ExpressionAttributeValues ?? {});
      case "TransactWriteItems":
        return beside.transact(request.TransactItems ?? []);
      default:
        throw new Refusal("UnknownOperationException", `the sink does not know ${operation}`);
    }
  }

  #sideTable(name: string): SideTable {
    const table = this.#beside.get(name) ?? new SideTable();
    this.#beside.set(name, table);
    return table;
  }
}

/** A sink that listens. */
export interface Sink {
  readonly endpoint: string;
  /** Forgets all that came, and goes on as these settings say. */
  reset(settings: SinkSettings): void;
  /** @param file JSON lines to compare the stored items with */
  report(file?: string): Promise<SinkReport>;
  close(): Promise<void>;
}

/** Starts a sink: a server that looks to DynamoDB's clients like a table of no bounds. */
export async function startSink(settings: SinkSettings = DEFAULT_SINK): Promise<Sink> {
  let run = new Run(settings);
  let atOnce = 0;
  let mostAtOnce = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    readRequests(socket, (request) => {
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      const answer = run.answer(request);
      const reply = () => {
        atOnce -= 1;
        writeAnswer(socket, answer);
      };
      if (run.settings.latencyMs === 0) reply();
      else setTimeout(reply, run.settings.latencyMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the sink has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    reset(next) {
      run = new Run(next);
      mostAtOnce = 0;
    },
    async report(file) {
      const { loaded, operations, refusals, cpuMicros } = run;
      const comparison = file === undefined ? undefined : await loaded.compare(itemsOfFile(file));
      const { requests, written, unprocessed } = loaded;
      return { requests, operations, refusals, written, unprocessed, mostAtOnce, cpuMicros, comparison };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
