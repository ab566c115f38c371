import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ConsumerRunningError, RunMarkError } from "../../src/stream/errors.ts";
import { claimCheckpoint } from "../../src/stream/only-run.ts";
import { eventually, launch, ROOT } from "../support/processes.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "only-run-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** A process that claims a checkpoint, and keeps it until it is killed. */
function otherRun(checkpoint: string) {
  const module = JSON.stringify(join(ROOT, "dist/stream/only-run.js"));
  const code = `import { claimCheckpoint } from ${module};
    try { claimCheckpoint(${JSON.stringify(checkpoint)}); console.log("claimed"); }
    catch (error) { console.log(error.code); }
    setInterval(() => {}, 1000);`;
  const process_ = launch(process.execPath, ["--input-type=module", "-e", code]);
  onTestFinished(async () => {
    process_.child.kill("SIGKILL");
    await process_.finished;
  });
  return process_;
}

it("a second run is refused while the first lives, and not once that was killed", async () => {
  const checkpoint = join(folder(), "streams", "photos.feed.json");
  const first = otherRun(checkpoint);
  await eventually(() => first.stdout().includes("claimed"), "the first run's claim", 20);
  expect(() => claimCheckpoint(checkpoint)).toThrow(ConsumerRunningError);
  expect(() => claimCheckpoint(checkpoint)).toThrow(`process ${first.child.pid} runs this consumer already`);
  // Another consumer of the table has a checkpoint of its own.
  claimCheckpoint(join(checkpoint, "..", "photos.search.json"))();

  first.child.kill("SIGKILL");
  await first.finished;
  const release = claimCheckpoint(checkpoint);
  expect(readdirSync(join(checkpoint, ".."))).toEqual([`photos.feed.json.run-${process.pid}`]);
  release();
  expect(readdirSync(join(checkpoint, ".."))).toEqual([]);
});

it("of several that start at once no two run", async () => {
  const checkpoint = join(folder(), "photos.feed.json");
  const runs = Array.from({ length: 4 }, () => otherRun(checkpoint));
  await eventually(() => runs.every(({ stdout }) => stdout().endsWith("\n")), "every run's answer", 30);
  const answers = runs.map(({ stdout }) => stdout().trim());
  expect(answers.filter((answer) => answer === "claimed").length).toBeLessThanOrEqual(1);
  expect(answers.filter((answer) => answer !== "claimed")).toContain("consumer-running");
});

it("a mark whose process id belongs to another process by now counts for nothing", () => {
  const checkpoint = join(folder(), "photos.feed.json");
  writeFileSync(`${checkpoint}.run-1`, "another start");
  claimCheckpoint(checkpoint)();
});

it("marks of processes that are gone are taken away beside other files too, and those of live ones left", () => {
  const place = folder();
  const [gone, alive] = ["photos.a.json.run-4194304", `photos.b.json.run-${process.ppid}`];
  for (const name of [gone, alive]) writeFileSync(join(place, name), "some start");
  claimCheckpoint(join(place, "photos.feed.json"))();
  expect(readdirSync(place)).toEqual([alive]);
});

it("says where the mark cannot be written", () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  expect(() => claimCheckpoint(join(file, "photos.feed.json"))).toThrow(RunMarkError);
});
