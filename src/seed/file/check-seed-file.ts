import { hash128 } from "../../dynamo/canonical-item.ts";
import type { DefectSummary } from "../errors.ts";
import { HashIndex } from "./hash-index.ts";
import { JsonlSink } from "./jsonl-sink.ts";
import { type ItemPlace, PlaceNumbers } from "./place-numbers.ts";
import type { ReadBytesOptions } from "./read-bytes.ts";
import { nameOf, readSeedFile, type SeedInput } from "./read-seed-file.ts";
import type { Defect, SeedItem, TableKeys } from "./records.ts";

/** Defects that are kept in memory and shown; the rest is counted and written to a file. */
export const MAX_LISTED_DEFECTS = 100;

/** What a check of a seed file found. */
export interface CheckReport extends DefectSummary {
  /** Items without a defect. */
  readonly items: number;
  /** Their size as DynamoDB counts it, in bytes. */
  readonly itemBytes: number;
  /** What writing them to an empty table costs, indexes included. */
  readonly writeUnits: number;
}

/** How a file is checked. */
export interface CheckOptions extends ReadBytesOptions {
  /** How the file is called in messages. Default: its path. */
  source?: string;
  /** Where all defects go when there are more than are listed. Without it they are only counted. */
  defectsFile?: string;
  /** Called with each item without a defect. */
  onItem?: ((item: SeedItem) => void) | undefined;
}

/** Keeps the first defects and writes all of them away as soon as there are more. */
class DefectList {
  readonly listed: Defect[] = [];
  readonly #sink: JsonlSink | undefined;
  count = 0;

  constructor(file: string | undefined) {
    this.#sink = file === undefined ? undefined : new JsonlSink(file);
  }

  async add(defect: Defect): Promise<void> {
    this.count += 1;
    if (this.count <= MAX_LISTED_DEFECTS) this.listed.push(defect);
    else if (this.count === MAX_LISTED_DEFECTS + 1)
      for (const earlier of [...this.listed, defect]) await this.#sink?.write(earlier);
    else await this.#sink?.write(defect);
  }

  async close(): Promise<string | undefined> {
    await this.#sink?.close();
    return this.#sink?.written;
  }
}

/** Knows a key's first line: 27 to 53 bytes of memory an item (see {@link HashIndex}). */
class KeyLines {
  readonly #index = new HashIndex();
  readonly #places = new PlaceNumbers();

  /** The place of an earlier item with the same key; else remembers this one. */
  earlier(item: SeedItem): ItemPlace | undefined {
    const hash = hash128(item.key);
    const number = this.#places.numberOf(item);
    const slot = this.#index.find(hash);
    if (slot !== -1) return this.#places.placeOf(this.#index.numberAt(slot));
    this.#index.add(hash, number);
    return undefined;
  }
}

/**
 * Reads a whole seed file, or several, and reports every defect in it, each with its line: what is no item, what
 * DynamoDB would refuse, and keys that stand there twice. Writes nothing to a table.
 */
export async function checkSeedFile(
  file: string | SeedInput,
  keys: TableKeys,
  options: CheckOptions = {},
): Promise<CheckReport> {
  const defects = new DefectList(options.defectsFile);
  const keyLines = new KeyLines();
  const totals = { items: 0, itemBytes: 0, writeUnits: 0 };
  for await (const record of readSeedFile(file, keys, options)) {
    if (record.kind === "defect") {
      for (const defect of record.defects) await defects.add(defect);
      continue;
    }
    const earlier = keyLines.earlier(record);
    if (earlier !== undefined) {
      const { source, line } = record;
      const file = earlier.source === undefined ? "" : ` of ${earlier.source}`;
      const reason = `has the same key as line ${earlier.line}${file}`;
      await defects.add({ ...(source !== undefined && { source }), line, reason });
      continue;
    }
    options.onItem?.(record);
    totals.items += 1;
    totals.itemBytes += record.bytes;
    totals.writeUnits += record.writeUnits;
  }
  const defectsFile = await defects.close();
  return {
    source: options.source ?? nameOf(file),
    ...totals,
    defects: defects.listed,
    defectCount: defects.count,
    defectsFile,
  };
}
