import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import type { SeedRequest } from "../../src/commands/seed/run-seed.ts";
import { InterruptedError } from "../../src/errors.ts";
import type { FaultRule } from "../faults/proxy.ts";
import { allItems, createTestTable, putItems } from "../support/tables.ts";
import { lines as allLines, makeStack, sharedProject } from "./stacks.ts";

/** One of the first is refused in some tests. */
const isJohn = (line: string) => line.includes('"#METADATA#john42"') && line.includes('"USER#');
const lines = [...allLines.filter(isJohn), ...allLines.filter((line) => !isJohn(line))];
const project = sharedProject(lines);
const seedFile = join(project.root, "seeds/quick-photos/items.json");
const READ_BEFORE = 50;
const REPLACE = { mode: "replace", proof: "none" } as const;

/** By then a batch with a refused item was halved down to that. */
const DIVIDED = 12;
const isPoison = (request: { body: object }) => JSON.stringify(request.body).includes("#METADATA#john42");
const REFUSAL: FaultRule = {
  operation: ["BatchWriteItem", "PutItem"],
  where: isPoison,
  fault: { kind: "error", name: "ValidationException", message: "too poisonous" },
};

/** A stack whose load is stopped by Ctrl-C when so many batches were sent. */
async function interrupted(rules: FaultRule[] = [], atBatch = 2, request: Partial<SeedRequest> = {}) {
  const stack = await makeStack(project.root, { rules });
  const stop = new AbortController();
  let batches = 0;
  const interrupt: FaultRule = {
    operation: "BatchWriteItem",
    where: () => {
      batches += 1;
      if (batches === atBatch) stop.abort(new InterruptedError("SIGINT"));
      return false;
    },
    fault: { kind: "throttle" },
  };
  stack.proxy?.setRules([interrupt, ...rules]);
  const first = await stack.seed(
    { concurrency: 1, maxRejects: 1, ...request },
    { signal: stop.signal, yes: "" },
  );
  stack.proxy?.setRules(rules);
  const ledger = first.document.ledger as string;
  const sent = () => stack.proxy?.requests.filter(({ operation }) => operation === "BatchWriteItem") ?? [];
  return { ...stack, first, ledger, sent };
}

describe("seed --resume", () => {
  it("has nothing to resume where no load was cut off", async () => {
    const { seed } = await makeStack(project.root);
    expect(await seed({ resume: true })).toMatchObject({
      exitCode: 4,
      document: { error: { code: "nothing-to-resume" } },
    });
  });

  it("goes on where Ctrl-C stopped: nothing is sent twice, the sum is that of both runs, the proof is exact", async () => {
    const { first, ledger, seed, sent, client, table, ledgerTable } = await interrupted();
    expect(first).toMatchObject({
      exitCode: 130,
      document: {
        read: lines.length,
        written: READ_BEFORE,
        unwritten: lines.length - READ_BEFORE,
        error: { code: "interrupted", next: expect.stringContaining("--resume") },
      },
    });
    expect(existsSync(ledger)).toBe(true);
    const before = sent().length;
    const second = await seed({ resume: true });
    expect(second).toMatchObject({
      exitCode: 0,
      document: {
        read: lines.length,
        written: lines.length,
        resumed: { ledger, settled: READ_BEFORE, startedAt: expect.any(String) },
        proof: { status: "equal", scope: "exact", extra: 0 },
      },
      text: expect.stringContaining(`resumed: ${READ_BEFORE} items settled by an earlier run`),
    });
    expect(second.document.ledger).toBeUndefined();
    expect(sent().length - before).toBe(Math.ceil((lines.length - READ_BEFORE) / 25));
    expect(existsSync(ledger)).toBe(false);
    const notes = (await allItems(client, ledgerTable)).filter(({ SK }) => SK?.S?.startsWith("EVENT#"));
    expect(notes.map(({ action }) => action?.S)).toEqual(["seed", "seed --resume"]);
    expect(await allItems(client, table)).toHaveLength(lines.length);
    expect(await seed({ resume: true })).toMatchObject({ exitCode: 4 });
  });

  it("in replace deletes what came into the table since it was found empty", async () => {
    const { seed, client, table } = await interrupted([], 2, REPLACE);
    await putItems(client, table, [{ PK: { S: "OTHER#1" }, SK: { S: "x" } }]);
    const { document, exitCode } = await seed({ resume: true, ...REPLACE }, { yes: "" });
    expect({ document, exitCode }).toMatchObject({ document: { deleted: 1 }, exitCode: 0 });
    expect(await allItems(client, table)).toHaveLength(lines.length);
  });

  it("keeps what the first run rejected, once", async () => {
    const { first, seed } = await interrupted([REFUSAL], DIVIDED);
    expect(first).toMatchObject({ exitCode: 130, document: { rejected: 1 } });
    const { exitCode, document, text } = await seed({ resume: true });
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({
      read: lines.length,
      written: lines.length - 1,
      rejected: 1,
      rejects: first.document.rejects,
      proof: { status: "different", scope: "exact", missing: 1 },
    });
    expect(text).toContain("too poisonous");
    const kept = readFileSync(document.rejects as string, "utf8")
      .trimEnd()
      .split("\n");
    expect(kept.map((line) => JSON.parse(line).item.username)).toEqual(["john42"]);
  });

  it("refuses rejects that are not where the first run left them", async () => {
    const { first, seed, sent } = await interrupted([REFUSAL], DIVIDED);
    writeFileSync(first.document.rejects as string, "");
    const before = sent().length;
    expect(await seed({ resume: true })).toMatchObject({
      exitCode: 4,
      document: { error: { code: "rejects-changed", facts: { found: 0 } } },
    });
    expect(sent().length).toBe(before);
  });

  it("refuses a source of which one byte was changed, another format, and a table that was made anew", async () => {
    const { seed, sent, client, table, ledger } = await interrupted();
    const before = sent().length;
    const content = readFileSync(seedFile);
    const changed = Buffer.from(content);
    const at = changed.lastIndexOf("19");
    changed.write("18", at);
    writeFileSync(seedFile, changed);
    const bySource = await seed({ resume: true, ledger });
    writeFileSync(seedFile, content);
    expect(bySource).toMatchObject({ exitCode: 4, document: { error: { code: "other-load" } } });
    expect(bySource.document.error).toMatchObject({
      facts: {
        differences: [expect.stringContaining(`content than when the load began (still ${content.length}`)],
      },
    });
    expect(await seed({ resume: true, format: "json-lines", ledger })).toMatchObject({
      exitCode: 4,
      document: { error: { message: expect.stringContaining("--format was not given, and is json-lines") } },
    });
    await client.send(new DeleteTableCommand({ TableName: table }));
    await createTestTable(client, quickPhotos, { name: table });
    expect(await seed({ resume: true, ledger })).toMatchObject({
      exitCode: 4,
      document: { error: { message: expect.stringContaining("was deleted and made again") } },
    });
    expect(sent().length).toBe(before);
  });

  it("makes the proof again where only that failed, exact as it would have been", async () => {
    const fault = { kind: "error", name: "AccessDeniedException", message: "no scans" } as const;
    // The first scan looks whether the table is empty.
    const { seed, proxy } = await makeStack(project.root, {
      rules: [{ operation: "Scan", where: ({ nth }) => nth > 1, fault }],
    });
    expect(await seed()).toMatchObject({
      exitCode: 3,
      document: { ledger: expect.any(String), error: { next: expect.stringContaining("--resume") } },
    });
    proxy?.setRules([]);
    const before = proxy?.requests.length ?? 0;
    expect(await seed({ resume: true })).toMatchObject({
      exitCode: 0,
      document: { written: lines.length, requests: 0, proof: { status: "equal", scope: "exact" } },
    });
    const later = proxy?.requests.slice(before).map(({ operation }) => operation);
    expect(later).toContain("Scan");
    expect(later).not.toContain("BatchWriteItem");
  });
});

describe("seed without --resume", () => {
  it("says that an earlier load could go on, begins anew, and forgets both when it has ended well", async () => {
    const { seed, logged, ledger } = await interrupted();
    expect(logged.join("\n")).not.toContain("cut off");
    const { exitCode, document } = await seed();
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ written: lines.length, proof: { status: "equal", scope: "contained" } });
    expect(document.resumed).toBeUndefined();
    expect(logged.join("\n")).toMatch(
      /an earlier run of this load was cut off \(.*\): --resume goes on with it/,
    );
    expect(existsSync(ledger)).toBe(false);
  });

  it("writes nothing where its ledger cannot be written", async () => {
    const { seed, client, table } = await makeStack(project.root);
    expect(await seed({ ledger: "/dev/null/ledger.json" })).toMatchObject({
      exitCode: 3,
      document: { error: { code: "load-ledger-write", next: expect.stringContaining("--ledger") } },
    });
    expect(await allItems(client, table)).toEqual([]);
  });
});
