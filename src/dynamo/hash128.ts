import { hash } from "node:crypto";

/**
 * The first 128 bits of SHA-256 of a text: enough that two items never meet by chance (at a thousand million
 * items the chance is below 1e-20).
 */
export function hash128(text: string): Buffer {
  return hash("sha256", text, "buffer").subarray(0, 16);
}

/** 32-bit words of a {@link hash128}. */
export const HASH_WORDS = 4;

/** Writes a {@link hash128} as words into an array, with no objects made on the way. */
export function writeHash128(text: string, into: Uint32Array, at: number): void {
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
