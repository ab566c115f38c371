import { open } from "node:fs/promises";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { isSafeNumber, parse } from "lossless-json";
import { scanSegments } from "../dynamo/scan.ts";
import type { PlainItem } from "../query/oracle.ts";
import { type SourceDefect, SourceFileError, SourceMissingError } from "./errors.ts";

/** An oracle computes with JavaScript's numbers: one that does not fit in them is a defect, never rounded. */
function toNumber(text: string): number {
  if (!isSafeNumber(text)) throw new RangeError(`the number ${text} has more digits than an oracle can hold`);
  return Number(text);
}

function parseLine(line: string): PlainItem {
  const value = parse(line, undefined, toNumber);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError("is not a JSON object");
  }
  return value as PlainItem;
}

/**
 * Reads a file of JSON lines, one plain item a line; empty lines are passed over.
 * @throws {SourceMissingError} where it cannot be opened; {@link SourceFileError} naming every bad line.
 */
export async function readSourceFile(file: string): Promise<PlainItem[]> {
  const handle = await open(file).catch((error: unknown) => {
    throw new SourceMissingError(file, error);
  });
  const items: PlainItem[] = [];
  const defects: SourceDefect[] = [];
  let line = 0;
  for await (const text of handle.readLines()) {
    line += 1;
    if (text.trim() === "") continue;
    try {
      items.push(parseLine(text));
    } catch (error) {
      defects.push({ line, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  if (defects.length > 0) throw new SourceFileError(file, defects);
  return items;
}

/** Where the right answers come from; read only when it is certain that the run goes on. */
export interface VerifySource {
  /** For messages and the report. */
  readonly name: string;
  read(signal?: AbortSignal): Promise<readonly PlainItem[]>;
}

/** A file of JSON lines as the source. */
export function fileSource(file: string, name = file): VerifySource {
  return { name, read: () => readSourceFile(file) };
}

/** The table itself as the source, by a consistent scan: for a table that users write to. */
export function tableSource(client: DynamoDBClient, table: string): VerifySource {
  const read = async (signal?: AbortSignal) => {
    const items: PlainItem[] = [];
    await scanSegments(client, { table, signal }, (page) => {
      for (const item of page) items.push(unmarshall(item));
    });
    return items;
  };
  return { name: `a consistent scan of ${table}`, read };
}
