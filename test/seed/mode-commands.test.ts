import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { countDeletions } from "../../src/commands/seed/count-deletions.ts";
import { readModeOptions } from "../../src/commands/seed/mode-options.ts";
import { requireSoundFile } from "../../src/commands/seed/open-seed.ts";
import { openSeedInput } from "../../src/commands/seed/seed-input.ts";
import type { FaultRule } from "../faults/proxy.ts";
import { allItems, putItems } from "../support/tables.ts";
import { lines as allLines, makeStack, sharedProject } from "./stacks.ts";

const lines = allLines.filter((line) => !line.includes('"PK":"REACTION#')).slice(0, 30);
const project = sharedProject(lines);
const setUp = (rules?: FaultRule[]) => makeStack(project.root, { ...(rules && { rules }) });
const write = (name: string, content: string) => {
  const path = join(project.root, name);
  writeFileSync(path, content);
  return path;
};
const others = Array.from({ length: 60 }, (_, index) => ({ PK: { S: `OTHER#${index}` }, SK: { S: "x" } }));
const REPLACE = { mode: "replace" } as const;
const YES = { yes: "" };

describe("seed --mode replace", () => {
  it("deletes what is not in the file, and proves that nothing else is there", async () => {
    const { seed, client, table, logged } = await setUp();
    await putItems(client, table, others);
    const { document, text, exitCode } = await seed(REPLACE, YES);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ read: 30, written: 30, deleted: 60, undeleted: 0 });
    expect(document).toMatchObject({ proof: { status: "equal", scope: "exact", extra: 0 } });
    expect(text).toContain("deleted 60 items whose keys are not in the file");
    expect(logged.join("\n")).toMatch(/to look for keys that are not in the file reads about \d+ read units/);
    expect(await allItems(client, table)).toHaveLength(30);
  });

  it("asks first, and is refused without --yes", async () => {
    const { seed, client, table } = await setUp();
    await putItems(client, table, others);
    const { document, exitCode } = await seed(REPLACE);
    expect(exitCode).toBe(4);
    expect(document).toMatchObject({ error: { code: "usage", next: "Say so with --yes." } });
    expect(await allItems(client, table)).toHaveLength(60);
  });

  it("refuses a file without items, whatever is said", async () => {
    const { seed, client, table } = await setUp();
    await putItems(client, table, others);
    const { document, exitCode } = await seed({ ...REPLACE, files: [write("none.json", "\n")] }, YES);
    expect(exitCode).toBe(4);
    expect(document).toMatchObject({ error: { code: "empty-replacement" } });
    expect(await allItems(client, table)).toHaveLength(60);
  });

  it("of an empty table has nothing to look for", async () => {
    const { seed, proxy } = await setUp([]);
    expect((await seed({ ...REPLACE, proof: "none" }, YES)).document).toMatchObject({ deleted: 0 });
    const scans = proxy?.requests.filter(({ operation }) => operation === "Scan") ?? [];
    expect(scans.map(({ body }) => body.Limit)).toEqual([1]);
  });

  it("deletes nothing where an item was rejected", async () => {
    const poison = JSON.parse(lines.find((line) => line.includes("#METADATA#")) as string);
    const refusal: FaultRule = {
      operation: ["BatchWriteItem", "PutItem"],
      where: ({ body }) => JSON.stringify(body).includes(`"SK":{"S":"${poison.SK}"}`),
      fault: { kind: "error", name: "ValidationException" },
    };
    const { seed, client, table } = await setUp([refusal]);
    await putItems(client, table, others);
    const { document, exitCode } = await seed({ ...REPLACE, maxRejects: 5 }, YES);
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({ rejected: 1, deleted: 0, proof: { status: "different", extra: 60 } });
    expect(await allItems(client, table)).toHaveLength(89);
  });

  it("stopped while it deletes, it is finished by the next run", async () => {
    const stop = new AbortController();
    const isDelete = ({ body }: { body: object }) => JSON.stringify(body).includes("DeleteRequest");
    const stopAtSecond: FaultRule = {
      operation: "BatchWriteItem",
      where: (request) => {
        if (!isDelete(request)) return false;
        stop.abort(new Error("Ctrl-C"));
        return true;
      },
      times: 1,
      fault: { kind: "delay", milliseconds: 1 },
    };
    const { seed, client, table } = await setUp([stopAtSecond]);
    await putItems(client, table, others);
    const cut = await seed({ ...REPLACE, concurrency: 1 }, { ...YES, signal: stop.signal });
    expect(cut.exitCode).not.toBe(0);
    expect(cut.document).toMatchObject({ written: 30, unwritten: 0, proof: { status: "skipped" } });
    const { deleted } = cut.document as { deleted: number };
    expect(deleted).toBeGreaterThan(0);
    expect(await allItems(client, table)).toHaveLength(90 - deleted);
    const { document, exitCode } = await seed(REPLACE, YES);
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({
      deleted: 60 - deleted,
      proof: { status: "equal", scope: "exact" },
    });
  });

  it("--dry-run counts what it would delete, with a client that cannot write", async () => {
    const { context, client, table, logged } = await setUp();
    await putItems(client, table, others);
    const inside = context();
    const file = await openSeedInput(inside, {});
    const checked = await requireSoundFile(inside, file, await inside.tableDesign());
    expect(await countDeletions(inside, file, checked)).toBe(60);
    expect(logged.join("\n")).toMatch(/reads about \d+ read units/);
    expect(await allItems(client, table)).toHaveLength(60);
  });
});

describe("seed --mode insert", () => {
  it("again finds all of it identical, and says why it is slow", async () => {
    const { seed, logged } = await setUp();
    expect((await seed({ mode: "insert" })).document).toMatchObject({ written: 30, identical: 0 });
    const again = await seed({ mode: "insert" });
    expect(again).toMatchObject({
      exitCode: 0,
      document: { written: 0, identical: 30, proof: { status: "equal" } },
    });
    expect(logged.join("\n")).toContain("insert writes item by item, as a batch takes no conditions");
  });

  it("stops at the first item that is there otherwise: exit 1, and says what to do", async () => {
    const { seed, client, table } = await setUp();
    const { PK, SK } = JSON.parse(lines[0] as string) as Record<string, string>;
    await putItems(client, table, [{ PK: { S: PK as string }, SK: { S: SK as string } }]);
    const { document, exitCode } = await seed({ mode: "insert", concurrency: 1 });
    expect(exitCode).toBe(1);
    expect(document).toMatchObject({
      rejected: 1,
      error: {
        code: "too-many-rejects",
        facts: { maxRejects: 0 },
        next: expect.stringContaining("--max-rejects"),
      },
    });
    expect(await allItems(client, table)).toContainEqual({ PK: { S: PK }, SK: { S: SK } });
  });

  it("goes on where migrations have written, and leaves what they wrote", async () => {
    const { seed, client, table, migrate, logged } = await setUp();
    const [user = "", ...rest] = lines;
    const few = write("few.json", rest.join(""));
    await seed({ files: [few] });
    await migrate();
    const before = await allItems(client, table);
    expect((await seed()).document).toMatchObject({ error: { code: "migrated-table" } });
    const { document, exitCode } = await seed({ mode: "insert" });
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ written: 1, identical: 29, proof: { status: "equal" } });
    expect(logged.join("\n")).toContain("what they wrote stays");
    const after = await allItems(client, table);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after).toHaveLength(30);
    expect(user).not.toBe("");
  });
});

describe("the options of a mode", () => {
  it("are refused where they make no sense", () => {
    expect(() => readModeOptions({ mode: "insert", skipIdentical: true })).toThrow(/adds only reads/);
    expect(() => readModeOptions({ maxRejects: -1 })).toThrow(/max-rejects/);
    expect(() => readModeOptions({ maxRejects: 0.5 })).toThrow(/max-rejects/);
    expect(readModeOptions({ mode: "replace", skipIdentical: true })).toMatchObject({ maxRejects: 0 });
  });

  it("--skip-identical says beforehand what it reads", async () => {
    const { seed, logged } = await setUp();
    await seed();
    const { document, exitCode } = await seed({ skipIdentical: true });
    expect(exitCode).toBe(0);
    expect(document).toMatchObject({ written: 0, identical: 30, requests: 0 });
    expect(logged.join("\n")).toMatch(/to look for identical items reads about 30 read units/);
  });
});
