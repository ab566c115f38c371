import type { TableDesign } from "../../dynamo/table-design.ts";
import type { AnyAccessPattern } from "../../query/access-pattern.ts";
import type { Question } from "../judge-read.ts";
import { isPaged } from "../read-answer.ts";
import type { MutationKind } from "./kinds.ts";
import type { WireFact } from "./wire-facts.ts";

/** A reading pattern and the questions that its check asks. */
export interface AskedPattern {
  readonly pattern: AnyAccessPattern;
  readonly questions: readonly Question[];
}

/** What the patterns under test are, and what was seen of them. */
export interface TestedModel {
  readonly design: TableDesign;
  readonly readers: readonly AskedPattern[];
  readonly writers: readonly AnyAccessPattern[];
  readonly seen: ReadonlySet<WireFact>;
}

const LISTS = ["Query", "Scan"];

const declares = ({ pattern }: AskedPattern, operations: readonly string[]) =>
  operations.some((operation) => pattern.operations.includes(operation));

const hasRows = ({ questions }: AskedPattern, least: number, ordered = false) =>
  questions.some(
    ({ expectation }) =>
      expectation.kind === "rows" &&
      expectation.rows.length >= least &&
      (!ordered || expectation.compare === "ordered"),
  );

/** Why a model cannot have a kind of mistake, by what its patterns declare and have sent; undefined where it can. */
export function whyAbsent(kind: MutationKind, model: TestedModel): string | undefined {
  const { design, readers, writers, seen } = model;
  const lists = readers.filter((reader) => declares(reader, LISTS));
  const unless = (isPossible: boolean, reason: string) => (isPossible ? undefined : reason);
  switch (kind) {
    case "itemDropped":
      return unless(readers.length > 0, "no reading pattern");
    case "itemAdded":
      return unless(lists.length > 0, "no pattern reads by Query or Scan");
    case "valueChanged":
    case "attributeLost":
      return unless(readers.length > 0 || seen.has("value"), "nothing is read, and no value is written");
    case "offByOne":
      return unless(seen.has("number"), "no number is read or written");
    case "orderFlipped":
      return unless(
        readers.some((reader) => declares(reader, ["Query"]) && hasRows(reader, 2, true)),
        "no pattern reads two rows by Query in an order that counts",
      );
    case "wrongIndex":
      return unless(
        lists.length > 0 && Object.keys({ ...design.indexes, ...design.localIndexes }).length > 0,
        "no index, or no pattern reads by Query or Scan",
      );
    case "pageLost":
      return unless(
        readers.some((reader) => declares(reader, [...LISTS, "BatchGetItem"]) && hasRows(reader, 2)),
        "no pattern reads two rows by Query, Scan or BatchGetItem",
      );
    case "cursorIgnored":
    case "limitIgnored":
      return unless(
        readers.some(({ pattern }) => isPaged(pattern)),
        "no pattern has pages",
      );
    case "refusalLost":
    case "traceLeft":
      return unless(
        seen.has("condition"),
        writers.length > 0 ? "no write has a condition" : "nothing writes",
      );
    case "writeLost":
      return unless(seen.has("severalWrites"), "no transaction or batch of two writes");
    case "wrongKey":
      return unless(seen.has("put"), "nothing is put");
  }
}
