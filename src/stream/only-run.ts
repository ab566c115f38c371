import { claimFile } from "../project/claim-file.ts";
import { ConsumerRunningError, RunMarkError } from "./errors.ts";

/**
 * Makes sure that this process is the only one that works with a checkpoint on this machine: two would read
 * the same records, and each would note its own progress over the other's.
 * @param checkpoint the checkpoint's file; the marks lie beside it
 * @returns what takes the mark away again
 * @throws {ConsumerRunningError} {@link RunMarkError}
 */
export const claimCheckpoint = (checkpoint: string): (() => void) =>
  claimFile(checkpoint, {
    held: (mark, pid) => new ConsumerRunningError(mark, pid),
    unwritable: (mark, cause) => new RunMarkError(mark, cause),
  });
