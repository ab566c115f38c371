/**
 * Loads a file by `tablewright seed` and by what people use today, side by side, into a sink of our own:
 * `npm run bench:seed -- [items] [runs]`. bench/seed/README.md says what is measured and how.
 */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { inTurn } from "../statistics.ts";
import { CONTESTANTS, type Contestant, type Load, OURS, WINDOW } from "./contestants.ts";
import { writeItems, writeRequests } from "./data.ts";
import { type Measurement, measure } from "./measure.ts";
import { DATA, HERE, prepare } from "./prepare.ts";
import { type Result, settingTable, summarize } from "./report.ts";
import { DEFAULT_SINK, type SinkSettings } from "./sink/sink.ts";
import { type SinkProcess, startSinkProcess } from "./sink/sink-process.ts";

const WARM_UP_ITEMS = 2_000;
const SAMPLE_ITEMS = 1_000;

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    latency: { type: "string", default: "0" },
    unprocessed: { type: "string", default: "0" },
    only: { type: "string", multiple: true },
    rss: { type: "string" },
    index: { type: "boolean", default: false },
    out: { type: "string", default: join(HERE, "results.json") },
  },
});

const print = (text: string) => process.stdout.write(`${text}\n`);

/** @throws {RangeError} for what is no list of numbers from 0 */
function numbers(text: string): number[] {
  const list = text.split(",").map(Number);
  if (list.every((number) => number >= 0)) return list;
  throw new RangeError(`not a list of numbers: ${text}`);
}

/** The contestants that were asked for and can be had; says which cannot. */
async function chooseContestants(only: readonly string[] | undefined): Promise<Contestant[]> {
  const asked = CONTESTANTS.filter(({ name }) => !only || only.some((word) => name.startsWith(word)));
  if (asked.length === 0)
    throw new RangeError(`--only: there are ${CONTESTANTS.map(({ name }) => name).join("; ")}`);
  const missing = await prepare(asked.map(({ needs }) => needs));
  for (const [need, reason] of missing) print(`left out, as ${need} is not to be had: ${reason}`);
  return asked.filter(({ needs }) => !missing.has(needs));
}

async function makeData(items: number, endpoint: string): Promise<Load> {
  mkdirSync(DATA, { recursive: true });
  const { table } = DEFAULT_SINK;
  const load = {
    endpoint,
    table,
    itemsFile: join(DATA, `items-${items}.jsonl`),
    requestsFile: join(DATA, `requests-${items}.jsonl`),
  };
  await writeItems(items, load.itemsFile);
  await writeRequests(items, table, load.requestsFile);
  return load;
}

/** Lets each load a little, with whole signatures and leftovers: it warms the sink up, and shows who cannot. */
async function warmUp(contestants: readonly Contestant[], sink: SinkProcess): Promise<void> {
  const load = await makeData(WARM_UP_ITEMS, sink.endpoint);
  const settings: SinkSettings = { ...DEFAULT_SINK, signature: "whole", unprocessed: 0.2 };
  for (const contestant of contestants) {
    const run = await measure(contestant, load, sink, settings);
    const { lost, exitCodes } = summarize({ items: WARM_UP_ITEMS, runs: [run] });
    if (lost === 0 && run.exitCode === 0) continue;
    print(`${contestant.name} lost ${lost} items of the warm-up, exit ${exitCodes}: ${run.printed}`);
  }
}

async function compareAll(contestants: readonly Contestant[], sink: SinkProcess): Promise<Result[]> {
  const [items = 50_000, rounds = 5] = positionals.flatMap(numbers);
  await warmUp(contestants, sink);
  const load = await makeData(items, sink.endpoint);
  const results: Result[] = [];
  for (const latencyMs of numbers(options.latency)) {
    for (const percent of numbers(options.unprocessed)) {
      const unprocessed = percent / 100;
      const runs = new Map<string, Measurement[]>(contestants.map(({ name }) => [name, []]));
      for (let round = 0; round < rounds; round += 1) {
        for (const contestant of inTurn(contestants, round)) {
          const settings = { ...DEFAULT_SINK, latencyMs, unprocessed, seed: round, withIndex: options.index };
          runs.get(contestant.name)?.push(await measure(contestant, load, sink, settings));
        }
      }
      const ofSetting = [...runs].map(([contestant, measured]) => ({
        contestant,
        latencyMs,
        unprocessed,
        items,
        runs: measured,
      }));
      print(`\n${settingTable(ofSetting, OURS)}`);
      results.push(...ofSetting);
    }
  }
  return results;
}

/** Loads files of several sizes by ours, to see whether its memory grows with them. */
async function watchMemory(sizes: readonly number[], sink: SinkProcess): Promise<Result[]> {
  const ours = await chooseContestants([OURS]);
  const sample = join(DATA, "sample.jsonl");
  mkdirSync(DATA, { recursive: true });
  await writeItems(SAMPLE_ITEMS, sample);
  const bytesAnItem = statSync(sample).size / SAMPLE_ITEMS;
  const results: Result[] = [];
  for (const megabytes of sizes) {
    const items = Math.round((megabytes * 1e6) / bytesAnItem);
    const itemsFile = join(DATA, `memory-${megabytes}.jsonl`);
    await writeItems(items, itemsFile);
    for (const contestant of ours) {
      const load = { endpoint: sink.endpoint, table: DEFAULT_SINK.table, itemsFile, requestsFile: "" };
      const run = await measure(contestant, load, sink, { ...DEFAULT_SINK, keepItems: false });
      const result = { contestant: contestant.name, latencyMs: 0, unprocessed: 0, items, runs: [run] };
      const { peakMegabytes, itemsPerSecond, lost } = summarize(result);
      print(
        `${megabytes} MB, ${items} items: peak RSS ${peakMegabytes.toFixed(0)} MB, ${itemsPerSecond.toFixed(0)} items/s, ${lost} lost, exit ${run.exitCode}`,
      );
      results.push(result);
    }
  }
  return results;
}

const sink = await startSinkProcess();
try {
  print(
    `${new Date().toISOString()}, Node ${process.version}, Linux ${release()}, ${cpus().length} cores (${cpus()[0]?.model}), window ${WINDOW}`,
  );
  const results = options.rss
    ? await watchMemory(numbers(options.rss), sink)
    : await compareAll(await chooseContestants(options.only), sink);
  const document = results.map((result) => ({ ...result, summary: summarize(result) }));
  writeFileSync(options.out, `${JSON.stringify(document, undefined, 2)}\n`);
} finally {
  sink.stop();
}
