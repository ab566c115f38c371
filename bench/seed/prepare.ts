import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The folder of this benchmark. */
export const HERE = fileURLToPath(new URL(".", import.meta.url));
/** The checkout. */
export const ROOT = join(HERE, "../..");
/** What is made once and used by every run. */
export const DATA = join(HERE, ".data");
/** The Python that has boto3. */
export const BOTO3_PYTHON = join(HERE, ".venv/bin/python");

async function installBoto3(): Promise<void> {
  if (existsSync(BOTO3_PYTHON)) return;
  await run("python3", ["-m", "venv", join(HERE, ".venv")]);
  await run(BOTO3_PYTHON, ["-m", "pip", "install", "--quiet", "-r", join(HERE, "requirements.txt")]);
}

/** Each thing that must be there, with how it comes there. */
const STEPS = {
  tablewright: () => run(process.execPath, ["scripts/build.mjs", "--if-stale"], { cwd: ROOT }),
  npm: async () => {
    if (!existsSync(join(HERE, "node_modules"))) await run("npm", ["ci", "--prefix", HERE]);
  },
  boto3: installBoto3,
};

/** What a contestant needs to be there. */
export type Need = keyof typeof STEPS;

/**
 * Builds and installs what contestants need.
 * @returns what is not to be had, with the reason
 */
export async function prepare(needs: Iterable<Need>): Promise<Map<Need, string>> {
  const missing = new Map<Need, string>();
  for (const need of new Set(needs)) {
    try {
      await STEPS[need]();
    } catch (error) {
      missing.set(need, error instanceof Error ? error.message : String(error));
    }
  }
  return missing;
}
