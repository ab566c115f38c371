import fc from "fast-check";
import { expect, test } from "vitest";
import { progressLine } from "../../src/commands/migrate/progress-line.ts";
import type { ProgressView } from "../../src/migrate/index.ts";

const view = (changes: Partial<ProgressView> = {}): ProgressView => ({
  migration: "0002-backfill-reaction-counts",
  step: "set-reactions",
  direction: "up",
  doing: undefined,
  seconds: 95,
  pass: 1,
  segments: { done: 37, total: 64 },
  share: 0.612,
  done: 61_200,
  donePerSecond: 8_140,
  written: 12_345,
  conflicts: 3,
  pace: {
    write: { unitsPerSecond: 412.3, limit: 500 },
    read: { unitsPerSecond: 0, limit: undefined },
    paused: undefined,
    throttled: undefined,
    waitingFor: undefined,
  },
  secondsLeft: 840,
  stopping: undefined,
  ...changes,
});
const slowed = (changes: Partial<ProgressView["pace"]>, rest: Partial<ProgressView> = {}) =>
  view({ ...rest, pace: { ...view().pace, ...changes } });

test("says what it is doing, how far it is and why it is slow", () => {
  expect(progressLine(slowed({ throttled: "index GSI2, provisioned capacity" }))).toBe(
    "0002 set-reactions · segment 37/64 · 61 % · 8.1k items/s · 12.3k written · 412/500 wcu · throttled: index GSI2, provisioned capacity · 3 conflicts · 14m left",
  );
  expect(progressLine(view({ pass: 2, direction: "down", share: undefined, secondsLeft: undefined }))).toBe(
    "0002 undoing set-reactions · pass 2 · segment 37/64 · 8.1k items/s · 12.3k written · 412/500 wcu · 3 conflicts",
  );
  const waiting = { segments: undefined, share: undefined, secondsLeft: undefined, written: 0, conflicts: 0 };
  const idle = slowed({ write: { unitsPerSecond: 0, limit: undefined } }, waiting);
  expect(progressLine({ ...idle, doing: "index GSI2 is being built" })).toBe(
    "0002 set-reactions · index GSI2 is being built",
  );
});

test("a stop says more than a pause, a pause more than a throttle, a throttle more than a limit", () => {
  const all = slowed({ waitingFor: "write limit", throttled: "writes, hot key", paused: "paused by ada" });
  expect(progressLine(all)).toContain(" · paused by ada · ");
  expect(progressLine({ ...all, stopping: "aborted by ada" })).toContain(" · ending: aborted by ada · ");
  expect(progressLine(slowed({ waitingFor: "write limit", throttled: "writes, hot key" }))).toContain(
    "hot key",
  );
  expect(progressLine(slowed({ waitingFor: "write limit of GSI2" }))).toContain(
    "held by write limit of GSI2",
  );
});

test("at 80 columns the reason is still there, and so are share, speed limit and time left", () => {
  const line = progressLine(slowed({ throttled: "writes, hot key" }), { width: 79 });
  expect(line.length).toBeLessThanOrEqual(79);
  expect(line).toBe("0002 set-reactions · 61 % · 412/500 wcu · throttled: writes, hot key · 14m left");
  const painted = progressLine(slowed({ throttled: "writes, hot key" }), { paint: (text) => `<${text}>` });
  expect(painted).toContain("<throttled: writes, hot key>");
});

test("whatever there is to say, it is never wider than there is room for", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.string({ minLength: 1, maxLength: 60 }),
      fc.option(fc.string({ maxLength: 90 }), { nil: undefined }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      (width, step, throttled, secondsLeft) => {
        const line = progressLine(slowed({ throttled }, { step, secondsLeft }), { width });
        expect(line.length).toBeLessThanOrEqual(width);
        expect(line.length).toBeGreaterThan(0);
      },
    ),
  );
});
