/**
 * Runs the patterns of one contestant, again and again, and tells the CPU that each answer took. Parts of it are
 * asked for by messages: the name of a pattern and how many answers.
 */
import { isDeepStrictEqual } from "node:util";
import { PATTERNS, type Runners } from "./patterns.ts";
import type { Order, Slice } from "./worker-process.ts";

const [, , module = "", endpoint = "", table = ""] = process.argv;
const { default: open } = (await import(module)) as { default: (endpoint: string, table: string) => Runners };
const runners = open(endpoint, table);

/** A row as far as the pattern's entity goes: the document client returns keys and marks as well. */
function asExpected(row: unknown, expected: object): unknown {
  const found = (row ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.keys(expected).map((name) => [name, found[name]]));
}

function checkRows(id: string, rows: readonly unknown[]): void {
  const expected = PATTERNS.find((pattern) => pattern.id === id)?.rows ?? [];
  const found = rows.map((row, n) => asExpected(row, expected[n] ?? {}));
  if (rows.length !== expected.length || !isDeepStrictEqual(found, expected)) {
    throw new Error(`${module}: a wrong answer of ${id}: ${JSON.stringify(rows.slice(0, 2))}`);
  }
}

process.on("disconnect", () => process.exit());
process.on("message", async ({ id, answers }: Order) => {
  const run = runners[id];
  if (!run) throw new Error(`${module} has no ${id}`);
  globalThis.gc?.();
  const startedAt = performance.now();
  const before = process.cpuUsage();
  let rows: readonly unknown[] = [];
  for (let answer = 0; answer < answers; answer += 1) rows = await run();
  const { user, system } = process.cpuUsage(before);
  const slice: Slice = {
    cpuMicros: (user + system) / answers,
    wallMicros: ((performance.now() - startedAt) * 1000) / answers,
  };
  checkRows(id, rows);
  process.send?.(slice);
});
process.send?.("ready");
