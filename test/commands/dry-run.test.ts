import { join } from "node:path";
import { expect, inject, test } from "vitest";
import type { CommandModule } from "yargs";
import { deployCommand } from "../../src/commands/deploy.ts";
import { doctorCommand } from "../../src/commands/doctor.ts";
import { localCommand } from "../../src/commands/local.ts";
import { migrateCommand } from "../../src/commands/migrate.ts";
import type { GlobalOptions } from "../../src/commands/options.ts";
import { seedCommand } from "../../src/commands/seed.ts";
import { startCommand } from "../../src/commands/start.ts";
import { streamCommand } from "../../src/commands/stream.ts";
import { tableCommand } from "../../src/commands/table.ts";
import { verifyCommand } from "../../src/commands/verify.ts";
import { READING_COMMANDS } from "../../src/dynamo/read-only.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { commandBed } from "../migrate/command-bed.ts";
import { ROOT } from "../support/processes.ts";
import { runCommand } from "../support/run-command.ts";

type Module = CommandModule<GlobalOptions, GlobalOptions>;

const COMMANDS: readonly Module[] = [
  startCommand,
  localCommand,
  deployCommand,
  seedCommand([]),
  migrateCommand,
  verifyCommand,
  tableCommand,
  streamCommand,
  doctorCommand,
];

/** What a command's builder asks of yargs: its options, and the commands below it. */
function declared({ builder }: Module): { options: string[]; members: Module[] } {
  const [options, members]: [string[], Module[]] = [[], []];
  const recorder: object = new Proxy(
    {},
    {
      get:
        (_, method) =>
        (first: unknown): object => {
          if (method === "command") members.push(first as Module);
          if (method === "option" && typeof first === "string") options.push(first);
          if (method === "options") options.push(...Object.keys(first as object));
          return recorder;
        },
    },
  );
  if (typeof builder === "function") builder(recorder as never);
  return { options, members };
}

/** The words of every command that has a dry run. */
function withDryRun(module: Module, path: readonly string[] = []): string[] {
  const [word = ""] = String([module.command].flat()[0]).split(" ");
  // A group's own command has no word of its own.
  const words = word === "$0" ? path : [...path, word];
  const { options, members } = declared(module);
  const below = members.flatMap((member) => withDryRun(member, words));
  return options.includes("dry-run") ? [words.join(" "), ...below] : below;
}

const FILE = join(ROOT, "seeds", "quick-photos", "items.json");
const NAMED = "0002-backfill-reaction-counts";

/** One way to run each of them, and its exit status where that is not 0. */
const DRY_RUNS: Readonly<Record<string, { args?: string[]; status?: number }>> = {
  deploy: { args: ["--project", ROOT] },
  seed: { args: [FILE] },
  "migrate up": {},
  "migrate down": {},
  "migrate baseline": { status: 1 },
  "migrate reconcile": {},
  "migrate repair": { args: [NAMED, "--mark-pending", "--reason", "a test"] },
};

/** What looks without being asked to. */
const LOOKS: Readonly<Record<string, { args?: string[]; status?: number }>> = {
  "migrate plan": {},
  "migrate status": {},
  "migrate check": { status: 2 },
  "migrate history": {},
  "table describe": {},
};

test("every command with a dry run is run here", () => {
  const found = COMMANDS.flatMap((module) => withDryRun(module));
  expect([...new Set(found)].sort()).toEqual(Object.keys(DRY_RUNS).sort());
});

test("a plan, a look and every dry run do with an IAM that only reads", { timeout: 120_000 }, async () => {
  const bed = await commandBed({ indexes: true });
  expect((await migrateUp(bed.environment, { to: NAMED })).error).toBeUndefined();

  const proxy = await startFaultProxy(inject("endpoint"));
  const everything = { ...DRY_RUNS, ...LOOKS };
  for (const [words, { args = [], status = 0 }] of Object.entries(everything)) {
    const module = COMMANDS.find(({ command }) => String(command).split(" ")[0] === words.split(" ")[0]);
    if (!module) throw new Error(`there is no command ${words}`);
    const place = args.includes("--project") ? [] : ["--project", bed.environment.migrations.root];
    const dry = words in DRY_RUNS ? ["--dry-run"] : [];
    const line = [...words.split(" "), ...args, ...dry, ...place, "--endpoint", proxy.endpoint, "--json"];
    const before = proxy.requests.length;
    const ran = await runCommand(module, line);
    const operations = proxy.requests.slice(before).map(({ operation }) => operation);
    expect({ words, status: ran.status, out: ran.status === status ? "" : ran.stdout }).toEqual({
      words,
      status,
      out: "",
    });
    expect(
      operations.filter((operation) => !READING_COMMANDS.has(`${operation}Command`)),
      words,
    ).toEqual([]);
  }
  expect(proxy.requests.length).toBeGreaterThan(Object.keys(everything).length);
});
