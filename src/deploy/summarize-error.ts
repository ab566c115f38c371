import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const STACK_LINE = /^\s+at /;
/** What Pulumi's runner and Node's inspect put before the message itself. */
const HEADING = /^(Running program '.*' failed with an unhandled exception:\n)?(<ref \*\d+> )?(Error: )?/;
const PLACE = /([^\s(]+):(\d+):\d+\)?$/;

/** The first line of the program's own code that a stack trace names, as file:line. */
function placeOf(trace: readonly string[], folder: string): string | undefined {
  for (const line of trace) {
    const [, file = "", number] = PLACE.exec(line) ?? [];
    const path = file.startsWith("file://") ? fileURLToPath(file) : file;
    if (path.startsWith(folder) && !path.includes("node_modules"))
      return `${relative(folder, path)}:${number}`;
  }
  return undefined;
}

/**
 * An error as Pulumi's runner prints it, without heading and stack trace: the whole message, and the
 * place in the program where it arose, when the trace names one.
 * @param folder the program's folder, absolute
 */
export function summarizeError(printed: string, folder: string): string {
  const lines = printed.trim().replace(HEADING, "").split("\n");
  const trace = lines.findIndex((line) => STACK_LINE.test(line));
  if (trace < 0) return lines.join("\n");
  const message = lines.slice(0, trace).join("\n").trim();
  const place = placeOf(lines.slice(trace), folder);
  return place === undefined ? message : `${message} (at ${place})`;
}
