import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where Linux tells when a process began: this field of /proc/<pid>/stat, counted behind the name. */
const STATE = 0;
const START_TIME = 19;

/** How a mark is called: by its file and the process. */
const MARK = /^(.+)\.run-(\d+)$/;

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

/** The marks that other processes have left beside the files of a folder. */
function otherMarks(folder: string): { mark: string; file: string; pid: number }[] {
  return readdirSync(folder).flatMap((name) => {
    const [, file = "", pid] = MARK.exec(name) ?? [];
    return pid === undefined || Number(pid) === process.pid
      ? []
      : [{ mark: join(folder, name), file: join(folder, file), pid: Number(pid) }];
  });
}

/** What a mark says; undefined where its process has ended meanwhile. */
function readMark(mark: string): string | undefined {
  try {
    return readFileSync(mark, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** What a claim that fails is thrown as. */
export interface ClaimErrors {
  /** Another process has the file. @param mark the file by which that is known */
  held(mark: string, pid: number): Error;
  /** This process cannot leave its mark. */
  unwritable(mark: string, cause: unknown): Error;
}

/**
 * Makes sure that this process is the only one on this machine that works with a file. Each process leaves
 * a mark of its own beside it, and then looks for others, so of two that start at once at least one sees
 * the other. The mark of a process that was killed counts for nothing, and is taken away with those beside other
 * files of the folder.
 * @returns what takes the mark away again
 * @throws what `errors` makes
 */
export function claimFile(file: string, errors: ClaimErrors): () => void {
  const folder = dirname(file);
  const own = `${file}.run-${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(own, identityOf(process.pid) ?? "");
  } catch (error) {
    // On a full disk there is room for its name, and none for what it says.
    if (existsSync(own)) rmSync(own);
    throw errors.unwritable(own, error);
  }
  const release = () => rmSync(own, { force: true });
  try {
    for (const { mark, file: marked, pid } of otherMarks(folder)) {
      const identity = identityOf(pid);
      // Who works with another file may just be writing its mark.
      if (identity !== undefined && marked !== file) continue;
      if (identity !== undefined && readMark(mark) === identity) throw errors.held(mark, pid);
      rmSync(mark, { force: true });
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}
