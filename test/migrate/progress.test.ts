import { expect, test } from "vitest";
import { Pacer } from "../../src/dynamo/pace/pacer.ts";
import { UNLIMITED } from "../../src/dynamo/pace/rate-limit.ts";
import { type PacedRequest, pacedRequest } from "../../src/dynamo/pace/request.ts";
import { Progress } from "../../src/migrate/progress.ts";

test("what was read counts as done but for what is still to be written, pass by pass", async () => {
  let now = 0;
  const progress = new Progress(() => now);
  const pacer = new Pacer({ table: "t", partitionKey: "PK", ceilings: UNLIMITED });
  const page = async (ScannedCount: number, Count: number) => {
    const scan = pacedRequest("t", "PK", "ScanCommand", { TableName: "t" }) as PacedRequest;
    const ticket = await pacer.enter(scan, true);
    if (ticket) pacer.answered(ticket, { ScannedCount, Count });
  };
  expect(progress.view()).toBeUndefined();
  progress.begin({ migration: "0001-a", step: "fill", direction: "up", pacer, items: 1_000 });
  expect(progress.view()).toMatchObject({ pass: 0, segments: undefined, share: undefined });

  progress.pass(4);
  await page(300, 100);
  expect(progress.view()).toMatchObject({ pass: 1, share: 0.2, done: 200 });
  now = 5_000;
  progress.add({ written: 40, conflicts: 5, skipped: 10 });
  progress.segmentsDone(1);
  expect(progress.view()).toMatchObject({
    segments: { done: 1, total: 4 },
    share: 0.25,
    done: 250,
    donePerSecond: 10,
    secondsLeft: 75,
    written: 40,
    conflicts: 5,
  });
  // A page without a match is done when it is read; the table may hold more than was thought.
  progress.add({ written: 50 });
  await page(900, 0);
  expect(progress.view()).toMatchObject({ share: 0.99, secondsLeft: 0 });

  progress.pass(4);
  expect(progress.view()).toMatchObject({ pass: 2, share: 0, done: 0, written: 90 });
  progress.doing("index GSI1 is being built");
  progress.stopping("stopped by SIGINT");
  expect(progress.view()).toMatchObject({
    doing: "index GSI1 is being built",
    stopping: "stopped by SIGINT",
  });
  progress.end();
  expect(progress.view()).toBeUndefined();
});
