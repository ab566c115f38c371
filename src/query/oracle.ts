import type { AnyAccessPattern } from "./access-pattern.ts";

/** An item as plain JavaScript values. */
export type PlainItem = Readonly<Record<string, unknown>>;

/** A seeded source of randomness: the same seed draws the same inputs. */
export interface Random {
  /** A number from 0 up to, not including, 1. */
  next(): number;
  /** Up to `count` different elements of a list, in drawn order. */
  sample<T>(list: readonly T[], count: number): T[];
}

/** What the right answer is: rows to compare, or the code of the error that refuses the input. */
export type Expectation =
  /** `ordered`: the same rows in the same order; `bag`: the same rows in any order. */
  | { readonly kind: "rows"; readonly compare: "ordered" | "bag"; readonly rows: readonly unknown[] }
  /** So many of these rows, each at most once, whichever they are and in any order. */
  | {
      readonly kind: "rows";
      readonly compare: "subset";
      readonly rows: readonly unknown[];
      readonly count: number;
    }
  | { readonly kind: "refusal"; readonly code: string };

/** One input of a check. An answer without rows must be declared, or it fails. */
export interface CheckInput<Input extends object = object> {
  /** For reports: "david25, who has no followers". */
  readonly name: string;
  /** What the pattern is given; its shape is up to the check. */
  readonly input: Input;
  /** True where the right answer has no rows, or is a refusal. */
  readonly empty?: boolean;
}

/** The independent check of a reading pattern. */
export interface ReadCheck<Source, Input extends object = object> {
  readonly kind: "read";
  readonly pattern: AnyAccessPattern;
  /** Inputs that people know, asked in every run, in front of those that are drawn. */
  examples?(source: Source): CheckInput<Input>[];
  /**
   * Inputs drawn from the source, at least one with rows and one that must be empty.
   * @param count how many inputs with rows to draw where the source has so many
   */
  inputs(source: Source, random: Random, count: number): CheckInput<Input>[];
  /** The right answer, from source attributes alone, never from key strings. */
  expected(source: Source, input: Input): Expectation;
  /** The rows of what the pattern answered, in the shape of the expectation's. */
  rows(result: unknown): readonly unknown[];
  /** Where the next page begins; undefined after the last. A pattern with a `cursor` input needs it. */
  nextCursor?(result: unknown): string | undefined;
  /** Rows that the first page holds on top of its limit, such as the profile before its photos. Default 0. */
  readonly leading?: number;
}

/** What a write must come to: the source as it is afterwards, or a refusal that changes nothing. */
export type WriteExpectation<Source> =
  | { readonly kind: "done"; readonly source: Source }
  | { readonly kind: "refusal"; readonly code: string };

/** Inputs that come at the same time. What they come to together must not hang on which of them comes first. */
export interface ContentionGroup<Input extends object = object> {
  /** For reports: "50 users follow one". */
  readonly name: string;
  /** Two at least; one input may stand there many times. */
  readonly inputs: readonly Input[];
}

/** What a writing pattern is to stand when many use it at once. */
export interface Contention<Source, Input extends object = object> {
  /** Changes the scratch items for these groups alone, such as by users enough to come at once. */
  prepare?(items: readonly PlainItem[]): readonly PlainItem[];
  /**
   * The groups in order, each on what the last one left. How many of a group are done and how many are refused, and
   * what the table is afterwards, is what the check's `expected` says of its inputs one after the other.
   */
  groups(source: Source, random: Random): readonly ContentionGroup<Input>[];
}

/** The independent check of a writing pattern: run on a scratch table, in order, each case on what the last one left. */
export interface WriteCheck<Source, Input extends object = object> {
  readonly kind: "write";
  readonly pattern: AnyAccessPattern;
  /** Changes the scratch items for this check alone, where it needs something out of the ordinary. */
  prepare?(items: readonly PlainItem[]): readonly PlainItem[];
  /** The cases in order: at least one that is done and one that is refused (`empty`). */
  cases(source: Source, random: Random): CheckInput<Input>[];
  expected(source: Source, input: Input): WriteExpectation<Source>;
  /** Many at once, on a table of its own filling. */
  readonly contention?: Contention<Source, Input>;
}

/** Something that is not as an invariant wants it. */
export interface InvariantBreach {
  /** What it is about, to find it by: "followers of david25". */
  readonly what: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** What must hold of all items of a table at any time, such as that a counter is the number of what it counts. */
export interface Invariant<Source> {
  /** Kebab case. */
  readonly id: string;
  /** A sentence: "Each user's counters are the friendships there are". */
  readonly title: string;
  /** What is not so in these items, which are those of the whole table; empty where it holds. */
  check(source: Source): readonly InvariantBreach[];
}

/** What queries/<model>/oracles/index.ts exports by default. */
export interface OracleSet<Source = unknown> {
  readonly model: string;
  /** Reads items as source records: told apart by their attributes, never by PK or SK. */
  parseSource(items: readonly PlainItem[]): Source;
  /** The source as records to compare: stable order, undefined attributes left out. */
  records(source: Source): readonly unknown[];
  /**
   * The items that a scratch table starts with: few, closed (whatever an item refers to is among them), and
   * as they are when every migration has run. Items keep the keys that they have in the source.
   */
  scratchItems(items: readonly PlainItem[], random: Random): readonly PlainItem[];
  /**
   * The items of a table at the edges: an answer of more than 1 MB, more than 100 keys to look up, names in every
   * script, the last sort key there can be. As they are when every migration has run. Their keys are spelled as those
   * of the source, which are given as examples: an oracle makes no keys.
   */
  edgeItems?(items: readonly PlainItem[], random: Random): readonly PlainItem[];
  readonly checks: readonly (ReadCheck<Source> | WriteCheck<Source>)[];
  /**
   * Items as they are in a table of so many times the data, for `verify --growth`: closed, and as they are when every
   * migration has run. The largest answers grow with the factor, the table does, and some answers with rows stay as
   * they are. Few at factor 1: a hundred times as many are written to a scratch table.
   * @param items those of the source
   */
  grow?(items: readonly PlainItem[], factor: number, random: Random): readonly PlainItem[];
  /** What must hold of the whole table; `verify --invariants` scans it for them. */
  readonly invariants?: readonly Invariant<Source>[];
  /** Which entity an item is; undefined where it is none. With it, `verify` finds entities that no pattern uses, and reports name them. */
  entityOf?(item: PlainItem): string | undefined;
}

/** Checks the types of an oracle set and returns it as it is. */
export function defineOracles<Source>(set: OracleSet<Source>): OracleSet<Source> {
  return set;
}
