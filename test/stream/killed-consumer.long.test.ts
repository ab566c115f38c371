import { expect, test } from "vitest";
import { proveKilledConsumer } from "./killed-consumer.ts";

test("10,000 events and a consumer that is killed 40 times: nothing is lost, nothing is repeated", async () => {
  expect(await proveKilledConsumer({ events: 10_000, batchSize: 100, killEvery: 243 })).toBeGreaterThan(39);
});
