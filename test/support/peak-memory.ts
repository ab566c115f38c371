import { launch, ROOT } from "./processes.ts";
import { CLI, cleanEnvironment } from "./project-copy.ts";

/** Runs the command to its end. @returns its document, and the most memory that its process held, in MB */
export async function runMeasured(
  args: readonly string[],
): Promise<{ status: number | null; megabytes: number; document: Record<string, unknown>; stderr: string }> {
  const program = `process.on("exit", () => console.error("peak " + process.resourceUsage().maxRSS));`;
  const preload = `data:text/javascript,${encodeURIComponent(program)}`;
  const { status, stdout, stderr } = await launch(
    process.execPath,
    ["--import", preload, CLI, ...args, "--json"],
    { cwd: ROOT, env: cleanEnvironment },
  ).finished;
  const megabytes = Number(/peak (\d+)\s*$/.exec(stderr)?.[1]) / 1024;
  return { status, megabytes, document: JSON.parse(stdout), stderr };
}
