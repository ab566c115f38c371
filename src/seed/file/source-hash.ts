import { createHash, type Hash } from "node:crypto";

/** A file of a source, by what is in it. */
export interface SourceFile {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** Whether both have the same files' content, in the same order; what they are called does not matter. */
export const hasSameContent = (was: readonly SourceFile[], is: readonly SourceFile[]): boolean =>
  was.length === is.length && was.every(({ sha256 }, index) => is[index]?.sha256 === sha256);

/** Takes the bytes of a source's files as they are read, and tells what was in them. */
export class SourceHash {
  readonly #files = new Map<string, { bytes: number; hash: Hash }>();

  /** @param files all of the source, in their order: an empty one gives no bytes */
  constructor(files: readonly string[]) {
    for (const name of files) this.#files.set(name, { bytes: 0, hash: createHash("sha256") });
  }

  /** Takes the next bytes of a file, as they stand on the disk. */
  readonly add = (chunk: Buffer, name: string): void => {
    const file = this.#files.get(name);
    if (!file) throw new TypeError(`${name} is not a file of this source`);
    file.bytes += chunk.length;
    file.hash.update(chunk);
  };

  /** The files, once all of their bytes were taken. */
  files(): SourceFile[] {
    return [...this.#files].map(([name, { bytes, hash }]) => ({
      name,
      bytes,
      sha256: hash.copy().digest("hex"),
    }));
  }
}
