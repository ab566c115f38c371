import fc from "fast-check";
import { expect, test } from "vitest";
import { AdaptiveRate } from "../../../src/dynamo/pace/adaptive-rate.ts";
import { RateMeter } from "../../../src/dynamo/pace/rate-meter.ts";
import { TokenBucket } from "../../../src/dynamo/pace/token-bucket.ts";

/** A request: when it comes after the one before, what it was thought to cost, what it did cost, how long it took. */
const request = fc.record({
  after: fc.integer({ min: 0, max: 3_000 }),
  estimate: fc.integer({ min: 0, max: 60 }),
  real: fc.integer({ min: 0, max: 200 }),
});
const rates = fc.integer({ min: 1, max: 100 });

test("over any span of time no more goes through than rate × time + burst, and debts are paid first", () => {
  fc.assert(
    fc.property(rates, fc.array(request, { minLength: 1, maxLength: 60 }), (rate, requests) => {
      const bucket = new TokenBucket(rate, 0);
      let now = 0;
      const through: { at: number; units: number }[] = [];
      for (const { after, estimate, real } of requests) {
        now += after;
        now += bucket.waitFor(estimate, now);
        expect(bucket.waitFor(estimate, now)).toBeLessThan(0.001);
        // Whatever went through before has been paid for by the time the next is due.
        const needed = Math.min(estimate, bucket.burst);
        for (const [index, first] of through.entries()) {
          const units = through.slice(index).reduce((sum, one) => sum + one.units, 0);
          expect(units + needed).toBeLessThanOrEqual((rate * (now - first.at)) / 1000 + bucket.burst + 0.001);
        }
        bucket.take(estimate, now);
        bucket.settle(real - estimate, now);
        through.push({ at: now, units: real });
      }
      const debt = bucket.level(now);
      expect(bucket.level(now + 1000 * ((bucket.burst - debt) / rate))).toBeCloseTo(bucket.burst);
      // Rest does not save up more than the burst.
      expect(bucket.level(now + 3_600_000)).toBeCloseTo(bucket.burst);
    }),
  );
});

test("what is given back can be taken again, and a request dearer than the bucket waits until it is full", () => {
  const bucket = new TokenBucket(10, 0);
  expect(bucket.waitFor(256, 0)).toBe(0);
  bucket.take(256, 0);
  expect(bucket.level(0)).toBe(-246);
  bucket.settle(-250, 0);
  expect(bucket.level(0)).toBe(4);
  expect(bucket.waitFor(256, 0)).toBeCloseTo(600);
  // More back than was taken does not fill it beyond its burst.
  bucket.settle(-100, 0);
  expect(bucket.level(0)).toBe(10);
});

test("a new rate holds from its moment on: the debt stays, savings are cut, and what was unlimited starts empty", () => {
  const bucket = new TokenBucket(100, 0);
  bucket.setRate(10, 0);
  expect(bucket.level(0)).toBe(10);
  bucket.take(30, 0);
  bucket.setRate(20, 1_000);
  expect(bucket.level(1_000)).toBe(-10);
  bucket.setRate(Number.POSITIVE_INFINITY, 2_000);
  bucket.take(1_000_000, 2_000);
  expect(bucket.waitFor(1_000_000, 2_000)).toBe(0);
  bucket.setRate(5, 3_000);
  expect(bucket.level(3_000)).toBe(0);
});

test("a throttle slows, down to one unit a second at most, and the rate grows back to its ceiling, never above", () => {
  fc.assert(
    fc.property(
      rates,
      fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 30 }),
      (ceiling, pauses) => {
        const rate = new AdaptiveRate(ceiling);
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          const before = rate.at(now);
          rate.throttled(before, now);
          expect(rate.at(now)).toBeGreaterThanOrEqual(Math.min(1, ceiling));
          expect(rate.at(now)).toBeLessThanOrEqual(before);
          expect(rate.at(now + 5_000)).toBeLessThanOrEqual(ceiling);
        }
        expect(rate.at(now + 3_600_000)).toBe(ceiling);
      },
    ),
  );
});

test("those that were under way together are throttled once", () => {
  const rate = new AdaptiveRate(100);
  rate.throttled(100, 1_000);
  rate.throttled(100, 1_400);
  expect(rate.at(1_000)).toBe(50);
  rate.throttled(100, 1_500);
  expect(rate.at(1_500)).toBeCloseTo(35.53);
});

test("without a ceiling a throttle goes by what was consumed, and is forgotten when much more went well", () => {
  const rate = new AdaptiveRate(Number.POSITIVE_INFINITY);
  rate.throttled(400, 0);
  expect(rate.at(0)).toBe(200);
  // Quickly back to where it was, slowly beyond, and then with larger and larger steps.
  expect(rate.at(1_500)).toBe(375);
  expect(rate.at(3_000)).toBe(400);
  expect(rate.at(6_000)).toBe(440);
  expect(rate.at(12_000)).toBe(1_480);
  expect(rate.at(13_000)).toBe(Number.POSITIVE_INFINITY);
});

test("a table without a limit does not crawl after a throttle that came when it had hardly begun", () => {
  const [table, key] = [
    new AdaptiveRate(Number.POSITIVE_INFINITY, 20),
    new AdaptiveRate(Number.POSITIVE_INFINITY),
  ];
  for (const rate of [table, key]) rate.throttled(5, 0);
  expect(table.at(500)).toBe(12.5);
  expect(table.at(1_000)).toBe(Number.POSITIVE_INFINITY);
  expect(key.at(3_000)).toBe(5);
});

test("the meter tells the units a second of the last seconds", () => {
  const meter = new RateMeter(0);
  for (let now = 0; now < 20_000; now += 100) meter.add(7, now);
  expect(meter.rate(20_000)).toBeGreaterThan(60);
  expect(meter.rate(20_000)).toBeLessThan(80);
  expect(meter.rate(40_000)).toBe(0);
});
