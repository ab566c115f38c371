import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { temporaryOf } from "../../src/project/replace-file.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import { readLedger } from "../../src/seed/load/ledger/find-ledgers.ts";
import { LoadLedger } from "../../src/seed/load/ledger/load-ledger.ts";
import { loadFile } from "../../src/seed/load/load-file.ts";
import { lines, names, QUICK } from "./load-bed.ts";
import { MemoryTable } from "./memory-table.ts";
import { design, temporaryFolder } from "./support.ts";

const identity = {
  model: "seeded",
  table: { name: "table", arn: "arn:table", id: "1" },
  source: [{ name: "items.json", bytes: 1, sha256: "-" }],
  options: {},
};
const keyOf = (ordinal: number) => `key-${ordinal - 1}`;

/** How a run ends before its time, and at which of its requests. */
const cut = fc.record({
  kind: fc.constantFrom("kill" as const, "stop" as const, "credentials" as const),
  atRequest: fc.integer({ min: 1, max: 12 }),
});

interface Cut {
  kind: "kill" | "stop" | "credentials" | "blockLedger";
  atRequest: number;
}

/** A load whose state on the disk can be set back to what it was at a moment, as a kill does. */
function bed(count: number, seed: number, poisonEvery: number, onDisk?: string) {
  const folder = temporaryFolder();
  const [state, killed, file] = ["state", "killed", "items.json"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(state);
  writeFileSync(file, lines(count).join("\n"));
  const isPoison = (key: string) => Number(key.slice("key-".length)) % poisonEvery === poisonEvery - 1;
  const table = new MemoryTable(seed, isPoison);
  const ledgerFile = join(state, "ledger.json");
  const rejectsFile = onDisk ?? join(state, "rejects.jsonl");

  /** The rejects that the ledger knows of, by their line. */
  const rejectedLines = (bytes: number) =>
    (bytes > 0 && existsSync(rejectsFile) ? readFileSync(rejectsFile).subarray(0, bytes).toString() : "")
      .split("\n")
      .filter(Boolean)
      .map((text) => JSON.parse(text).line as number);

  /** What the ledger calls settled must be in the table, or among the rejects. */
  const expectLedgerIsTrue = () => {
    const content = readLedger(ledgerFile);
    expect(content).toBeDefined();
    if (!content) return;
    expect(content.tableWasEmpty).toBe(true);
    const { position, rejects } = content;
    const rejected = rejectedLines(rejects.bytes);
    expect(rejected).toHaveLength(position.counts.rejected);
    const open = new Set(position.open);
    for (let ordinal = 1; ordinal <= position.read; ordinal += 1) {
      if (open.has(ordinal)) continue;
      expect(table.puts.has(keyOf(ordinal)) || rejected.includes(ordinal), `record ${ordinal}`).toBe(true);
    }
  };

  /** The ledger first: its rejects are in the file before it is written. */
  const keepState = () => {
    mkdirSync(killed);
    for (const path of [ledgerFile, temporaryOf(ledgerFile), rejectsFile]) {
      if (existsSync(path)) copyFileSync(path, join(killed, basename(path)));
    }
  };
  const failures: unknown[] = [];
  const run = async (end?: Cut) => {
    const checked = await checkSeedFile(file, design);
    table.isCutOff = false;
    const stop = new AbortController();
    let requests = 0;
    let untrue: unknown;
    table.onRequest = () => {
      requests += 1;
      try {
        expectLedgerIsTrue();
      } catch (error) {
        untrue ??= error;
      }
      if (!end || requests !== end.atRequest) return;
      if (end.kind === "stop") return stop.abort(new Error("enough"));
      if (end.kind === "blockLedger") return blockLedger(ledgerFile);
      if (end.kind === "kill") keepState();
      table.isCutOff = true;
    };
    const ledger = existsSync(ledgerFile)
      ? LoadLedger.resume(ledgerFile, identity)
      : LoadLedger.begin(ledgerFile, identity);
    if (!ledger.resumed) ledger.foundTable(true);
    try {
      const result = await loadFile(
        {
          writer: table,
          table: "table",
          keys: design,
          file,
          checked,
          rejectsFile,
          ledger,
        },
        {
          concurrency: 3,
          maxRejects: count,
          backoff: QUICK,
          signal: stop.signal,
          keep: { saveEveryMs: 1, onFailure: (error) => void failures.push(error) },
        },
      );
      if (untrue) throw untrue;
      return { result, ledger };
    } finally {
      ledger.release();
      if (existsSync(killed)) {
        rmSync(state, { recursive: true });
        cpSync(killed, state, { recursive: true });
        rmSync(killed, { recursive: true });
      }
    }
  };

  return { table, run, expectLedgerIsTrue, rejectedLines, ledgerFile, isPoison, failures };
}

it("however often a load is killed or stopped, and whatever it meets: resumed to its end, nothing is lost or twice", async () => {
  let cutOff = 0;
  let settledBefore = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 160 }),
      fc.nat(),
      fc.integer({ min: 2, max: 40 }),
      fc.array(cut, { maxLength: 4 }),
      async (count, seed, poisonEvery, cuts) => {
        const { table, run, expectLedgerIsTrue, rejectedLines, ledgerFile, isPoison } = bed(
          count,
          seed,
          poisonEvery,
        );
        for (const end of cuts) {
          const { result } = await run(end);
          if (result.stop) cutOff += 1;
          settledBefore += result.resumed?.settled ?? 0;
          expectLedgerIsTrue();
        }
        const { result, ledger } = await run();
        const all = names(count);
        const poison = all.filter(isPoison);
        expect([...table.puts.keys()].sort()).toEqual(all.filter((name) => !isPoison(name)));
        expect(result).toMatchObject({
          read: count,
          written: count - poison.length,
          rejected: poison.length,
          unwritten: 0,
          unknown: 0,
          stop: undefined,
        });
        const rejected = rejectedLines(Number.POSITIVE_INFINITY).map(keyOf);
        expect(rejected.sort()).toEqual(poison);
        expect(result.listedRejects).toHaveLength(Math.min(10, poison.length));
        expectLedgerIsTrue();
        ledger.remove();
        expect(existsSync(ledgerFile)).toBe(false);
      },
    ),
    { numRuns: 50 },
  );
  // It was about something.
  expect(cutOff).toBeGreaterThan(20);
  expect(settledBefore).toBeGreaterThan(100);
});

it("a reject for which the disk has no room is not counted in the ledger: its item stays open", async () => {
  const { run, ledgerFile, failures } = bed(40, 1, 7, "/dev/full");
  const { result } = await run();
  expect(result.stop).toMatchObject({ kind: "failed", error: { code: "ENOSPC" } });
  expect(result.rejected).toBeGreaterThan(0);
  expect(readLedger(ledgerFile)?.position.counts.rejected).toBe(0);
  expect(failures).toHaveLength(1);
});

/** What is written beside the ledger, to be renamed, finds its place taken. */
function blockLedger(file: string): void {
  // One that is being written at this moment must not be in the way.
  rmSync(temporaryOf(file), { force: true });
  mkdirSync(temporaryOf(file), { recursive: true });
}

it("a ledger that cannot be written stops a load before its first write", async () => {
  const { table, run, ledgerFile } = bed(30, 1, 1_000);
  blockLedger(ledgerFile);
  await expect(run()).rejects.toMatchObject({ code: "load-ledger-write", exitCode: 3 });
  expect(table.puts.size).toBe(0);
});

it("where it cannot be written any more, the load goes on and says so once; what it said stays true", async () => {
  const { table, run, expectLedgerIsTrue, ledgerFile, failures } = bed(400, 1, 1_000);
  const { result } = await run({ kind: "blockLedger", atRequest: 3 });
  expect(result).toMatchObject({ read: 400, written: 400, stop: undefined });
  expect(table.puts.size).toBe(400);
  expect(failures).toMatchObject([{ code: "load-ledger-write" }]);
  expectLedgerIsTrue();
  expect(readLedger(ledgerFile)?.position.read).toBeLessThan(400);
});
