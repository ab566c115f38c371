import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect } from "vitest";
import { canonicalItem } from "../../src/dynamo/canonical-item.ts";
import type { SeedFormat } from "../../src/seed/file/formats.ts";
import { allItems } from "../support/tables.ts";
import { cellsText, items, JSON_WRITERS, zstdFrame } from "./item-writers.ts";
import { loadBed } from "./load-bed.ts";
import { temporaryFolder } from "./support.ts";

type Writer = readonly [text: (made: Parameters<typeof cellsText>[1]) => string, format?: SeedFormat];

const WRITERS: Readonly<Record<string, Writer>> = {
  ...Object.fromEntries(Object.entries(JSON_WRITERS).map(([name, text]): [string, Writer] => [name, [text]])),
  CSV: [(made) => cellsText(",", made), "csv"],
  TSV: [(made) => cellsText("\t", made), "tsv"],
};

const PACKINGS: Readonly<Record<string, (text: Buffer) => Buffer>> = {
  plain: (text) => text,
  gzip: (text) => gzipSync(text),
  zstd: zstdFrame,
};

/** Loads generated items, written in every way in turn, and looks whether the table holds them as they were. */
export async function proveRoundTrips(runs: number): Promise<void> {
  const { load, table, direct } = await loadBed();
  const file = join(temporaryFolder(), "items");
  const writers = Object.keys(WRITERS);
  let run = 0;
  const property = fc.asyncProperty(
    items,
    fc.constantFrom(...Object.keys(PACKINGS)),
    async (made, packing) => {
      const writer = writers[run % writers.length] as string;
      run += 1;
      const prefix = `${run}/`;
      const own = made.map((item) => ({ ...item, PK: { S: prefix + item.PK?.S } }));
      const [text, format] = WRITERS[writer] as Writer;
      const pack = PACKINGS[packing] as (typeof PACKINGS)[string];
      writeFileSync(file, pack(Buffer.from(text(own))));
      const result = await load({ files: [file], format });
      expect(result, writer).toMatchObject({ written: own.length, rejected: 0, stop: undefined });
      const stored = (await allItems(direct, table)).filter((item) => item.PK?.S?.startsWith(prefix));
      const sorted = (list: typeof own) => list.map(canonicalItem).sort();
      expect(sorted(stored as typeof own), writer).toEqual(sorted(own));
    },
  );
  await fc.assert(property, { numRuns: runs, endOnFailure: true });
}
