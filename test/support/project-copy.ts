import { execFileSync } from "node:child_process";
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { CLI, type Finished, ROOT, tablewright } from "./processes.ts";

/** A copy of this project's content, with a state folder of its own, so that a test never meets the developer's engine. */
export interface ProjectCopy {
  readonly root: string;
  /** Runs the compiled command in the copy, with a clean environment for targets and colours. */
  run(...args: string[]): Promise<Finished>;
}

/** A folder in memory where the system has one: DynamoDB Local waits for the disk at each write of a kept table. */
function memoryFolder(): string {
  try {
    accessSync("/dev/shm", constants.W_OK);
    return "/dev/shm";
  } catch {
    return tmpdir();
  }
}

/** Variables of the caller that would change where a command goes or how it prints. */
const CLEAN: NodeJS.ProcessEnv = {
  ...process.env,
  AWS_ENDPOINT_URL: "",
  AWS_ENDPOINT_URL_DYNAMODB: "",
  AWS_CONFIG_FILE: "/nonexistent",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
  AWS_EC2_METADATA_DISABLED: "true",
  // On GitHub Actions verify tells GitHub, too.
  GITHUB_ACTIONS: "",
  GITHUB_STEP_SUMMARY: "",
  NO_COLOR: "1",
};

/**
 * Copies what git knows of the project (new files too) to a temporary folder; ends its engine when the test does.
 * @param atEnd when to clean up: `afterAll` for a copy that a whole file shares
 */
export function copyProject(
  atEnd: (cleanUp: () => Promise<void>) => void = onTestFinished,
  parent = memoryFolder(),
): ProjectCopy {
  const root = mkdtempSync(join(parent, "tablewright-project-"));
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  for (const file of listed.split("\n").filter(Boolean)) {
    if (/^(src|test|docs|\.)/.test(file)) continue;
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(ROOT, file), join(root, file));
  }
  for (const folder of ["node_modules", "dist"]) symlinkSync(join(ROOT, folder), join(root, folder));
  const run = (...args: string[]) => tablewright(args, { cwd: root, env: CLEAN });
  atEnd(async () => {
    if (existsSync(join(root, ".tablewright", "engine.json"))) await run("local", "stop");
    rmSync(root, { recursive: true, force: true });
  });
  return { root, run };
}

export { CLEAN as cleanEnvironment, CLI };
