import { expect, test } from "vitest";
import { proveKilledConsumer } from "./killed-consumer.ts";

test("a consumer that is killed in the midst of its batches loses and repeats nothing", {
  timeout: 120_000,
}, async () => {
  expect(await proveKilledConsumer({ events: 90, batchSize: 15, killEvery: 30 })).toBeGreaterThan(1);
});
