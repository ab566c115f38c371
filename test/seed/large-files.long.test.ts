import { createWriteStream, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, inject, it } from "vitest";
import { DEFAULT_SINK, startSink } from "../../bench/seed/sink/sink.ts";
import { runMeasured } from "../support/peak-memory.ts";
import { makeStack, sharedProject } from "./stacks.ts";
import { temporaryFolder } from "./support.ts";

const project = sharedProject();

it("a million items go into DynamoDB Local, and the proof says that all of them are there", async () => {
  const file = join(temporaryFolder(), "items.json.gz");
  const made = await runMeasured(["seed", "generate", "--users", "42000", "--out", file]);
  const items = Number(made.document.items);
  expect(items).toBeGreaterThan(1_000_000);
  const { stack } = await makeStack(project.root);
  const place = ["--project", project.root, "--stack", stack, "--endpoint", inject("endpoint")];
  const { status, document, megabytes } = await runMeasured(["seed", file, ...place]);
  process.stdout.write(`${items} items: ${document.seconds} s, peak ${megabytes.toFixed(0)} MB\n`);
  expect(status, JSON.stringify(document)).toBe(0);
  expect(document).toMatchObject({
    read: items,
    written: items,
    proof: { status: "equal", scope: "exact", missing: 0, extra: 0, different: 0 },
  });
});

const MEGABYTE = 1024 * 1024;

function* linesOf(bytes: number): Generator<string> {
  let item = 0;
  for (let made = 0; made < bytes; ) {
    let chunk = "";
    for (const end = item + 1_000; item < end; item += 1)
      chunk += `{"PK":"USER#${item % 100_000}","SK":"PHOTO#${item}","note":"${"x".repeat(180)}","count":${item}}\n`;
    made += chunk.length;
    yield chunk;
  }
}

it("a load of 1 GB takes no more memory than one of 100 MB, but for a few MB of its keys", async () => {
  const sink = await startSink();
  const peaks: number[] = [];
  for (const size of [100, 1024]) {
    const file = join(temporaryFolder(), "items.json");
    await pipeline(Readable.from(linesOf(size * MEGABYTE)), createWriteStream(file));
    expect(statSync(file).size).toBeGreaterThanOrEqual(size * MEGABYTE);
    sink.reset({ ...DEFAULT_SINK, keepItems: false });
    const args = ["seed", file, "--endpoint", sink.endpoint, "--project", project.root, "--proof", "none"];
    const { status, megabytes, document, stderr } = await runMeasured(args);
    expect(status, stderr).toBe(0);
    process.stdout.write(`${size} MB: ${document.written} items, peak ${megabytes.toFixed(0)} MB\n`);
    peaks.push(megabytes);
  }
  await sink.close();
  const [small = 0, large = 0] = peaks;
  expect(large).toBeLessThan(small + 20);
});
