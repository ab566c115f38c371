import type { Verdict } from "../verdict.ts";

/** A value as JSON: sets as lists, bytes as base64, numbers beyond JavaScript's as text; long ones are cut. */
export type JsonValue = unknown;

/** One request of a run, and what DynamoDB answered. */
export interface RequestEvidence {
  /** Such as `Query`. */
  operation: string;
  /** Absent: the base table. */
  index?: string;
  /** Items in the answer, or keys that were found; absent for a write. */
  items?: number;
  /** Items that were read, where a filter threw some of them away. */
  scanned?: number;
  /** Read units by DynamoDB's sizing rules; absent where the answer does not show them. */
  readUnits?: number;
  /** Units that the answer reports. */
  reportedUnits?: number;
  /** DynamoDB has left a part of it over, which was asked for again: no budget counts it. */
  partial?: true;
  milliseconds: number;
}

/** The right answer in short; its rows stand in the answer where that is right, and in the difference where not. */
export type ExpectedEvidence =
  | { kind: "rows"; compare: "ordered" | "bag" | "subset"; count: number }
  | { kind: "done" }
  | { kind: "refusal"; code: string };

/** What the pattern answered. */
export type AnswerEvidence =
  /** `rows` holds the first of them. */
  | { kind: "rows"; count: number; pages: number; rows: JsonValue[] }
  | { kind: "done" }
  | { kind: "refusal"; code: string }
  /** It failed, or nobody knows: the message says how. */
  | { kind: "error" | "unknown" };

/** How an answer, or the table after a write, differs from the right one: the counts, and the first rows of each. */
export interface DifferenceEvidence {
  missingCount: number;
  extraCount: number;
  missing: JsonValue[];
  extra: JsonValue[];
  /** The first row out of place, where the same rows came in another order; positions count from 0. */
  outOfOrder?: { position: number; expected: JsonValue; actual: JsonValue };
}

/** The same answer, read in parts. */
export interface PartEvidence {
  /** Such as `read 2 a page`. */
  how: string;
  /** Pages of the pattern. */
  pages: number;
  status: Verdict["status"];
}

/** What was asked, sent, answered and measured for one input of a pattern. */
export interface InputEvidence {
  name: string;
  input: JsonValue;
  status: Verdict["status"];
  message?: string;
  /** The first request as it was sent; absent where nothing was. */
  request?: { operation: string; input: JsonValue };
  /** Every request of the whole answer, in order. */
  requests: RequestEvidence[];
  /** Time of the whole answer, in milliseconds. */
  milliseconds: number;
  expected: ExpectedEvidence;
  /** Absent where the pattern was not run. */
  answer?: AnswerEvidence;
  difference?: DifferenceEvidence;
  parts: PartEvidence[];
}
