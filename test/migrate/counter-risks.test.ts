import { UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import follows from "../../migrations/quick-photos/0003-backfill-follow-counts.ts";
import { silentLog } from "../../src/log.ts";
import type { CounterStep } from "../../src/migrate/index.ts";
import { counterKind } from "../../src/migrate/steps/counter.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { putItems, sharedTarget } from "../support/tables.ts";
import { friendshipItem, userItem } from "./photos.ts";
import { clientOf, planStep, stepContext, testBed } from "./support.ts";

const step = follows.steps[1] as CounterStep;

test("counted items that time to live will delete are warned of, in the plan and by the run", async () => {
  const soon = { expiresAt: { N: "9999999999" } };
  const bed = await testBed({
    items: [userItem("a"), userItem("b"), { ...userItem("c"), ...soon }, friendshipItem("a", "b")],
  });
  const { table } = bed.environment;
  await bed.client.send(
    new UpdateTimeToLiveCommand({
      TableName: table,
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    }),
  );
  // A user expires: that is no member.
  expect((await planStep(step, bed)).warnings).toBeUndefined();

  await putItems(bed.client, table, [{ ...friendshipItem("b", "a"), ...soon }]);
  const { warnings } = await planStep(step, bed);
  expect(warnings).toMatchObject([
    { code: "counted-items-expire", facts: { table, attribute: "expiresAt", items: 1 } },
  ]);
  const lines: string[] = [];
  const log = { ...silentLog(), warn: (line: string) => lines.push(line) };
  await counterKind.run(step, { ...stepContext(bed), log });
  expect(lines).toEqual([expect.stringMatching(/1 items to be counted have expiresAt.*docs\/counters\.md/)]);
});

test("a global table is warned of, by its Regions", async () => {
  const bed = await testBed({ items: [userItem("a")] });
  const proxy = await startFaultProxy(sharedTarget().endpoint ?? "", {
    rules: [
      {
        operation: "DescribeTable",
        fault: {
          kind: "rewrite",
          change: ({ status, body }) => {
            const Table = { ...(body.Table as object), Replicas: [{ RegionName: "eu-west-1" }] };
            return { status, body: { ...body, Table } };
          },
        },
      },
    ],
  });
  const { warnings } = await planStep(step, bed, clientOf(proxy.endpoint));
  expect(warnings).toMatchObject([{ code: "counted-in-several-regions", facts: { regions: ["eu-west-1"] } }]);
});
