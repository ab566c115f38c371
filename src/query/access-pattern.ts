import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { z } from "zod";

/** What an access pattern works on: a document client and the physical table name. */
export interface Database {
  readonly client: Pick<DynamoDBDocumentClient, "send">;
  readonly table: string;
  readonly signal?: AbortSignal | undefined;
}

/** A request to DynamoDB as it is sent: the API's name and its input, in plain JavaScript values. */
export interface PatternRequest {
  /** Such as `Query`. */
  readonly operation: string;
  readonly input: object;
}

/** The most that one run of a pattern may take, whatever its input. */
export interface Budget {
  readonly requests: number;
  /** Read units by DynamoDB's sizing rules; for reading patterns. */
  readonly readUnits?: number;
}

/**
 * How the cost of one run grows with the data. None of them grows with items that are not in its answer.
 * `constant`: not at all. `page`: its item collection grows, and a page of its own bounds what a run reads.
 * `linear`: with the item collection that it reads.
 */
export type Growth = "constant" | "page" | "linear";

/** An access pattern as a value: what it asks, where it looks, how it runs and how its answer reads. */
export interface AccessPattern<Schema extends z.ZodObject = z.ZodObject, Result = unknown> {
  /** Kebab case; the file's name and the word after `tablewright query`. */
  readonly id: string;
  /** A few words: "Find followers of a user". */
  readonly title: string;
  /** One sentence: what it answers, in which order, what it refuses. */
  readonly description: string;
  readonly kind: "read" | "write";
  /** The index it reads, or undefined for the base table. */
  readonly index?: string;
  /** The DynamoDB operations it sends, such as `["Query"]`. */
  readonly operations: readonly string[];
  /** Reads that cost more than their answer, where they are meant: whole scans, and filters. Default: none. */
  readonly allows?: readonly ("scan" | "filter")[];
  /** What a run of it may take; `verify` says where it takes more. */
  readonly budget?: Budget;
  /** How that grows with the data; `verify --growth` measures it. */
  readonly growth?: Growth;
  /** The key condition, for people: `SK = #FRIEND#<username>`. */
  readonly keyCondition: string;
  /** The input, validated before anything is sent. Each field has a `describe()`, shown in `--help`. */
  readonly input: Schema;
  /**
   * The first request that {@link run} sends, token left out. Pure: it can be shown, and is held against what was
   * really sent. Of a pattern that sends several, what comes behind depends on the answer.
   */
  params(input: z.output<Schema>, table: string): PatternRequest;
  run(database: Database, input: z.output<Schema>): Promise<Result>;
  /** The answer as lines of text. */
  text(result: Result, input: z.output<Schema>): string[];
}

/** Checks the types of an access pattern and returns it as it is. */
export function defineAccessPattern<Schema extends z.ZodObject, Result>(
  pattern: AccessPattern<Schema, Result>,
): AccessPattern<Schema, Result> {
  return pattern;
}

// A list holds patterns of many inputs and results; `never` input keeps each callable only through its own schema.
/** Any access pattern, whatever its input and result. */
// biome-ignore lint/suspicious/noExplicitAny: the list is heterogeneous, and every use validates by the pattern's schema.
export type AnyAccessPattern = AccessPattern<any, any>;

/** What queries/<model>/index.ts exports by default. */
export interface QuerySet {
  readonly model: string;
  readonly patterns: readonly AnyAccessPattern[];
}

/** Where a request goes, in words: an index, or the base table where there is no name. */
export const placeOf = (index: string | undefined): string =>
  index === undefined ? "the base table" : `index ${index}`;
