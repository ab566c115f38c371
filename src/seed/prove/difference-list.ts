import { JsonlSink } from "../file/jsonl-sink.ts";
import { keyText } from "../key-text.ts";
import type { Difference, DifferenceKind } from "./proof.ts";

/** Differences that are kept in memory with their keys; all of them are counted, and in the file. */
export const MAX_LISTED_DIFFERENCES = 100;

/** Where differences go beside the proof. */
export interface DifferencesFile {
  /** A file that comes into being with the first difference. */
  readonly path: string;
  /** Show the kinds of the keys' values instead of the values. Default false. */
  readonly redact?: boolean | undefined;
}

/** What was found by comparing. */
export interface Findings extends Readonly<Record<DifferenceKind, number>> {
  readonly differences: readonly Difference[];
  /** The file with all of them, where there is any. */
  readonly differencesFile: string | undefined;
}

/** Counts differences, keeps the first of them, and writes each to a file as it is found. */
export class DifferenceList implements Findings {
  missing = 0;
  extra = 0;
  different = 0;
  readonly differences: Difference[] = [];
  readonly #sink: JsonlSink | undefined;
  readonly #redact: boolean;

  constructor(file: DifferencesFile | undefined) {
    this.#sink = file && new JsonlSink(file.path);
    this.#redact = file?.redact ?? false;
  }

  get differencesFile(): string | undefined {
    return this.#sink?.written;
  }

  async add(difference: Difference): Promise<void> {
    this[difference.kind] += 1;
    if (this.differences.length < MAX_LISTED_DIFFERENCES) this.differences.push(difference);
    await this.#sink?.write({ ...difference, key: keyText(difference.key, this.#redact) });
  }

  /** An item that may be there although the file does not have it: counted, and nothing else. */
  allowExtra(): void {
    this.extra += 1;
  }

  /** Flushes the file. */
  async close(): Promise<void> {
    await this.#sink?.close();
  }
}
