import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderAnnotations, renderSummary } from "../../../src/verify/reports/github.ts";
import { findPatternPlaces } from "../../../src/verify/reports/pattern-place.ts";
import { ROOT } from "../../support/processes.ts";
import { design, querySet } from "../quick-photos.ts";
import { madeUpPattern, madeUpReport } from "./made-up.ts";

/** A workflow command as GitHub reads it. */
interface Command {
  readonly name: string;
  readonly properties: Record<string, string>;
  readonly message: string;
}

const unescapeData = (text: string) =>
  text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
const unescapeProperty = (text: string) => unescapeData(text.replaceAll("%3A", ":").replaceAll("%2C", ","));

/**
 * Reads a line as the runner does: `::name key=value,key=value::message`, where a raw comma ends a property, a raw
 * `::` the properties, and a line end the message (docs.github.com, "Workflow commands"; actions/runner, ActionCommand).
 */
function parseCommand(line: string): Command {
  const match = /^::([a-z-]+)(?: ([^\r\n]*?))?::([^\r\n]*)$/.exec(line);
  if (!match) throw new Error(`no workflow command: ${line}`);
  const [, name = "", properties = "", message = ""] = match;
  const pairs = properties.split(",").map((pair) => {
    const parts = /^([a-zA-Z]+)=(.+)$/s.exec(pair);
    if (!parts) throw new Error(`no property: ${pair}`);
    return [parts[1], unescapeProperty(parts[2] ?? "")];
  });
  return { name, properties: Object.fromEntries(pairs), message: unescapeData(message) };
}

const places = await findPatternPlaces(ROOT, "quick-photos");

test("every pattern is found where its id stands", () => {
  expect([...places.keys()].sort()).toEqual(querySet.patterns.map(({ id }) => id).sort());
  for (const [id, { file, line }] of places) {
    expect(file).toBe(`queries/quick-photos/${id}.ts`);
    expect(readFileSync(join(ROOT, file), "utf8").split("\n")[line - 1]).toMatch(
      new RegExp(`^(const id =| {2}id:) "${id}"`),
    );
  }
});

test("annotations: wrong is an error, dear and unknown are warnings, and all characters come back", () => {
  const message = "100% of a: b, c\r\n::error::second\n  line; ünï % 0A %0A";
  const report = madeUpReport(
    [
      madeUpPattern("fetch-user", 2),
      madeUpPattern("find-followers", 2, { status: "fail", message }),
      madeUpPattern("odd:id,%25", 2, { status: "indeterminate", message: "ThrottlingException" }),
      madeUpPattern("recent-photos", 9, { status: "overBudget", message: "it took 3.5 read units" }),
      madeUpPattern("upload-photo", 0, { status: "notRun", kind: "write" }),
    ],
    { readOnly: true },
  );
  expect(renderAnnotations(report, places).map(parseCommand)).toEqual([
    {
      name: "error",
      properties: {
        file: "queries/quick-photos/find-followers.ts",
        line: String(places.get("find-followers")?.line),
        title: "find-followers: FAIL",
      },
      message,
    },
    {
      name: "warning",
      properties: { title: "odd:id,%25: indeterminate" },
      message: "ThrottlingException",
    },
    {
      name: "warning",
      properties: {
        file: "queries/quick-photos/recent-photos.ts",
        line: String(places.get("recent-photos")?.line),
        title: "recent-photos: over budget",
      },
      message: "it took 3.5 read units\nrequests 1 of 1, read units 3.5 of 2",
    },
  ]);
});

test("GitHub shows ten of a level: the tenth says how many more there are, and which", () => {
  const failing = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      madeUpPattern(`p-${index}`, 0, { status: "fail", message: "wrong" }),
    );
  expect(renderAnnotations(madeUpReport(failing(10)), places)).toHaveLength(10);
  const commands = renderAnnotations(madeUpReport(failing(25)), places).map(parseCommand);
  expect(commands).toHaveLength(10);
  const last = commands.at(-1);
  expect(last?.properties).toEqual({ title: "16 more results" });
  expect(last?.message.split("\n")).toEqual(Array.from({ length: 16 }, (_, index) => `p-${index + 9}: FAIL`));
});

test("the summary is below GitHub's limit, and counts what is left out", () => {
  const message = "```\n# no heading\n".repeat(300);
  const patterns = Array.from({ length: 600 }, (_, index) =>
    madeUpPattern(`p-${index}`, 0, { status: "fail", message }),
  );
  const summary = renderSummary(madeUpReport(patterns), design);
  expect(Buffer.byteLength(summary)).toBeLessThan(1_000_000);
  const shown = summary.match(/^### FAIL: /gm)?.length ?? 0;
  expect(shown).toBeGreaterThan(100);
  expect(summary).toContain(`\nand ${600 - shown} more\n`);
  // Nothing of a message leaves its fence.
  expect(summary.match(/^````$/gm)?.length).toBe(2 * shown);

  const short = renderSummary(madeUpReport([madeUpPattern("fetch-user", 1)]), design);
  expect(short).toContain("**1 of 1 judged: 1 passed, 0 failed**");
  expect(short).toContain("| `fetch-user` | Title of fetch-user | base table | Query |");
});
