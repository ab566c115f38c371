import type { SeedItem } from "./records.ts";

/** Where an item stands: its line, and its file where there are several. */
export type ItemPlace = Pick<SeedItem, "source" | "line">;

/** Knows places by one number each, from 1: that of a line in a file that follows all files before it. */
export class PlaceNumbers {
  readonly #files: { readonly source: string | undefined; readonly linesBefore: number }[] = [];
  #last = 0;

  /** The number of a place; places must come in their order. */
  numberOf({ source, line }: ItemPlace): number {
    let file = this.#files.at(-1);
    if (!file || file.source !== source) {
      file = { source, linesBefore: this.#last };
      this.#files.push(file);
    }
    this.#last = file.linesBefore + line;
    return this.#last;
  }

  placeOf(number: number): ItemPlace {
    const file = this.#files.findLast(({ linesBefore }) => linesBefore < number);
    return { source: file?.source, line: number - (file?.linesBefore ?? 0) };
  }
}
