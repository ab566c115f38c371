import { marshall } from "@aws-sdk/util-dynamodb";
import { expect, inject, test } from "vitest";
import { localTarget } from "../../src/dynamo/target.ts";
import { tableSource } from "../../src/verify/read-source.ts";
import { exitCodeOfReport } from "../../src/verify/report.ts";
import { allItems, createTestTable, putItems } from "../support/tables.ts";
import { design, fileTable, migrated, resultOf, verifyTable } from "./quick-photos.ts";

const { client, items, table } = await fileTable();

test("every pattern passes on a loaded and migrated table, which stays as it was", async () => {
  const before = await allItems(client, table);
  const report = await verifyTable(table, { items });

  expect(report.patterns.filter(({ status }) => status !== "pass")).toEqual([]);
  expect(report).toMatchObject({ passed: 14, failed: 0, indeterminate: 0, notRun: 0, seed: 1 });
  expect(exitCodeOfReport(report)).toBe(0);
  expect(await allItems(client, table)).toEqual(before);
});

test("other seeds, more inputs and the table itself as the source pass as well", async () => {
  const other = await verifyTable(table, { items, seed: 2, inputCount: 2 });
  expect(other.patterns.filter(({ status }) => status !== "pass")).toEqual([]);
  const report = await verifyTable(table, {
    source: tableSource(client, table),
    readOnly: true,
    inputCount: 3,
  });
  expect(report.patterns.filter(({ status }) => status !== "pass" && status !== "notRun")).toEqual([]);
  expect(resultOf(report, "fetch-user").inputs).toBe(4);
});

test("the same seed draws the same inputs, whichever patterns are selected", async () => {
  const whole = await verifyTable(table, { items, seed: 7, selected: ["fetch-user", "find-followers"] });
  const part = await verifyTable(table, { items, seed: 7, selected: ["find-followers"] });
  const withoutTime = (report: typeof whole) =>
    JSON.parse(
      JSON.stringify(resultOf(report, "find-followers"), (name, value) =>
        name === "milliseconds" ? 0 : value,
      ),
    );
  expect(withoutTime(part)).toEqual(withoutTime(whole));
});

test("--read-only leaves the writing patterns out and is fine; read units are counted by DynamoDB's rules: as the engine reports, and half a unit for an empty answer", async () => {
  const report = await verifyTable(table, { items, readOnly: true });
  expect(report).toMatchObject({ passed: 7, notRun: 7, failed: 0 });
  expect(exitCodeOfReport(report)).toBe(0);
  for (const id of ["fetch-user", "find-followers", "recent-photos", "fetch-photo-and-reactions"]) {
    const { modelledReadUnits, reportedReadUnits } = resultOf(report, id);
    // DynamoDB Local charges nothing for a Query that finds nothing; there are up to two of them.
    const empty = (modelledReadUnits ?? 0) - (reportedReadUnits ?? 0);
    expect([0, 0.5, 1]).toContain(empty);
    expect(reportedReadUnits).toBeGreaterThan(2);
  }
});

test("requests are those of one run for each input", async () => {
  const report = await verifyTable(table, { items, selected: ["fetch-user"] });
  expect(resultOf(report, "fetch-user")).toMatchObject({ inputs: 6, requests: 6 });
});

test("patterns that are not selected are listed apart", async () => {
  const report = await verifyTable(table, { items, selected: ["fetch-user", "create-user"] });
  expect(report.patterns.map(({ id }) => id)).toEqual(["create-user", "fetch-user"]);
  expect(report.notSelected).toHaveLength(12);
  expect(exitCodeOfReport(report)).toBe(0);
  await expect(verifyTable(table, { items, selected: ["fetch-usr"] })).rejects.toMatchObject({
    code: "unknown-pattern",
    exitCode: 4,
  });
});

test("on AWS writing patterns need leave for a scratch table, asked for before anything is sent", async () => {
  const aws = { ...localTarget(inject("endpoint")), kind: "aws" as const };
  await expect(verifyTable(table, { items, target: aws })).rejects.toMatchObject({
    code: "scratch-not-allowed",
    exitCode: 4,
  });
  const onlyReads = await verifyTable(table, { items, target: aws, selected: ["fetch-user"] });
  expect(onlyReads.passed).toBe(1);
  const allowed = await verifyTable(table, { items, target: aws, scratch: true, selected: ["create-user"] });
  expect(allowed.passed).toBe(1);
});

test("a table that is not there, and a source without items, are no pass", async () => {
  await expect(verifyTable("no-such-table", { items })).rejects.toMatchObject({ code: "table-not-found" });
  await expect(verifyTable(table, { items: [] })).rejects.toMatchObject({
    code: "empty-source",
    exitCode: 1,
  });
  const strange = [{ PK: "a", SK: "b", colour: "red" }];
  await expect(verifyTable(table, { items: strange })).rejects.toMatchObject({ code: "source-unreadable" });
});

test("a table without its counters is red: the migrations have not run", async () => {
  const bare = await createTestTable(client, design);
  await putItems(
    client,
    bare,
    items.map((item) => marshall(item)),
  );
  const selected = ["fetch-user", "fetch-user-and-photos", "find-followers"];
  const report = await verifyTable(bare, { items, selected });
  expect(resultOf(report, "fetch-user")).toMatchObject({ status: "fail" });
  expect(resultOf(report, "fetch-user").message).toMatch(/followers: expected \d+, got nothing/);
  expect(resultOf(report, "fetch-user-and-photos").message).toMatch(/reactions: expected .* got nothing/);
  expect(resultOf(report, "find-followers").status).toBe("pass");
  expect(exitCodeOfReport(report)).toBe(1);
});

test("a table without the index fails the patterns that read it", async () => {
  const plain = await createTestTable(client, design, { indexes: false });
  await putItems(client, plain, migrated(items));
  const report = await verifyTable(plain, { items, readOnly: true });
  const failed = report.patterns.filter(({ status }) => status === "fail").map(({ id }) => id);
  expect(failed).toEqual(["fetch-photo-and-reactions", "find-following", "find-and-enrich-following"]);
});
