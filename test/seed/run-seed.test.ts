import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FaultRule } from "../faults/proxy.ts";
import { allItems } from "../support/tables.ts";
import { lines, makeStack, sharedProject } from "./stacks.ts";

const project = sharedProject();
const setUp = (rules?: FaultRule[]) => makeStack(project.root, { ...(rules && { rules }) });
const write = (name: string, content: string) => {
  const path = join(project.root, name);
  writeFileSync(path, content);
  return path;
};
const WRITERS = ["0002-backfill-reaction-counts", "0003-backfill-follow-counts"];

describe("before anything is written", () => {
  it("a file that is not there is a usage error", async () => {
    const { seed } = await setUp();
    const { document, exitCode } = await seed({ file: "nowhere.json" });
    expect(exitCode).toBe(4);
    expect(document).toMatchObject({
      error: { code: "seed-file", message: expect.stringContaining("nowhere.json cannot be read") },
    });
  });

  it("a defect of the file is an error with all its defects", async () => {
    const { seed, client, table } = await setUp();
    const file = write("bad.json", [...lines.slice(0, 3), lines[1], "{\n"].join(""));
    const { document, exitCode } = await seed({ file });
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({ error: { code: "seed-defects", facts: { defectCount: 2 } } });
    expect(await allItems(client, table)).toEqual([]);
  });
});

describe("a load that does not come to its end", () => {
  it("by an item that DynamoDB refuses: exit 1, set aside in a file, missing in the proof", async () => {
    const poison = (request: { body: object }) => JSON.stringify(request.body).includes("#METADATA#john42");
    const fault = { kind: "error", name: "ValidationException", message: "too poisonous" } as const;
    const { seed } = await setUp([{ operation: "BatchWriteItem", where: poison, fault }]);
    const { document, exitCode } = await seed();
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({
      rejected: 1,
      written: lines.length - 1,
      proof: {
        status: "different",
        missing: 1,
        differences: [{ kind: "missing", key: { PK: "USER#john42" } }],
      },
    });
    const rejects = readFileSync(document.rejects as string, "utf8");
    expect(JSON.parse(rejects)).toMatchObject({ reason: "too poisonous", item: { username: "john42" } });
  });

  it("by refused credentials, which stop it at once: exit 3, with the sum", async () => {
    const fault = { kind: "error", name: "ExpiredTokenException" } as const;
    const { seed } = await setUp([{ operation: "BatchWriteItem", nth: 2, fault }]);
    const { document, exitCode } = await seed({ concurrency: 1 });
    expect(exitCode).toBe(3);
    expect(document).toMatchObject({
      written: 25,
      unwritten: lines.length - 25,
      error: { code: "credentials" },
    });
  });
});

describe("a failure after the load keeps the sum, in the document and in the error's facts:", () => {
  const sum = { read: lines.length, written: lines.length, unwritten: 0, unknown: 0 };
  const writesNote = (request: { body: object }) => JSON.stringify(request.body).includes("EVENT#");
  const operation = "TransactWriteItems";

  it("a ledger that refuses the note", async () => {
    const fault = { kind: "error", name: "AccessDeniedException", message: "not you" } as const;
    const { seed } = await setUp([{ operation, where: writesNote, fault }]);
    const { document, exitCode, text } = await seed();
    expect(exitCode).toBe(3);
    expect(document).toMatchObject({
      ...sum,
      proof: { status: "equal" },
      error: {
        code: "after-load",
        message: expect.stringContaining("not you"),
        facts: { ...sum, failure: { code: "access-denied" } },
      },
    });
    expect(text).toContain(`${lines.length} read = ${lines.length} written`);
    expect(text).toContain("the load is over, but what comes after it failed: not you");
  });

  it("a lease that is lost at the very end", async () => {
    const extra = { CancellationReasons: [{ Code: "ConditionalCheckFailed" }, { Code: "None" }] };
    const fault = { kind: "error", name: "TransactionCanceledException", extra } as const;
    const { seed } = await setUp([{ operation, where: writesNote, fault }]);
    const { document, exitCode } = await seed();
    expect(exitCode).toBe(3);
    expect(document).toMatchObject({
      ...sum,
      proof: { status: "equal" },
      error: { code: "after-load", facts: { ...sum, failure: { code: "lease-lost" } } },
    });
  });

  it("a proof that may not read the table", async () => {
    const fault = { kind: "error", name: "AccessDeniedException", message: "no scans" } as const;
    // The first scan looks whether the table is empty.
    const { seed, client, ledgerTable } = await setUp([
      { operation: "Scan", where: ({ nth }) => nth > 1, fault },
    ]);
    const { document, exitCode } = await seed();
    expect(exitCode).toBe(3);
    expect(document).toMatchObject({
      ...sum,
      proof: { status: "indeterminate", message: expect.stringContaining("no scans") },
      error: { code: "after-load", facts: { ...sum, failure: { code: "access-denied" } } },
    });
    const [note] = (await allItems(client, ledgerTable)).filter(({ SK }) => SK?.S?.startsWith("EVENT#"));
    expect(note).toMatchObject({ outcome: { S: "written, proof indeterminate" } });
  });

  it("and a wrong table is still the first thing to say", async () => {
    const poison = (request: { body: object }) => JSON.stringify(request.body).includes("#METADATA#john42");
    const refusal = { kind: "error", name: "ValidationException" } as const;
    const fault = { kind: "error", name: "AccessDeniedException" } as const;
    const { seed } = await setUp([
      { operation: "BatchWriteItem", where: poison, fault: refusal },
      { operation, where: writesNote, fault },
    ]);
    expect(await seed()).toMatchObject({
      exitCode: 1,
      document: { rejected: 1, proof: { missing: 1 }, error: { code: "after-load" } },
    });
  });
});

describe("a table that migrations have written to", () => {
  it("is refused, unless they are taken back first", async () => {
    const { seed, prove, migrate } = await setUp();
    await seed({ proof: "none" });
    expect((await migrate()).error).toBeUndefined();

    const refused = await seed();
    expect(refused.exitCode).toBe(1);
    expect(refused.document).toMatchObject({
      error: { code: "migrated-table", facts: { migrations: WRITERS } },
    });

    const { proof } = await prove();
    expect(proof.status).toBe("equal");
    expect(new Set(proof.leftOut.flatMap(({ attributes }) => attributes))).toEqual(
      new Set(["reactions", "counted", "followers", "following"]),
    );
    expect(proof.leftOut.every(({ items }) => items > 0)).toBe(true);

    expect(await seed({ redoMigrations: true })).toMatchObject({
      exitCode: 4,
      document: { error: { code: "usage" } },
    });
    const redone = await seed({ redoMigrations: true }, { yes: "" });
    expect(redone).toMatchObject({
      exitCode: 0,
      document: { pendingAgain: WRITERS, proof: { status: "equal", leftOut: [] } },
    });
    expect((await prove()).proof).toMatchObject({ status: "equal", extra: 0 });
  });
});
