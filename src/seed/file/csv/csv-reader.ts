import { createItemParser, type ItemParser, withSource } from "../parse-item.ts";
import type { BrokenText } from "../piece.ts";
import type { Defect, SeedRecord, TableKeys } from "../records.ts";
import { cellJson, standIn } from "./cell-json.ts";
import { type Row, RowSplitter } from "./split-rows.ts";
import { type Column, readHeader } from "./typed-header.ts";

/** Reads CSV or TSV, whose first row says name and type of each column, one record a row. */
export class CsvReader {
  readonly #splitter: RowSplitter;
  readonly #parse: ItemParser;
  readonly #source: string | undefined;
  #columns: readonly Column[] | undefined;

  /** @param source the file, where there are several */
  constructor(format: "csv" | "tsv", keys: TableKeys, source?: string) {
    this.#splitter = new RowSplitter(format === "csv" ? "," : "\t");
    // A row becomes plain JSON, so every rule of items is that of the other formats.
    this.#parse = createItemParser(keys, { format: "json", source });
    this.#source = source;
  }

  async push(chunk: Buffer): Promise<Iterable<SeedRecord>> {
    return this.#records(await this.#splitter.push(chunk));
  }

  /** To be called behind the last chunk. */
  async end(): Promise<Iterable<SeedRecord>> {
    return this.#records(await this.#splitter.end());
  }

  *#records(rows: Iterable<Row | BrokenText>): Generator<SeedRecord> {
    for (const row of rows) {
      const record = "reason" in row ? this.#parse(row) : this.#recordOf(row);
      if (record) yield record.kind === "defect" ? withSource(record, this.#source) : record;
    }
  }

  #recordOf(row: Row): SeedRecord | undefined {
    if (this.#columns) return this.#itemOf(row, this.#columns);
    const header = readHeader(row.cells);
    if (!("mistakes" in header)) {
      this.#columns = header;
      return undefined;
    }
    const defects = header.mistakes.map(({ index, reason }) => {
      return { ...row.text.placeOf(index), reason: `${reason}; no row below it was read` };
    });
    return { kind: "defect", line: row.text.line, defects, endsReading: true };
  }

  #itemOf(row: Row, columns: readonly Column[]): SeedRecord | undefined {
    const { cells, text } = row;
    const { line } = text;
    if (cells.length !== columns.length) {
      const place = cells.length > columns.length ? text.placeOf(columns.length) : { line };
      const reason = `the row has ${cells.length} cells; the header has ${columns.length}`;
      return { kind: "defect", line, defects: [{ ...place, reason }] };
    }
    const { json, indexAt, defects } = jsonOf(row, columns);
    const placeAt = (position: number) => text.placeOf(indexAt(position));
    const record = this.#parse({ line, column: undefined, bytes: Buffer.from(json), placeAt });
    if (defects.length === 0) return record;
    const others = record?.kind === "defect" ? record.defects : [];
    return { kind: "defect", line, defects: [...defects, ...others] };
  }
}

/** A row as plain JSON, with the cell that stands at a position of it, and the cells that are none. */
interface RowJson {
  readonly json: string;
  readonly indexAt: (position: number) => number;
  readonly defects: readonly Defect[];
}

function jsonOf({ cells, text }: Row, columns: readonly Column[]): RowJson {
  const defects: Defect[] = [];
  const begins: { position: number; index: number }[] = [];
  let json = "{";
  for (const [index, content] of cells.entries()) {
    // An empty cell without quotes: the attribute is left out.
    if (content === "" && !text.isQuoted(index)) continue;
    const { name, type } = columns[index] as Column;
    const cell = content === undefined ? { reason: "is not valid UTF-8" } : cellJson(type, content);
    if ("reason" in cell) defects.push({ ...text.placeOf(index), reason: `${name} ${cell.reason}` });
    if (begins.length > 0) json += ",";
    begins.push({ position: json.length, index });
    json += `${JSON.stringify(name)}:${"json" in cell ? cell.json : standIn(type)}`;
  }
  const indexAt = (position: number) => begins.findLast((begin) => begin.position <= position)?.index ?? 0;
  return { json: `${json}}`, indexAt, defects };
}
