import { randomUUID } from "node:crypto";
import type { MetadataBearer, SerializeMiddleware } from "@smithy/types";
import type { Probe } from "../probe.ts";

/** A request or an answer, in plain values as the document client takes and gives them. */
export type WireValues = Readonly<Record<string, unknown>>;

/** A request as a pattern sends it. */
export interface WireRequest {
  /** Such as `Query`. */
  readonly operation: string;
  readonly input: WireValues;
  /** Counts the requests of a run, from 0. */
  readonly number: number;
}

/** A request with what became of it. */
export interface Exchange extends WireRequest {
  /** Absent where it failed. */
  readonly output?: WireValues;
  readonly error?: unknown;
}

/** A mistake, made on the way between a pattern and DynamoDB. */
export interface Tampering {
  /** What reaches DynamoDB in the place of a request; the plan is judged by what the pattern sent. */
  readonly request?: (request: WireRequest) => WireValues;
  /** What the pattern sends in the place of a request; the plan is judged by it. */
  readonly plannedRequest?: (request: WireRequest) => WireValues;
  /** What the pattern gets in the place of an answer. */
  readonly answer?: (request: WireRequest, output: WireValues) => WireValues;
  /** What is sent as well where a condition has refused a request; the refusal stands. */
  readonly afterRefusal?: (request: WireRequest) => WireValues;
}

/** The way between a pattern and DynamoDB, on which mistakes can be made. */
export interface Wire {
  /** Makes a mistake from now on; undefined: none. Starts a new run. */
  tamper(tampering: Tampering | undefined): void;
  /** What went over the wire since the last call; starts a new run. */
  takeExchanges(): Exchange[];
}

/** A mutant that sends more than this goes round in circles. */
const MOST_REQUESTS = 2_000;

/**
 * The actions of a request whose conditions did not hold, by their places; empty where that is not why it failed.
 * Errors are told by their names, as patterns may use another copy of the SDK.
 */
export function failedConditions(error: unknown): number[] {
  if (!(error instanceof Error)) return [];
  if (error.name === "ConditionalCheckFailedException") return [0];
  if (error.name !== "TransactionCanceledException") return [];
  const { CancellationReasons = [] } = error as { CancellationReasons?: readonly { Code?: string }[] };
  return CancellationReasons.flatMap(({ Code }, place) => (Code === "ConditionalCheckFailed" ? [place] : []));
}

/** The same request once more, as a request of its own. */
const asNew = (input: WireValues): WireValues =>
  input.ClientRequestToken === undefined ? input : { ...input, ClientRequestToken: randomUUID() };

/** Puts itself on both sides of a probe: patterns' requests pass it before and after the probe sees them. */
export function openWire({ client }: Pick<Probe, "client">): Wire {
  let tampering: Tampering = {};
  let exchanges: Exchange[] = [];
  let sent = 0;

  const beforeProbe: SerializeMiddleware<object, MetadataBearer> = (next, context) => async (args) => {
    const operation = (context.commandName ?? "").replace(/Command$/, "");
    const request: WireRequest = { operation, input: args.input as WireValues, number: sent };
    sent += 1;
    if (sent > MOST_REQUESTS) throw new Error(`it goes on after ${MOST_REQUESTS} requests`);
    const input = tampering.plannedRequest?.(request) ?? request.input;
    const result = await next({ ...args, input }).catch((error: unknown) => {
      exchanges.push({ ...request, error });
      throw error;
    });
    const output = result.output as unknown as WireValues;
    exchanges.push({ ...request, output });
    if (!tampering.answer) return result;
    return { ...result, output: tampering.answer(request, output) as unknown as MetadataBearer };
  };

  const behindProbe: SerializeMiddleware<object, MetadataBearer> = (next, context) => async (args) => {
    const operation = (context.commandName ?? "").replace(/Command$/, "");
    const request: WireRequest = { operation, input: args.input as WireValues, number: sent - 1 };
    const input = tampering.request?.(request) ?? request.input;
    try {
      return await next({ ...args, input });
    } catch (error) {
      if (tampering.afterRefusal && failedConditions(error).length > 0) {
        await next({ ...args, input: asNew(tampering.afterRefusal(request)) }).catch(() => {});
      }
      throw error;
    }
  };

  client.middlewareStack.addRelativeTo(beforeProbe, {
    name: "wireBeforeProbe",
    relation: "before",
    toMiddleware: "verifyProbe",
  });
  client.middlewareStack.addRelativeTo(behindProbe, {
    name: "wireBehindProbe",
    relation: "after",
    toMiddleware: "verifyProbe",
  });

  return {
    tamper: (next) => {
      tampering = next ?? {};
      exchanges = [];
      sent = 0;
    },
    takeExchanges: () => {
      const taken = exchanges;
      exchanges = [];
      sent = 0;
      return taken;
    },
  };
}
