/**
 * Runs access patterns by our query functions, by the document client and by its rivals, side by side, against a sink
 * of our own: `npm run bench:query -- [rounds] [answers]`. bench/query/README.md says what is measured and how.
 */
import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { inTurn } from "../statistics.ts";
import { PATTERNS } from "./patterns.ts";
import { ownShareTable, patternTable, type Result, summarize } from "./report.ts";
import { startSink } from "./sink-process.ts";
import { type Slice, startWorker, TYPESCRIPT } from "./worker-process.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const TABLE = "quick-photos";
const BASE = "lib-dynamodb";
const CONTESTANTS = [
  { name: "tablewright", module: "contestants/tablewright.ts" },
  { name: BASE, module: "contestants/lib-dynamodb.ts" },
  { name: "electrodb", module: "rivals/electrodb.mjs" },
  { name: "dynamodb-toolbox", module: "rivals/dynamodb-toolbox.mjs" },
];
const OURS = "tablewright";
/** Answers that a process gives before any is measured: by then its code is compiled. */
const WARM_UP = 400;

const print = (text: string) => process.stdout.write(`${text}\n`);
const [rounds = 21, answers = 60] = process.argv.slice(2).map(Number);

if (!existsSync(join(HERE, "node_modules"))) await promisify(execFile)("npm", ["ci", "--prefix", HERE]);
const sink = await startSink(TABLE);
const workers = await Promise.all(
  CONTESTANTS.map(async ({ name, module }) => ({
    name,
    ...(await startWorker(module, sink.endpoint, TABLE)),
  })),
);
try {
  print(
    `${new Date().toISOString()}, Node ${process.version}, Linux ${release()}, ${cpus().length} cores (${cpus()[0]?.model})`,
  );
  print(`medians of ${rounds} rounds of ${answers} answers (least to most)`);
  const results: Result[] = [];
  for (const pattern of PATTERNS) {
    const bodies = new Map<string, string[]>();
    const found = new Map(workers.map(({ name }) => [name, { slices: [] as Slice[], requests: 0 }]));
    for (const { name, run } of workers) {
      await run({ id: pattern.id, answers: WARM_UP });
      bodies.set(name, Object.keys((await sink.take()).bodies).sort());
    }
    if (String(bodies.get(OURS)) !== String(bodies.get(BASE)))
      throw new Error(`${OURS} and ${BASE} send other requests for ${pattern.id}`);
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, run } of inTurn(workers, round)) {
        const slice = await run({ id: pattern.id, answers });
        const of = found.get(name);
        if (!of) continue;
        of.slices.push(slice);
        of.requests += (await sink.take()).requests;
      }
    }
    const ofPattern = [...found].map(([contestant, { slices, requests }]) => ({
      contestant,
      pattern,
      slices,
      requestsAnAnswer: requests / (rounds * answers),
    }));
    print(`\n${patternTable(ofPattern, BASE)}`);
    results.push(...ofPattern);
  }
  const ownShare = [...TYPESCRIPT, join(HERE, "own-share.ts")];
  const { stdout } = await promisify(execFile)(process.execPath, ownShare);
  print(`\n${ownShareTable(JSON.parse(stdout))}`);
  const baseOf = ({ pattern }: Result) =>
    results.find((other) => other.contestant === BASE && other.pattern === pattern) as Result;
  const document = results.map((result) => ({
    ...result,
    pattern: result.pattern.id,
    summary: summarize(result, baseOf(result)),
  }));
  writeFileSync(join(HERE, "results.json"), `${JSON.stringify(document, undefined, 2)}\n`);
} finally {
  for (const { stop } of workers) stop();
  sink.stop();
}
