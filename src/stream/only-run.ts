import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ConsumerRunningError, RunMarkError } from "./errors.ts";

/** Where Linux tells when a process began: this field of /proc/<pid>/stat, counted behind the name. */
const STATE = 0;
const START_TIME = 19;

/**
 * Tells a process from a later one of the same id.
 * @returns undefined where there is none; always the same text where the system does not tell them apart.
 */
function identityOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[STATE] === "Z" ? undefined : fields[START_TIME];
  } catch {
    // No such process, or a system without /proc.
  }
  try {
    process.kill(pid, 0);
    return "alive";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? "alive" : undefined;
  }
}

/** The marks that runs of other processes have left beside a checkpoint. */
function otherMarks(folder: string, prefix: string): { file: string; pid: number }[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => ({ file: join(folder, name), pid: Number(name.slice(prefix.length)) }))
    .filter(({ pid }) => pid !== process.pid);
}

/** What a mark says; undefined where its run has ended meanwhile. */
function readMark(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Makes sure that this process is the only one that works with a checkpoint on this machine: two would read
 * the same records, and each would note its own progress over the other's. Each run leaves a mark of its own,
 * and then looks for others, so of two that start at once at least one sees the other. The mark of a process
 * that was killed counts for nothing.
 * @param checkpoint the checkpoint's file; the marks lie beside it
 * @returns what takes the mark away again
 * @throws {ConsumerRunningError} {@link RunMarkError}
 */
export function claimCheckpoint(checkpoint: string): () => void {
  const [folder, prefix] = [dirname(checkpoint), `${basename(checkpoint)}.run-`];
  const own = join(folder, `${prefix}${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(own, identityOf(process.pid) ?? "");
  } catch (error) {
    throw new RunMarkError(own, error);
  }
  const release = () => rmSync(own, { force: true });
  try {
    for (const { file, pid } of otherMarks(folder, prefix)) {
      const noted = readMark(file);
      if (noted !== undefined && noted === identityOf(pid)) throw new ConsumerRunningError(file, pid);
      rmSync(file, { force: true });
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}
