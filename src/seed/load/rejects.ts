import { createReadStream } from "node:fs";
import { stat, truncate } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { LosslessNumber } from "lossless-json";
import { REDACTED_VIEW } from "../../dynamo/item-view.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { RejectsChangedError } from "../errors.ts";
import { JsonlSink } from "../file/jsonl-sink.ts";
import type { Defect, SeedItem } from "../file/records.ts";

/** Rejected items that are kept in memory and shown; all of them are in the file. */
export const MAX_LISTED_REJECTS = 10;

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

function plainValue(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return new LosslessNumber(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.L !== undefined) return value.L.map(plainValue);
  if (value.M !== undefined) return plainItem(value.M);
  if (value.B !== undefined) return { $binary: base64(value.B) };
  if (value.SS !== undefined) return { $stringSet: value.SS };
  if (value.NS !== undefined) return { $numberSet: value.NS.map((text) => new LosslessNumber(text)) };
  if (value.BS !== undefined) return { $binarySet: value.BS.map(base64) };
  return null;
}

/** An item of a seed file as plain JSON again, numbers with all their digits, sets and binary by their tags. */
function plainItem(item: StoredItem): object {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
}

/** Where rejects are kept. */
export interface RejectsPlace {
  readonly file: string;
  readonly bytes: number;
}

/** The first defects of a file of rejects. */
async function readDefects(file: string): Promise<Defect[]> {
  const listed: Defect[] = [];
  const input = createReadStream(file);
  for await (const text of createInterface({ input })) {
    const { item: _item, ...defect } = JSON.parse(text) as Defect & { item?: unknown };
    listed.push(defect);
    if (listed.length === MAX_LISTED_REJECTS) break;
  }
  input.destroy();
  return listed;
}

/** The names of an item's attributes with the kinds of their values. */
function kindsOf(item: StoredItem): object {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, REDACTED_VIEW.value(value)]));
}

/** Collects what was rejected in a JSON-lines file, one `{source?, line, column?, reason, item?}` a line. */
export class Rejects {
  /** The first of them. */
  readonly listed: Defect[];
  readonly #sink: JsonlSink;
  readonly #show: (item: StoredItem) => object;

  private constructor(sink: JsonlSink, listed: Defect[], redact: boolean) {
    this.#sink = sink;
    this.listed = listed;
    this.#show = redact ? kindsOf : plainItem;
  }

  /**
   * A file that comes into being with the first reject.
   * @param redact write the kinds of the items' values instead of the values. Default false.
   */
  static none(file: string, redact = false): Rejects {
    return new Rejects(new JsonlSink(file), [], redact);
  }

  /**
   * Goes on with the file of an earlier run. What stands behind the bytes that its ledger knows of is cut off:
   * those items are open, and come again.
   * @throws {RejectsChangedError} where the file is not there any more, or shorter.
   */
  static async reopen({ file, bytes }: RejectsPlace, redact = false): Promise<Rejects> {
    if (bytes === 0) return Rejects.none(file, redact);
    try {
      const { size } = await stat(file);
      if (size < bytes) throw new RejectsChangedError(file, bytes, size);
      await truncate(file, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new RejectsChangedError(file, bytes, 0);
      throw error;
    }
    return new Rejects(new JsonlSink(file, bytes), await readDefects(file), redact);
  }

  /** Where they are, with what is still on its way to the disk. */
  get place(): RejectsPlace {
    return { file: this.#sink.path, bytes: this.#sink.length };
  }

  async add(defects: readonly Defect[], item?: SeedItem): Promise<void> {
    this.listed.push(...defects.slice(0, MAX_LISTED_REJECTS - this.listed.length));
    await this.#sink.write(...defects.map((defect) => ({ ...defect, item: item && this.#show(item.item) })));
  }

  /** Waits until the disk has all of them. */
  sync(): Promise<void> {
    return this.#sink.sync();
  }

  /** Closes the file and returns its path, or undefined where nothing was rejected. */
  async close(): Promise<string | undefined> {
    await this.#sink.close();
    return this.#sink.written;
  }
}
