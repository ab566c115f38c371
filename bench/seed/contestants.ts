import { join } from "node:path";
import { BOTO3_PYTHON, HERE, type Need, ROOT } from "./prepare.ts";

/** Requests in flight at once, of each contestant that has such a window. */
export const WINDOW = 16;

/** Where a contestant finds what it loads, and whereto. */
export interface Load {
  readonly endpoint: string;
  readonly table: string;
  /** JSON lines. */
  readonly itemsFile: string;
  /** The same as finished requests, one a line. */
  readonly requestsFile: string;
}

/** A process that loads a file. */
export interface Contestant {
  readonly name: string;
  readonly needs: Need;
  command(load: Load): readonly string[];
}

/** The one that all others are compared with. */
export const OURS = "tablewright";

const loop = (name: string): Contestant => ({
  name,
  needs: "npm",
  command: () => [process.execPath, join(HERE, "rivals", `${name}.mjs`)],
});

const boto3 = (threads: number): Contestant => ({
  name: `boto3, ${threads} thread${threads > 1 ? "s" : ""}`,
  needs: "boto3",
  command: () => [BOTO3_PYTHON, join(HERE, "rivals/boto3_batch_writer.py"), String(threads)],
});

/** All contestants; `raw-http` does nothing that a loader must do besides sending. */
export const CONTESTANTS: readonly Contestant[] = [
  {
    name: OURS,
    needs: "tablewright",
    // Without the proof: nobody else has one, and the sink keeps nothing to scan.
    command: ({ endpoint, itemsFile }) => [
      process.execPath,
      join(ROOT, "dist/cli.js"),
      ...["seed", itemsFile, "--endpoint", endpoint, "--project", ROOT],
      ...["--concurrency", String(WINDOW), "--proof", "none", "--json"],
    ],
  },
  loop("raw-http"),
  loop("lib-dynamodb"),
  loop("electrodb"),
  loop("dynamodb-toolbox"),
  boto3(1),
  boto3(8),
];
