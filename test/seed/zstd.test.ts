import fc from "fast-check";
import { expect, it } from "vitest";
import { decompress } from "../../src/seed/file/decompress.ts";

/** What `zstd -19 --check` makes of {@link TEXT}: with a checksum, which the package that decompresses ignores. */
const COMPRESSED = Buffer.from(
  "KLUv/WQGBY0HABbTKhSwaTmHhSN+AXMrpZQppTQ+ehKnJy0AIQAhABsXR9wqFotabUh8p7V4/+uWkc6HVFqtDAshcBgoOAAcIuDAACHhIHAYIDgoBBciO8OOhC46P2XKy+lIGscqBoNam5hGf1aKzDHfaTwRaq8tdT07TfW5RsIhU52JSta0UtN7mStmOyxL4bXI0ZgXF4aF+kg6o/NS5Rb/932h9BPDE81eQvF4lVcyt3FrYg/vB3aoEWB8vn8H4K0GECbGSPAB4FO5Na6V18bsuXlt3nlBXzvc2Hvzrrw6L4m5ZW6VWyeFUbercblBIDAQCNQ4GajCVAXt/wmA",
  "base64",
);
const TEXT = Array.from(
  { length: 60 },
  (_, index) => `{"PK":"user-${(index * 7919) % 1000}","SK":${index}}\n`,
).join("");
const SKIPPABLE = Buffer.from([0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

async function decompressed(bytes: Buffer, size = bytes.length): Promise<string> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
  }
  const parts: Buffer[] = [];
  for await (const part of decompress(chunks())) parts.push(part);
  return Buffer.concat(parts).toString();
}

it("frames are read however they come, with skippable ones between them", async () => {
  const both = Buffer.concat([COMPRESSED, SKIPPABLE, COMPRESSED]);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: both.length }), async (size) => {
      expect(await decompressed(both, size)).toBe(TEXT + TEXT);
    }),
    { numRuns: 60 },
  );
});

it("no flipped bit gives another content, and no end that is missing goes unseen", async () => {
  for (let bit = 0; bit < COMPRESSED.length * 8; bit += 1) {
    const damaged = Buffer.from(COMPRESSED);
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    // The first four bytes say that it is zstd, and a bit of the fifth that it has a checksum.
    if (bit < 32 || bit === 34) continue;
    const read = await decompressed(damaged).catch(() => TEXT);
    expect(read, `bit ${bit}`).toBe(TEXT);
  }
  for (let end = 4; end < COMPRESSED.length; end += 1)
    await expect(decompressed(COMPRESSED.subarray(0, end)), `${end} bytes`).rejects.toThrow();
});

it("a checksum that is not that of the content is named", async () => {
  const damaged = Buffer.from(COMPRESSED);
  damaged[damaged.length - 1] = (damaged.at(-1) as number) ^ 1;
  await expect(decompressed(damaged)).rejects.toThrow(/checksum/);
});
