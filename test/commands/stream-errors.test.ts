import { describe, expect, it, test } from "vitest";
import { chooseConsumer } from "../../src/commands/stream/find-consumer.ts";
import type { DeclaredConsumer } from "../../src/deploy/declared-consumers.ts";
import { findStream } from "../../src/stream/find-stream.ts";
import { ACTIVITY } from "../functions/stream-consumer/support.ts";
import { createTestTable, testClient } from "../support/tables.ts";

const consumer = (name: string): DeclaredConsumer => ({
  name,
  physicalName: name,
  environment: {},
  timeoutSeconds: 3,
  startingPosition: "TRIM_HORIZON",
  batchSize: 100,
  bisect: true,
  retryAttempts: 5,
  maximumRecordAgeSeconds: -1,
  reportsFailures: true,
  filters: [],
});

describe("the function that is meant", () => {
  const place = { table: "photos", stack: "dev" };
  const [feed, search] = [consumer("feed"), consumer("search")];

  it("is the only one, or the one that is named", () => {
    expect(chooseConsumer([feed], place)).toBe(feed);
    expect(chooseConsumer([feed, search], { ...place, asked: "search" })).toBe(search);
  });

  it.each([
    [
      [],
      undefined,
      "the stack dev declares no function that reads the stream of photos",
      "streamConsumer to true",
    ],
    [
      [feed],
      "serach",
      "the stack dev declares no function serach that reads the stream of photos",
      "one of feed",
    ],
    [[feed, search], undefined, "several functions read the stream of photos: feed, search", "--function"],
  ])("of %o, asked for %s, is none", (known, asked, message, next) => {
    const choose = () => chooseConsumer(known, { ...place, asked });
    expect(choose).toThrow(
      expect.objectContaining({ message, next: expect.stringContaining(next), exitCode: 4 }),
    );
  });
});

test("a table without a stream says what to set, and one that there is not what to run", async () => {
  const { client } = testClient();
  const table = await createTestTable(client, ACTIVITY);
  const owner = { stack: "dev", place: "the local engine" };
  await expect(findStream(client, { ...owner, table })).rejects.toMatchObject({
    code: "no-stream",
    message: `the table ${table} has no stream`,
    next: "Set tablewright:stream to true in Pulumi.dev.yaml, and deploy the stack.",
    exitCode: 3,
  });
  await expect(findStream(client, { ...owner, table: "nothing" })).rejects.toMatchObject({
    code: "table-not-found",
  });
});
