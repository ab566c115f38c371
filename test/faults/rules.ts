import type { Answer } from "./answers.ts";

/** A request to DynamoDB as the proxy sees it. */
export interface SeenRequest {
  /** Counts every request through the proxy, from 1. */
  readonly number: number;
  /** The API's name, such as `BatchWriteItem`. */
  readonly operation: string;
  /** Counts the requests of this operation, from 1. */
  readonly nth: number;
  readonly body: RequestBody;
}

/** The parts of a request body that faults look at; everything else stays as it came. */
export interface RequestBody {
  TableName?: string;
  IndexName?: string;
  RequestItems?: Record<string, unknown>;
  TransactItems?: unknown[];
  [name: string]: unknown;
}

/** What goes wrong with a request. */
export type Fault =
  /**
   * Part of a BatchWriteItem comes back as UnprocessedItems and is not applied: each write with the
   * probability `share` (default 1, all of them), or those that `which` picks.
   */
  | {
      readonly kind: "unprocessedItems";
      readonly share?: number;
      readonly which?: (write: unknown) => boolean;
    }
  /** Part of a BatchGetItem comes back as UnprocessedKeys, each key with the probability `share` (default 1). */
  | { readonly kind: "unprocessedKeys"; readonly share?: number }
  /** 400 ProvisionedThroughputExceededException; not applied. */
  | { readonly kind: "throttle" }
  /** 500 InternalServerError; not applied. */
  | { readonly kind: "failBefore" }
  /** Applied, and then 500 InternalServerError. */
  | { readonly kind: "failAfter" }
  /** The connection is cut; not applied. */
  | { readonly kind: "resetBefore" }
  /** Applied, and then the connection is cut: the answer is lost. */
  | { readonly kind: "loseAnswer" }
  /** Applied, and the connection is cut in the middle of the answer. */
  | { readonly kind: "cutAnswer" }
  /** The connection is cut at once, and the request is applied `milliseconds` later. */
  | { readonly kind: "applyLate"; readonly milliseconds: number }
  /**
   * TransactWriteItems is cancelled by TransactionConflict, at the action `at` (default 0); a single
   * write gets TransactionConflictException. Not applied.
   */
  | { readonly kind: "conflict"; readonly at?: number }
  /** An error of any name, such as AccessDeniedException, with `extra` fields such as CancellationReasons; not applied. */
  | {
      readonly kind: "error";
      readonly name: string;
      readonly status?: number;
      readonly message?: string;
      readonly extra?: Record<string, unknown>;
    }
  /** The proxy answers by itself, with success; not applied. For what no engine here can be brought to say. */
  | {
      readonly kind: "answer";
      readonly answer: (request: SeenRequest) => Answer["body"] | Promise<Answer["body"]>;
    }
  /** Applied, after a wait. */
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** Applied, and its answer replaced, by an older one (an eventually consistent read) or by what only AWS answers. */
  | { readonly kind: "rewrite"; readonly change: (answer: Answer, request: SeenRequest) => Answer };

/** Which requests a fault befalls. All conditions given must hold; without any, every request. */
export interface FaultRule {
  /** The operation, or several of them. Default: every operation. */
  readonly operation?: string | readonly string[];
  /** The chance of each matching request, by the proxy's seeded random. Default 1. */
  readonly probability?: number;
  /** Only these requests of the operation, counted from 1. */
  readonly nth?: number | readonly number[];
  /** At most so many times. */
  readonly times?: number;
  readonly where?: (request: SeenRequest) => boolean;
  readonly fault: Fault;
}

/** A random number from 0 up to 1. */
export type RandomSource = () => number;

/** A small seeded random source (mulberry32): the same seed draws the same numbers. */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const toList = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T];

function meets(rule: FaultRule, request: SeenRequest): boolean {
  if (rule.operation !== undefined && !toList(rule.operation).includes(request.operation)) return false;
  if (rule.nth !== undefined && !toList(rule.nth).includes(request.nth)) return false;
  return rule.where?.(request) ?? true;
}

/** Draws the fault of each request: that of the first rule which applies. */
export class FaultChooser {
  readonly #uses = new Map<FaultRule, number>();
  readonly #random: RandomSource;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  choose(rules: readonly FaultRule[], request: SeenRequest): Fault | undefined {
    for (const rule of rules) {
      const uses = this.#uses.get(rule) ?? 0;
      if (!meets(rule, request) || uses >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
      if (rule.probability !== undefined && this.#random() >= rule.probability) continue;
      this.#uses.set(rule, uses + 1);
      return rule.fault;
    }
    return undefined;
  }
}
