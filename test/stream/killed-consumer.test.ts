import { expect, test } from "vitest";
import { proveKilledConsumer } from "./killed-consumer.ts";

test("a consumer that is killed in the midst of its batches loses and repeats nothing", {
  timeout: 120_000,
}, async () => {
  expect(await proveKilledConsumer({ events: 60, batchSize: 10, killEvery: 20 })).toBeGreaterThan(1);
});
