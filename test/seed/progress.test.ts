import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PaceView } from "../../src/dynamo/pace/pacer.ts";
import { deletionView, loadView, progressBar, progressText, proofView } from "../../src/seed/progress.ts";

const SO_FAR = {
  read: 5_000,
  written: 4_000,
  identical: 0,
  rejected: 2,
  superseded: 0,
  unwritten: 0,
  unknown: 0,
  retriedItems: 31,
  requests: 200,
  consumedWriteUnits: 8_000,
};
const BEFORE = { ...SO_FAR, written: 0, rejected: 0, requests: 0 };
const pace = (more: Partial<PaceView> = {}): PaceView => ({
  read: { unitsPerSecond: 0, limit: undefined },
  write: { unitsPerSecond: 812, limit: 1_000 },
  paused: undefined,
  throttled: "index InvertedIndex, provisioned capacity",
  waitingFor: undefined,
  ...more,
});

describe("what is shown of a load", () => {
  it("is all that there is to say, where there is room", () => {
    const text = progressText(loadView(SO_FAR, BEFORE, { items: 10_000, seconds: 8, pace: pace() }));
    expect(text).toBe(
      "  loading: 40 % | 0:11 left | 500 items/s | throttled: index InvertedIndex, provisioned capacity | 812/1.0k wcu | 4,000 items | 31 sent again | 2 rejected",
    );
  });

  it("fits 80 and 60 columns, the most important first", () => {
    const view = loadView(SO_FAR, BEFORE, { items: 10_000, seconds: 8, pace: pace() });
    expect(progressBar(view, 79)).toBe(
      "loading ███░░░░░ 40 % | 0:11 left | 500 items/s | throttled: index InvertedInd…",
    );
    expect(progressBar(view, 59)).toBe("loading ████████░░░░░░░░░░░░ 40 % | 0:11 left | 500 items/s");
    const calm = loadView(SO_FAR, BEFORE, {
      items: 10_000,
      seconds: 8,
      pace: pace({ throttled: undefined }),
    });
    expect(progressBar(calm, 79)).toBe(
      "loading ████░░░░░░░ 40 % | 0:11 left | 500 items/s | 812/1.0k wcu | 4,000 items",
    );
  });

  it("never is longer than the terminal is wide", () => {
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.nat(12_000),
        fc.nat(100_000),
        fc.boolean(),
        (width, written, seconds, calm) => {
          const view = loadView({ ...SO_FAR, written }, BEFORE, {
            items: 10_000,
            seconds,
            pace: pace(calm ? { throttled: undefined } : {}),
          });
          expect(progressBar(view, width).length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

it("what nobody knows the end of has neither a share nor a bar", () => {
  const view = deletionView(1_200, 4);
  expect(progressText(view)).toBe("  deleting: 300 items/s | 1,200 items");
  expect(progressBar(view, 79)).toBe("deleting 300 items/s | 1,200 items");
  expect(progressBar(view, 12).length).toBeLessThanOrEqual(12);
});

it("a proof is not over before it is: the count of items is only about right", () => {
  const over = proofView({ read: 10, totalBytes: 10, scanned: 500, totalItems: 400 }, 2);
  expect(over.share).toBe(0.99);
  expect(progressText(over)).toContain("500 items of the table");
});
