import { type BackoffOptions, fullJitter, sleep } from "../dynamo/backoff.ts";
import type { DeadLetterQueue, GivenUp } from "./dead-letters.ts";
import type { StreamRecord } from "./event.ts";

/** How an event source mapping goes about failures; -1 means without end, as in Lambda's API. */
export interface DeliveryRules {
  /** Halve a batch that fails, until the record at fault stands alone. */
  readonly bisect: boolean;
  /** Tries after the first before a batch is given up. */
  readonly retryAttempts: number;
  /** Records older than this are given up untried. */
  readonly maximumRecordAgeSeconds: number;
  /** Whether the function's answer names failed records; else all that does not throw is well. */
  readonly reportsFailures: boolean;
}

/** What a batch is delivered with. */
export interface Delivery {
  readonly rules: DeliveryRules;
  readonly deadLetters: DeadLetterQueue;
  /** Calls the function; rejects when it throws, ends or takes too long. */
  invoke(records: readonly StreamRecord[]): Promise<unknown>;
  /** Called as soon as everything up to a record is done, so that it is never delivered again. */
  onPassed(sequenceNumber: string): void;
  /** Called where the function failed, with the number of records it was given. */
  onFailure(error: unknown, records: number): void;
  readonly signal: AbortSignal;
  /** The present time in milliseconds. Default: the system's. */
  readonly now?: (() => number) | undefined;
  /** The wait before the next attempt. */
  readonly backoff?: BackoffOptions | undefined;
}

/** Records that are delivered together, and how often they have failed as they are. */
interface Unit {
  readonly records: readonly StreamRecord[];
  readonly failures: number;
}

/** The function's answer is not what `ReportBatchItemFailures` asks for. */
class AnswerError extends Error {
  override readonly name = "AnswerError";
}

/**
 * How many records, from the first, are done by the function's answer. Lambda takes the lowest sequence number
 * reported as the place to go on from; an empty or unknown one fails the whole batch (Lambda developer
 * guide, "Configuring partial batch response with DynamoDB").
 */
function doneRecords(answer: unknown, records: readonly StreamRecord[]): number {
  const failures = (answer as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures;
  if (failures === undefined || failures === null) return records.length;
  if (!Array.isArray(failures)) throw new AnswerError("batchItemFailures is no list");
  const places = failures.map((failure: { itemIdentifier?: unknown } | null) =>
    records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failure?.itemIdentifier),
  );
  if (places.includes(-1)) throw new AnswerError("batchItemFailures names no record of the batch");
  return Math.min(records.length, ...places);
}

/** The two halves of a batch; only the first has failed, as nothing of the second was reached. */
function halves(records: readonly StreamRecord[], failures: number): Unit[] {
  const middle = Math.ceil(records.length / 2);
  return [
    { records: records.slice(0, middle), failures },
    { records: records.slice(middle), failures: 0 },
  ];
}

/** One batch on its way, record by record and in order. */
class BatchDelivery {
  readonly #delivery: Delivery;
  readonly #shardId: string;
  readonly #units: Unit[];

  constructor(shardId: string, records: readonly StreamRecord[], delivery: Delivery) {
    this.#shardId = shardId;
    this.#delivery = delivery;
    this.#units = records.length > 0 ? [{ records, failures: 0 }] : [];
  }

  async run(): Promise<void> {
    for (let unit = this.#units.shift(); unit; unit = this.#units.shift()) {
      this.#delivery.signal.throwIfAborted();
      const young = this.#giveUpOld(unit);
      if (young.records.length > 0) await this.#try(young);
    }
  }

  /** Gives up what is too old, which stands first, and returns the rest. */
  #giveUpOld(unit: Unit): Unit {
    const { rules, now = Date.now } = this.#delivery;
    if (rules.maximumRecordAgeSeconds < 0) return unit;
    const oldest = now() / 1000 - rules.maximumRecordAgeSeconds;
    const isYoung = ({ dynamodb }: StreamRecord) => dynamodb.ApproximateCreationDateTime >= oldest;
    const place = unit.records.findIndex(isYoung);
    const old = place < 0 ? unit.records : unit.records.slice(0, place);
    if (old.length === 0) return unit;
    this.#giveUp(old, "RecordAgeExceeded", unit.failures);
    return { records: unit.records.slice(old.length), failures: unit.failures };
  }

  async #try({ records, failures }: Unit): Promise<void> {
    const { rules, invoke, onFailure } = this.#delivery;
    let done = 0;
    let problem: unknown = new AnswerError("the function reported a failed record");
    try {
      const answer = await invoke(records);
      done = rules.reportsFailures ? doneRecords(answer, records) : records.length;
    } catch (error) {
      problem = error;
    }
    if (done > 0) this.#pass(records.slice(0, done));
    const rest = records.slice(done);
    if (rest.length === 0) return;
    onFailure(problem, records.length);
    // What is left behind progress is a batch of its own, whose first record has failed once.
    if (done > 0) await this.#tryAgain({ records: rest, failures: 1 }, [{ records: rest, failures: 1 }]);
    else await this.#tryAgain({ records, failures: failures + 1 }, halves(records, failures));
  }

  /** Goes on with the parts of a failed batch, which costs no attempt; one that has none is tried again, or given up. */
  async #tryAgain({ records, failures }: Unit, parts: readonly Unit[]): Promise<void> {
    const { rules, signal, backoff } = this.#delivery;
    if (rules.bisect && records.length > 1) {
      this.#units.unshift(...parts);
    } else if (rules.retryAttempts >= 0 && failures > rules.retryAttempts) {
      this.#giveUp(records, "RetryAttemptsExhausted", failures);
    } else {
      this.#units.unshift({ records, failures });
      await sleep(fullJitter(failures, backoff), signal);
    }
  }

  #giveUp(records: readonly StreamRecord[], condition: GivenUp["condition"], invocations: number): void {
    this.#delivery.deadLetters.send({ shardId: this.#shardId, records, condition, invocations });
    this.#pass(records);
  }

  #pass(records: readonly StreamRecord[]): void {
    const last = records.at(-1);
    if (last) this.#delivery.onPassed(last.dynamodb.SequenceNumber);
  }
}

/**
 * Delivers a batch of one shard to a function as Lambda does: in order, again after a failure, halved where
 * it comes nowhere, and given up to the dead letters at last. Resolves when every record is done or given up.
 * @throws the signal's reason when it is aborted between two calls; what is done by then has been passed.
 */
export async function deliverBatch(
  shardId: string,
  records: readonly StreamRecord[],
  delivery: Delivery,
): Promise<void> {
  await new BatchDelivery(shardId, records, delivery).run();
}
