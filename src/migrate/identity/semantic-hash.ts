import { createHash } from "node:crypto";

/**
 * How hashes are made. Another esbuild may print the same code otherwise: where the golden hashes of
 * test/migrate/identity/semantic-hash.test.ts change, this grows by one, and old records are compared by
 * their files' text.
 */
export const HASH_ALGORITHM = 1;

/** What makes a migration's file the one that ran. */
export interface Fingerprint {
  /** `<algorithm>:<SHA-256 of the printed code>`: not changed by comments, formatters and line ends. */
  readonly hash: string;
  /** SHA-256 of the text with `\n` line ends: what is left to compare where the algorithms differ. */
  readonly fileHash: string;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** The fingerprint of a file: its text, and the same as {@link printCode} prints it. */
export function fingerprint(text: string, code: string): Fingerprint {
  return {
    hash: `${HASH_ALGORITHM}:${sha256(code)}`,
    fileHash: sha256(text.replaceAll("\r\n", "\n")),
  };
}

const algorithmOf = (hash: string) => hash.slice(0, hash.indexOf(":"));

/** Whether two files do the same, as far as their fingerprints can tell. */
export function isSame(a: Fingerprint, b: Fingerprint): boolean {
  return algorithmOf(a.hash) === algorithmOf(b.hash) ? a.hash === b.hash : a.fileHash === b.fileHash;
}
