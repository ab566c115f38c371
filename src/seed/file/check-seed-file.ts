import type { DefectSummary } from "../errors.ts";
import { type Duplicate, KeyPlaces } from "./duplicates/key-places.ts";
import type { DuplicatePolicy } from "./duplicates/policies.ts";
import { Superseded } from "./duplicates/superseded.ts";
import { JsonlSink } from "./jsonl-sink.ts";
import type { ReadBytesOptions } from "./read-bytes.ts";
import { filesOf, nameOf, readSeedChunks, type SeedInput } from "./read-seed-file.ts";
import type { Defect, SeedItem, TableKeys } from "./records.ts";
import { type SourceFile, SourceHash } from "./source-hash.ts";

/** Defects that are kept in memory and shown; the rest is counted and written to a file. */
export const MAX_LISTED_DEFECTS = 100;

/** What a check of a seed file found. */
export interface CheckReport extends DefectSummary {
  /** Items without a defect. */
  readonly items: number;
  /** Those of them that are left out, as others have their keys. */
  readonly superseded: Superseded;
  /** The size of the others as DynamoDB counts it, in bytes. */
  readonly itemBytes: number;
  /** What writing the others to an empty table costs, indexes included. */
  readonly writeUnits: number;
  /** What was in the files. */
  readonly content: readonly SourceFile[];
}

/** How a file is checked. */
export interface CheckOptions extends Omit<ReadBytesOptions, "onChunk"> {
  /** How the file is called in messages. Default: its path. */
  source?: string;
  /** Where all defects go when there are more than are listed. Without it they are only counted. */
  defectsFile?: string;
  /** What is done about items with one key. Default `error`. */
  duplicates?: DuplicatePolicy | undefined;
  /** Memory for the keys, in bytes; the rest goes to a temporary file. Default 8 MB. */
  keyMemoryBytes?: number | undefined;
  /** Called with each item without a defect of its own. */
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

/** Duplicates that are sorted by their places before they are reported. */
const SORTED_DUPLICATES = 100_000;

/** Reports duplicates by their places: they are found key by key. */
class DuplicateDefects {
  count = 0;
  readonly #defects: DefectList;
  #found: Duplicate[] = [];

  constructor(defects: DefectList) {
    this.#defects = defects;
  }

  async add(duplicate: Duplicate): Promise<void> {
    this.count += 1;
    this.#found.push(duplicate);
    if (this.#found.length === SORTED_DUPLICATES) await this.report();
  }

  async report(): Promise<void> {
    this.#found.sort((a, b) => a.number - b.number);
    for (const { place, first } of this.#found) {
      const file = first.source === undefined ? "" : ` of ${first.source}`;
      await this.#defects.add({ ...place, reason: `has the same key as line ${first.line}${file}` });
    }
    this.#found = [];
  }
}

/**
 * Reads a whole seed file, or several, and reports every defect in it, each with its line: what is no item, what
 * DynamoDB would refuse, and keys that stand there twice. Writes nothing to a table. Its memory does not grow
 * with the file.
 */
export async function checkSeedFile(
  file: string | SeedInput,
  keys: TableKeys,
  options: CheckOptions = {},
): Promise<CheckReport> {
  const defects = new DefectList(options.defectsFile);
  const keyPlaces = new KeyPlaces(options.duplicates ?? "error", options.keyMemoryBytes);
  const superseded = new Superseded();
  const content = new SourceHash(filesOf(file));
  const duplicates = new DuplicateDefects(defects);
  const totals = { items: 0, itemBytes: 0, writeUnits: 0 };
  let ordinal = 0;
  try {
    for await (const records of readSeedChunks(file, keys, { ...options, onChunk: content.add })) {
      for (const record of records) {
        ordinal += 1;
        if (record.kind === "defect") for (const defect of record.defects) await defects.add(defect);
        else {
          options.onItem?.(record);
          keyPlaces.add(record, ordinal);
          totals.items += 1;
          totals.itemBytes += record.bytes;
          totals.writeUnits += record.writeUnits;
        }
      }
    }
    await keyPlaces.settle({
      onDefect: (duplicate) => {
        totals.items -= 1;
        return duplicates.add(duplicate);
      },
      onSuperseded: ({ ordinal: left, bytes, writeUnits }) => {
        superseded.add(left);
        totals.itemBytes -= bytes;
        totals.writeUnits -= writeUnits;
      },
    });
    await duplicates.report();
  } finally {
    keyPlaces.close();
  }
  const defectsFile = await defects.close();
  return {
    source: options.source ?? nameOf(file),
    ...totals,
    superseded,
    content: content.files(),
    defects: defects.listed,
    defectCount: defects.count,
    duplicateCount: duplicates.count,
    defectsFile,
  };
}
