import { expect, it } from "vitest";
import { type DeployCommandOptions, deployMode } from "../../../src/commands/deploy/options.ts";
import { UsageError } from "../../../src/errors.ts";

const GLOBAL = {
  table: "t",
  stack: "dev",
  aws: false,
  dummyCredentials: false,
  json: false,
  verbose: false,
  color: true,
};
const mode = (options: Partial<DeployCommandOptions>) => deployMode({ ...GLOBAL, ...options });

it.each([
  [{}, "apply"],
  [{ dryRun: true, prune: true, endpoint: "http://127.0.0.1:1" }, "apply"],
  [{ plan: true, readsPerSecond: 0, storageGb: 1 }, "plan"],
  [{ diff: true, aws: true }, "diff"],
  [{ diff: true, endpoint: "http://127.0.0.1:1" }, "diff"],
  [{ graph: true, out: "a.mmd" }, "graph"],
])("%j is a %s", (options, expected) => {
  expect(mode(options)).toBe(expected);
});

it.each<[Partial<DeployCommandOptions>, string]>([
  [{ plan: true, diff: true }, "--plan and --diff do not go together"],
  [{ diff: true, graph: true }, "--diff and --graph do not go together"],
  [{ plan: true, dryRun: true }, "--plan and --dry-run do not go together"],
  [{ diff: true, prune: true }, "--diff and --prune do not go together"],
  [{ plan: true, aws: true }, "--plan and --aws do not go together (it belongs to --diff)"],
  [{ graph: true, endpoint: "http://127.0.0.1:1" }, "--graph and --endpoint do not go together"],
  [{ readsPerSecond: 0 }, "--reads-per-second says nothing here (it belongs to --plan)"],
  [{ diff: true, storageGb: 1 }, "--diff and --storage-gb do not go together"],
  [{ out: "a" }, "--out says nothing here (it belongs to --graph)"],
  [{ plan: true, out: "a" }, "--plan and --out do not go together"],
])("%j is refused", (options, message) => {
  expect(() => mode(options)).toThrow(UsageError);
  expect(() => mode(options)).toThrow(message);
});
