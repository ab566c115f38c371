import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { GivenUp } from "../../src/stream/dead-letters.ts";
import { type DeliveryRules, deliverBatch } from "../../src/stream/deliver-batch.ts";
import type { StreamRecord } from "../../src/stream/event.ts";

const NOW = 1_800_000_000;

const record = (number: number, secondsAgo = 0): StreamRecord => ({
  eventID: `event-${number}`,
  eventName: "INSERT",
  eventSourceARN: "arn:stream",
  dynamodb: {
    Keys: {},
    SequenceNumber: String(number),
    ApproximateCreationDateTime: NOW - secondsAgo,
  },
});
const records = (count: number) => Array.from({ length: count }, (_, index) => record(index + 1));
const numbersOf = (some: readonly StreamRecord[]) =>
  some.map(({ dynamodb }) => Number(dynamodb.SequenceNumber));
const reported = (...numbers: (number | string)[]) => ({
  batchItemFailures: numbers.map((number) => ({ itemIdentifier: String(number) })),
});

const RULES: DeliveryRules = {
  bisect: true,
  retryAttempts: 2,
  maximumRecordAgeSeconds: -1,
  reportsFailures: true,
};

/** Delivers a batch to a function that answers by the numbers it gets, and tells all that happened. */
async function deliver(
  batch: readonly StreamRecord[],
  answer: (numbers: readonly number[], call: number) => unknown,
  rules: Partial<DeliveryRules> = {},
  signal = new AbortController().signal,
) {
  const calls: number[][] = [];
  const passed: number[] = [];
  const deadLetters: { condition: string; numbers: number[]; invocations: number }[] = [];
  const ended = deliverBatch("shard-1", batch, {
    rules: { ...RULES, ...rules },
    invoke: async (some) => {
      calls.push(numbersOf(some));
      return answer(numbersOf(some), calls.length);
    },
    deadLetters: {
      send: ({ condition, records: some, invocations }: GivenUp) =>
        deadLetters.push({ condition, numbers: numbersOf(some), invocations }),
    },
    onPassed: (number) => passed.push(Number(number)),
    onFailure: () => {},
    signal,
    now: () => NOW * 1000,
    backoff: { baseMs: 0 },
  });
  const error = await ended.catch((thrown: unknown) => thrown);
  return { calls, passed, deadLetters, error };
}

const fail = () => {
  throw new Error("the function threw");
};

describe("a batch", () => {
  it("that is handled is passed by one call", async () => {
    expect(await deliver(records(3), () => reported())).toMatchObject({
      calls: [[1, 2, 3]],
      passed: [3],
      deadLetters: [],
    });
  });

  it.each([undefined, null, {}, { batchItemFailures: null }])(
    "answered with %j is handled",
    async (answer) => {
      expect(await deliver(records(2), () => answer)).toMatchObject({ calls: [[1, 2]], passed: [2] });
    },
  );

  it("that is empty calls nobody", async () => {
    expect(await deliver([], fail)).toMatchObject({ calls: [], passed: [], error: undefined });
  });

  it("that fails once is delivered again", async () => {
    const { calls, passed } = await deliver(records(1), (_, call) => (call === 1 ? fail() : reported()));
    expect({ calls, passed }).toEqual({ calls: [[1], [1]], passed: [1] });
  });

  it("goes on at the first failure that is reported, whatever their order", async () => {
    const { calls, passed } = await deliver(records(5), (_, call) =>
      call === 1 ? reported(4, 3) : reported(),
    );
    expect({ calls, passed }).toEqual({
      calls: [
        [1, 2, 3, 4, 5],
        [3, 4, 5],
      ],
      passed: [2, 5],
    });
  });

  it("is halved until the record at fault stands alone, and goes on behind it", async () => {
    const { calls, passed, deadLetters } = await deliver(records(4), (numbers) =>
      numbers.includes(2) ? fail() : reported(),
    );
    expect(calls).toEqual([[1, 2, 3, 4], [1, 2], [1], [2], [2], [2], [3, 4]]);
    expect(passed).toEqual([1, 2, 4]);
    expect(deadLetters).toEqual([{ condition: "RetryAttemptsExhausted", numbers: [2], invocations: 3 }]);
  });

  it("loses nothing behind a reported failure where no retry is left", async () => {
    const { deadLetters, passed } = await deliver(
      records(5),
      (numbers) => (numbers.includes(3) ? reported(3) : reported()),
      { retryAttempts: 0 },
    );
    expect(deadLetters).toEqual([{ condition: "RetryAttemptsExhausted", numbers: [3], invocations: 2 }]);
    expect(passed.at(-1)).toBe(5);
  });

  it("is given up as a whole where it is not halved, as on AWS", async () => {
    const { calls, deadLetters } = await deliver(records(3), fail, { bisect: false });
    expect(calls).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(deadLetters).toMatchObject([{ numbers: [1, 2, 3] }]);
  });

  it.each([
    ["names no record of it", reported("99")],
    ["names nothing", reported("")],
    ["is no list", { batchItemFailures: "all" }],
    ["holds no identifier", { batchItemFailures: [null] }],
  ])("whose answer %s has failed", async (_, answer) => {
    const { calls, deadLetters } = await deliver(records(1), () => answer);
    expect(calls).toHaveLength(3);
    expect(deadLetters).toHaveLength(1);
  });

  it("is judged by throwing alone where failures are not reported", async () => {
    const { calls } = await deliver(records(2), () => reported(1), { reportsFailures: false });
    expect(calls).toEqual([[1, 2]]);
  });

  it("is tried without end where the mapping says so", async () => {
    const { calls, deadLetters } = await deliver(
      records(1),
      (_, call) => (call <= 40 ? fail() : reported()),
      { retryAttempts: -1 },
    );
    expect(calls).toHaveLength(41);
    expect(deadLetters).toEqual([]);
  });

  it("leaves records that are too old untried", async () => {
    const batch = [record(1, 500), record(2, 301), record(3, 300), record(4, 5)];
    const { calls, deadLetters, passed } = await deliver(batch, () => reported(), {
      maximumRecordAgeSeconds: 300,
    });
    expect(calls).toEqual([[3, 4]]);
    expect(deadLetters).toEqual([{ condition: "RecordAgeExceeded", numbers: [1, 2], invocations: 0 }]);
    expect(passed).toEqual([2, 4]);
  });

  it("is not tried again once the run is stopped; what is done stays done", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    const { calls, passed, deadLetters, error } = await deliver(
      records(4),
      () => {
        stop.abort(reason);
        return reported(3);
      },
      {},
      stop.signal,
    );
    expect(error).toBe(reason);
    expect({ calls, passed, deadLetters }).toEqual({ calls: [[1, 2, 3, 4]], passed: [2], deadLetters: [] });
  });
});

test("whatever fails, and however it is told, each record is handled in order or given up, once", async () => {
  const scenario = fc.record({
    count: fc.integer({ min: 1, max: 20 }),
    poison: fc.uniqueArray(fc.integer({ min: 1, max: 20 })),
    retryAttempts: fc.integer({ min: 0, max: 2 }),
    throws: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ count, poison, retryAttempts, throws }) => {
      const bad = poison.filter((number) => number <= count).sort((a, b) => a - b);
      const handled: number[] = [];
      const { deadLetters, passed, error } = await deliver(
        records(count),
        (numbers) => {
          const at = numbers.findIndex((number) => bad.includes(number));
          const good = at < 0 ? numbers : numbers.slice(0, at);
          if (at >= 0 && throws) return fail();
          handled.push(...good);
          return at < 0 ? reported() : reported(numbers[at] as number);
        },
        { retryAttempts },
      );
      expect(error).toBeUndefined();
      expect(deadLetters.flatMap(({ numbers }) => numbers)).toEqual(bad);
      expect(handled).toEqual(numbersOf(records(count)).filter((number) => !bad.includes(number)));
      expect(passed).toEqual([...passed].sort((a, b) => a - b));
      expect(passed.at(-1)).toBe(count);
    }),
  );
});
