import { expect, test } from "vitest";
import { describeTable, indexDesignOf } from "../../src/dynamo/describe.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { bedsOf, type ChooseCalls, down, runStopped, testCrashes, up } from "./crash-matrix.ts";

/** Every `step`-th call, and the first and the last of each command; crash.long.test.ts takes them all. */
const someCalls =
  (step: number): ChooseCalls =>
  (commands) =>
    commands.flatMap((command, index) => {
      const outermost = [commands.indexOf(command), commands.lastIndexOf(command)].includes(index);
      return outermost || (index + 1) % step === 0 ? [index + 1] : [];
    });

const seldom: ChooseCalls = (commands) =>
  commands.flatMap((_, index) => (index % 31 === 4 ? [index + 1] : []));

testCrashes({
  id: "0003-backfill-follow-counts",
  choose: { "killed before": seldom, "killed after": someCalls(31), "asked to stop after": seldom },
});
testCrashes({
  id: "0004-shout",
  choose: { "killed before": seldom, "killed after": seldom, "asked to stop after": () => [] },
  scan: { pageItems: 3, gather: 2, checkpointMs: 0 },
});

test("an index that a killed run had asked for is still the migration's own", async () => {
  const makeBed = bedsOf("0001-add-inverted-index");
  await up((await makeBed()).environment);
  const asked = 1 + (await runStopped(await makeBed(), migrateUp)).indexOf("UpdateTableCommand");
  expect(asked).toBeGreaterThan(1);
  const killed = [asked - 1, asked, asked + 1].map(async (call) => {
    const stopped = await makeBed();
    await runStopped(stopped, migrateUp, "killed after", call);
    await up(stopped.environment);
    const [step] = (await stopped.history()).steps;
    expect(step, `call ${call}`).toMatchObject({ outcome: "created", state: "applied" });
    await down(stopped.environment);
    const description = await describeTable(stopped.client, stopped.environment.table);
    expect(description && indexDesignOf(description, "InvertedIndex")).toBeUndefined();
  });
  await Promise.all(killed);
});
