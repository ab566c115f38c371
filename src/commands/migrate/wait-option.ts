import { duration } from "../duration.ts";

/** How long a run waits for a table that changes. */
export const WAIT_OPTION = {
  type: "string",
  describe: "how long to wait for an index, such as 10m; default 1h, then exit 2",
  requiresArg: true,
} as const;

/** The value of `--wait` in milliseconds, where it is given. @throws {UsageError} */
export function waitMs({ wait }: { wait?: string | undefined }): number | undefined {
  return wait === undefined ? undefined : duration("wait", wait);
}
