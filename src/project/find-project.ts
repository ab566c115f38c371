import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ProjectNotFoundError } from "./errors.ts";

/** Where this program keeps, within a project, what it must remember. */
export const STATE_FOLDER = ".tablewright";

/** A project's folders. Content is found by path, so that the machinery works for any team's project. */
export interface Project {
  /** The folder that holds Pulumi.yaml, absolute. */
  readonly root: string;
  /** Where this program keeps what it must remember on this machine (gitignored). */
  readonly stateFolder: string;
}

/**
 * Finds the project that `start` lies in: the nearest folder with a Pulumi.yaml.
 * @throws {ProjectNotFoundError} when there is none up to the root of the disk.
 */
export function findProject(start: string): Project {
  const first = resolve(start);
  for (let folder = first; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) {
      return { root: folder, stateFolder: join(folder, STATE_FOLDER) };
    }
    if (dirname(folder) === folder) throw new ProjectNotFoundError(first);
  }
}
