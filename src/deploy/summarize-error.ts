const STACK_LINE = /^\s+at /;
const RUNNER_HEADING = /^Running program '.*' failed with an unhandled exception:\n/;

/**
 * An error as Pulumi's runner prints it, without its heading and its stack trace: the whole message, and
 * the place in the program where it arose, when the trace names one.
 */
export function summarizeError(printed: string): string {
  const lines = printed.trim().replace(RUNNER_HEADING, "").split("\n");
  const trace = lines.findIndex((line) => STACK_LINE.test(line));
  if (trace < 0) return lines.join("\n");
  const message = lines.slice(0, trace).join("\n").trim();
  const place = lines
    .filter((line) => STACK_LINE.test(line) && !/node_modules|node:|<anonymous>$/.test(line))
    .map((line) => /([^\s(]+:\d+:\d+)\)?$/.exec(line)?.[1])
    .find((found) => found !== undefined);
  return place === undefined ? message : `${message} (at ${place.replace(/^file:\/\//, "")})`;
}
