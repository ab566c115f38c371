import { hash } from "node:crypto";

/** 32-bit words of a hash. */
export const HASH_WORDS = 4;

/**
 * Writes the first 128 bits of a text's SHA-256 as four words: enough that two keys never meet by chance (at
 * a thousand million items the chance is below 1e-20).
 */
export function writeHash(text: string, into: Uint32Array, at: number): void {
  // One call and one string: a Hash object and a Buffer each would take five times as long.
  const bytes = hash("sha256", text, "binary");
  for (let word = 0; word < HASH_WORDS; word += 1) {
    const from = word * 4;
    into[at + word] =
      bytes.charCodeAt(from) |
      (bytes.charCodeAt(from + 1) << 8) |
      (bytes.charCodeAt(from + 2) << 16) |
      (bytes.charCodeAt(from + 3) << 24);
  }
}
