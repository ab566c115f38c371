import { vi } from "vitest";
import yargs, { type CommandModule } from "yargs";
import { type GlobalOptions, withGlobalOptions } from "../../src/commands/options.ts";
import type { Finished } from "./processes.ts";

/** Collects what is written to a stream of this process instead of writing it. */
function capture(stream: NodeJS.WriteStream) {
  let text = "";
  const spy = vi.spyOn(stream, "write").mockImplementation((chunk, ...rest) => {
    text += chunk.toString();
    for (const written of rest) if (typeof written === "function") written();
    return true;
  });
  return { text: () => text, restore: () => spy.mockRestore() };
}

/**
 * Runs a command of the CLI in this process, from its sources: options, output and exit status are those of
 * a run of its own, which takes half a second longer. One at a time, as the streams are the process's.
 */
export async function runCommand(
  command: CommandModule<GlobalOptions, GlobalOptions>,
  args: readonly string[],
): Promise<Omit<Finished, "signal">> {
  const before = process.exitCode;
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  try {
    await withGlobalOptions(yargs(args)).command(command).strict().exitProcess(false).parseAsync();
    return { status: Number(process.exitCode), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.restore();
    stderr.restore();
    process.exitCode = before;
  }
}
