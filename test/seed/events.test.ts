import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InterruptedError } from "../../src/errors.ts";
import { EventFile } from "../../src/seed/events/event-file.ts";
import type { LoadSample, SeedEvent } from "../../src/seed/events/events.ts";
import { RequestMonitor } from "../../src/seed/events/request-monitor.ts";
import type { FaultRule } from "../faults/proxy.ts";
import { CHROMIUM, useBrowser } from "../support/browser.ts";
import { lines, makeStack, sharedProject } from "./stacks.ts";
import { temporaryFolder } from "./support.ts";

const project = sharedProject();
const browser = useBrowser();
const HOSTILE = "</script><img src=x onerror=alert(1)>";

const eventsIn = (file: string) =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as SeedEvent);

/** A field of all samples, added up. */
const sumOf = (events: readonly SeedEvent[], of: (sample: LoadSample) => number) =>
  events.reduce((sum, event) => (event.type === "sample" ? sum + of(event) : sum), 0);

const throttled: FaultRule = {
  operation: "BatchWriteItem",
  nth: 1,
  fault: {
    kind: "error",
    name: "ProvisionedThroughputExceededException",
    extra: {
      ThrottlingReasons: [
        {
          reason: "IndexWriteProvisionedThroughputExceeded",
          resource: "arn:aws:dynamodb:eu-west-1:1:table/t/index/InvertedIndex",
        },
      ],
    },
  },
};
const leftOver: FaultRule = {
  operation: "BatchWriteItem",
  nth: [2, 3],
  fault: { kind: "unprocessedItems", share: 0.4 },
};

/** A run with faults. */
async function faultyRun() {
  const folder = temporaryFolder();
  const files = { events: join(folder, "made/events.jsonl"), report: join(folder, "report.html") };
  const { seed, table } = await makeStack(project.root, { rules: [throttled, leftOver] });
  const outcome = await seed({ concurrency: 3 }, files);
  const page = readFileSync(files.report, "utf8");
  return { ...outcome, table, events: eventsIn(files.events), page, file: files.report };
}

describe("the events of a load with faults", () => {
  it("come in order, add up to its result, and the report shows the same", async () => {
    const { document, exitCode, events, page, table, file } = await faultyRun();
    expect(exitCode).toBe(0);
    const milestones = events.filter(({ type }) => type !== "sample" && type !== "throttled");
    expect(milestones.map(({ type }) => type)).toEqual([
      "runBegun",
      "checkBegun",
      "checkFinished",
      "loadBegun",
      "loadFinished",
      "proofBegun",
      "proofFinished",
      "runFinished",
    ]);
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b));
    expect(sumOf(events, ({ written }) => written)).toBe(document.written);
    expect(sumOf(events, ({ requests }) => requests)).toBe(document.requests);
    expect(sumOf(events, ({ latency }) => latency?.count ?? 0)).toBe(document.requests);
    expect(sumOf(events, ({ retriedItems }) => retriedItems)).toBe(document.retriedItems);
    expect(sumOf(events, ({ writeUnits }) => writeUnits)).toBe(document.consumedWriteUnits);
    expect(document.retriedItems).toBeGreaterThan(0);
    expect(
      sumOf(events, ({ throttles }) => throttles["index InvertedIndex, provisioned capacity"] ?? 0),
    ).toBe(1);
    expect(sumOf(events, ({ throttles }) => throttles["writes, no reason given"] ?? 0)).toBeGreaterThan(0);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "throttled", reason: "index InvertedIndex, provisioned capacity" }),
    );
    expect(events).toContainEqual(expect.objectContaining({ type: "loadBegun", table, items: lines.length }));
    expect(events).toContainEqual(expect.objectContaining({ type: "proofFinished", status: "equal" }));
    const { proof } = document as { proof: { readUnits: number } };
    const last = events.at(-1) as Extract<SeedEvent, { type: "runFinished" }>;
    expect(last).toMatchObject({ exitCode: 0, result: { written: document.written, proof } });

    const data = /<script type="application\/json" id="samples">(.*?)<\/script>/s.exec(page)?.[1] ?? "";
    expect(JSON.parse(data)).toEqual(events.filter(({ type }) => type === "sample"));
    expect(page).toContain(`${lines.length.toLocaleString("en-US")} read = `);
    // It loads nothing: what uPlot's own text says is no element of the page.
    const own = page.replace(/<script>.*?<\/script>/gs, "").replace(/<style>.*?<\/style>/gs, "");
    expect(own).not.toMatch(/<link|<img|<iframe|@import|\s(src|href)=/i);
    expect(page).toContain("default-src &#39;none&#39;");
    if (CHROMIUM === undefined) return;
    const opened = await browser.open(file);
    expect(await opened.page.locator("figure canvas").count()).toBe(5);
    expect([...opened.noises, ...opened.requests]).toEqual([]);
    await opened.page.close();
  });
});

describe("of a run that does not go through", () => {
  it("the events and the report say why, and hostile keys stand there as text", async () => {
    const folder = temporaryFolder();
    const files = { events: join(folder, "events.jsonl"), report: join(folder, "report.html") };
    const file = join(folder, `${HOSTILE.replaceAll("/", "|")}.json`);
    const item = { PK: HOSTILE, SK: HOSTILE, kind: "onerror" };
    writeFileSync(file, `${JSON.stringify(item)}\n${lines.slice(0, 3).join("")}`);
    const fault: FaultRule["fault"] = { kind: "error", name: "ValidationException", message: HOSTILE };
    const where: FaultRule["where"] = ({ body }) => JSON.stringify(body).includes('"onerror"');
    const rules: FaultRule[] = [{ operation: ["BatchWriteItem", "PutItem"], where, fault }];
    const { seed } = await makeStack(project.root, { rules });
    const { exitCode, document } = await seed({ files: [file] }, files);
    expect(exitCode).toBe(1);
    const events = eventsIn(files.events);
    const rejected = events.filter(({ type }) => type === "rejected");
    expect(document.rejected).toBe(1);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]).toMatchObject({ reason: expect.stringContaining(HOSTILE) });
    expect(events.at(-1)).toMatchObject({ type: "runFinished", exitCode: 1 });
    const page = readFileSync(files.report, "utf8");
    expect(page).toContain("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;");
    expect(page).not.toContain("<img");
  });

  it("an interrupted one leaves both", async () => {
    const folder = temporaryFolder();
    const files = { events: join(folder, "events.jsonl"), report: join(folder, "report.html") };
    const stop = new AbortController();
    const fault: FaultRule["fault"] = { kind: "throttle" };
    const where: FaultRule["where"] = () => {
      stop.abort(new InterruptedError("SIGINT"));
      return true;
    };
    const { seed } = await makeStack(project.root, {
      rules: [{ operation: "BatchWriteItem", where, fault }],
    });
    const { exitCode, document } = await seed({}, { ...files, signal: stop.signal });
    expect(exitCode).toBe(130);
    const events = eventsIn(files.events);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "loadFinished",
        stopped: "interrupted",
        unwritten: document.unwritten,
      }),
    );
    expect(events.at(-1)).toMatchObject({ type: "runFinished", exitCode: 130 });
    expect(readFileSync(files.report, "utf8")).toContain("the load stopped early (interrupted)");
  });

  it("a file with a defect leaves both, without a load", async () => {
    const folder = temporaryFolder();
    const files = { events: join(folder, "events.jsonl"), report: join(folder, "report.html") };
    const file = join(folder, "bad.json");
    writeFileSync(file, `{"PK":${JSON.stringify(HOSTILE)}}\n`);
    const { seed } = await makeStack(project.root);
    expect(await seed({ files: [file] }, files)).toMatchObject({ exitCode: 1 });
    const events = eventsIn(files.events);
    expect(events.map(({ type }) => type)).toEqual([
      "runBegun",
      "checkBegun",
      "checkFinished",
      "runFinished",
    ]);
    expect(events[2]).toMatchObject({ defects: 1, items: 0 });
    expect(events.at(-1)).toMatchObject({ exitCode: 1, error: { code: "seed-defects" } });
    expect(readFileSync(files.report, "utf8")).toContain("Nothing was sent");
  });
});

describe("before anything else, refused is", () => {
  it.each([
    ["events", "a folder", (folder: string) => folder],
    ["report", "a folder", (folder: string) => folder],
    ["events", "the file to load", (_folder: string, file: string) => file],
    ["report", "standard output", () => "-"],
  ] as const)("--%s of %s", async (option, _what, pathOf) => {
    const folder = temporaryFolder();
    const file = join(folder, "items.json");
    writeFileSync(file, lines.slice(0, 2).join(""));
    const { seed } = await makeStack(project.root);
    const outcome = await seed({ files: [file] }, { [option]: pathOf(folder, file) });
    expect(outcome).toMatchObject({ exitCode: 4, document: { error: { code: "usage" } } });
    expect(readFileSync(file, "utf8")).toBe(lines.slice(0, 2).join(""));
  });
});

describe("a file of events that cannot be written any more", () => {
  it("is told once, and what comes later is dropped", () => {
    const failures: string[] = [];
    const file = new EventFile("/dev/full", ({ message }) => void failures.push(message));
    for (const at of [1, 2, 3]) file.write({ at });
    file.close();
    expect(failures).toEqual([expect.stringContaining("ENOSPC")]);
  });
});

describe("requests are measured", () => {
  it("by the time to their answers, those in flight by time, and what is taken begins anew", async () => {
    let now = 0;
    const monitor = new RequestMonitor(() => now);
    const answers: (() => void)[] = [];
    const sender = monitor.watch({
      send: () => new Promise((resolve) => void answers.push(() => resolve({}))),
    });
    const sends = [sender.send("PutItem", Buffer.of()), sender.send("PutItem", Buffer.of())];
    now = 10;
    answers[0]?.();
    await sends[0];
    now = 20;
    const first = monitor.take();
    expect(first).toMatchObject({ seconds: 0.02, inFlight: { mean: 1.5, most: 2 }, throttles: {} });
    expect(first.latency).toMatchObject({ count: 1 });
    expect(first.latency?.p50).toBeCloseTo(10, 1);
    now = 50;
    answers[1]?.();
    await sends[1];
    const second = monitor.take();
    expect(second).toMatchObject({ inFlight: { mean: 1, most: 1 }, latency: { count: 1 } });
    expect(second.latency?.max).toBeCloseTo(50, 0);
    expect(monitor.take()).toMatchObject({ inFlight: { mean: 0, most: 0 }, latency: undefined });
  });
});
