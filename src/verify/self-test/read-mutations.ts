import { isDeepStrictEqual } from "node:util";
import { primaryKeyNames, type TableDesign } from "../../dynamo/table-design.ts";
import type { PlainItem, Random } from "../../query/oracle.ts";
import { expectedRows } from "../judge-answer.ts";
import type { PartWay } from "../judge-pages.ts";
import type { Question } from "../judge-read.ts";
import { itemsIn, withItems } from "../wire/answered-items.ts";
import { alter, leavesOf, pathText, valueAt, withValueAt } from "../wire/values.ts";
import type { Exchange, Tampering, WireValues } from "../wire/wire.ts";
import type { Mutation } from "./mutant.ts";

/** A question that a pattern has answered rightly, and what went over the wire for it. */
export interface AnsweredQuestion {
  readonly question: Question;
  readonly exchanges: readonly Exchange[];
}

/** What is known of a reading pattern before any mistake is made. */
export interface ReadKnowledge {
  readonly design: TableDesign;
  readonly random: Random;
  /** The questions with their whole answers. */
  readonly whole: readonly AnsweredQuestion[];
  /** One of them, with two rows or more where there is such, as it is read in each way. */
  readonly inParts: ReadonlyMap<PartWay, AnsweredQuestion>;
  /** How many rows the first page has room for, where an answer is read page by page. */
  firstPageRows(question: Question): number;
}

/** A mistake in reading, the question that it is tried on, and how that is read. */
export interface ReadMutation extends Mutation {
  readonly question: Question;
  readonly way: "whole" | PartWay;
}

/** So many items of an answer are dropped, each by a mutant of its own. */
const DROPPED_ITEMS = 3;

const rowCount = ({ question: { expectation } }: AnsweredQuestion) => expectedRows(expectation);
const allItems = ({ exchanges }: AnsweredQuestion) => exchanges.flatMap(({ output = {} }) => itemsIn(output));

/** The questions with rows, those with two and more first, and the fewest rows before the most. */
const withRows = ({ whole }: ReadKnowledge): AnsweredQuestion[] =>
  whole
    .filter((answered) => rowCount(answered) > 0)
    .sort((a, b) => Number(rowCount(a) < 2) - Number(rowCount(b) < 2) || rowCount(a) - rowCount(b));

const onWhole = (
  { question }: AnsweredQuestion,
  kind: Mutation["kind"],
  what: string,
  tampering: Tampering,
): ReadMutation => ({ kind, what, tampering, question, way: "whole" });

/** Changes an item wherever it is answered; undefined: it is not. */
const changing = (wanted: PlainItem, change: (item: PlainItem) => PlainItem | undefined): Tampering => ({
  answer: (_request, output) =>
    withItems(output, (items) =>
      items
        .map((item) => (isDeepStrictEqual(item, wanted) ? change(item) : item))
        .filter((item) => item !== undefined),
    ),
});

function droppedItems(knowledge: ReadKnowledge): ReadMutation[] {
  const [few] = withRows(knowledge);
  if (!few) return [];
  return knowledge.random.sample(allItems(few), DROPPED_ITEMS).map((item) => {
    const place = allItems(few).findIndex((candidate) => isDeepStrictEqual(candidate, item));
    return onWhole(
      few,
      "itemDropped",
      `item ${place + 1}`,
      changing(item, () => undefined),
    );
  });
}

/** Adds an item to the first answer. */
const adding = (extra: PlainItem): Tampering => ({
  answer: ({ number }, output) => (number === 0 ? withItems(output, (items) => [...items, extra]) : output),
});

/** An item of another answer stands in the one with the fewest rows, and in those that must have none. */
function addedItems(knowledge: ReadKnowledge): ReadMutation[] {
  const [few] = withRows(knowledge);
  if (!few) return [];
  const known = withRows(knowledge).flatMap(allItems);
  const empty = knowledge.whole.filter((answered) => rowCount(answered) === 0);
  return [few, ...empty].flatMap((answered) => {
    const isThere = (item: PlainItem) =>
      allItems(answered).some((candidate) => isDeepStrictEqual(candidate, item));
    const strangers = known.filter((item) => !isThere(item));
    const kind = answered.question.expectation.kind === "refusal" ? "refusalLost" : "itemAdded";
    return knowledge.random
      .sample(strangers, 1)
      .map((item) => onWhole(answered, kind, "an item of another answer", adding(item)));
  });
}

/** Every attribute that is answered is changed once and left out once, numbers at every depth. */
function changedValues(knowledge: ReadKnowledge): ReadMutation[] {
  const keys = primaryKeyNames(knowledge.design);
  const answered = withRows(knowledge).flatMap((one) => allItems(one).map((item) => ({ one, item })));
  const leaves = answered.flatMap(({ one, item }) =>
    leavesOf(item)
      .filter(({ path: [name = ""] }) => !keys.includes(name))
      .map((leaf) => ({ one, item, ...leaf })),
  );
  const paths = new Map<string, (typeof leaves)[number][]>();
  for (const leaf of leaves) {
    const same = paths.get(pathText(leaf.path));
    if (same) same.push(leaf);
    else paths.set(pathText(leaf.path), [leaf]);
  }
  const changed = [...paths].flatMap(([what, [first, ...others]]) => {
    if (!first) return [];
    const value = alter(
      first.value,
      others.map((other) => other.value),
    );
    const kind = typeof first.value === "number" ? "offByOne" : "valueChanged";
    return [
      onWhole(
        first.one,
        kind,
        what,
        changing(first.item, (item) => withValueAt(item, first.path, value)),
      ),
    ];
  });
  const names = [...new Set(leaves.map(({ path: [name = ""] }) => name))];
  const lost = names.flatMap((name) => {
    const first = leaves.find(({ path }) => path[0] === name);
    if (!first) return [];
    const without = changing(first.item, (item) => withValueAt(item, [name], undefined));
    return [onWhole(first.one, "attributeLost", name, without)];
  });
  return [...changed, ...lost];
}

const flipping: Tampering = {
  request: ({ operation, input }) =>
    operation === "Query" ? { ...input, ScanIndexForward: input.ScanIndexForward === false } : input,
};

/** Ordered answers, read backwards. */
function flippedOrders(knowledge: ReadKnowledge): ReadMutation[] {
  return withRows(knowledge)
    .filter(
      ({ question: { expectation } }) => expectation.kind === "rows" && expectation.compare === "ordered",
    )
    .filter((answered) => rowCount(answered) >= 2)
    .slice(0, 1)
    .map((answered) => onWhole(answered, "orderFlipped", "ScanIndexForward", flipping));
}

/** Each index that a pattern might have asked instead of its own, and the base table. */
function wrongIndexes(knowledge: ReadKnowledge): ReadMutation[] {
  const { indexes, localIndexes = {} } = knowledge.design;
  const [few] = withRows(knowledge);
  const asked = few?.exchanges.find(({ operation }) => operation === "Query" || operation === "Scan");
  if (!few || !asked) return [];
  return [undefined, ...Object.keys(indexes), ...Object.keys(localIndexes)]
    .filter((name) => name !== asked.input.IndexName)
    .map((name) =>
      onWhole(few, "wrongIndex", name ?? "the base table", {
        plannedRequest: ({ operation, input }) =>
          operation === asked.operation ? { ...input, IndexName: name } : input,
      }),
    );
}

const isContinued = (value: unknown) => value !== undefined && Object.keys(value as object).length > 0;

/** Where DynamoDB ends its answers early: what says that there is more is forgotten, every time and the last time. */
function lostPages({ inParts }: ReadKnowledge): ReadMutation[] {
  const answered = inParts.get("early");
  if (!answered) return [];
  const { question, exchanges } = answered;
  return (["LastEvaluatedKey", "UnprocessedKeys"] as const).flatMap((field) => {
    const ends = exchanges.filter(({ output }) => isContinued(output?.[field]));
    const behind = (end: Exchange) =>
      exchanges.some(({ number, output = {} }) => number > end.number && itemsIn(output).length > 0);
    const last = ends.filter(behind).at(-1);
    if (!last) return [];
    const forget = (when: (number: number) => boolean): Tampering => ({
      answer: ({ number }, output) => (when(number) ? { ...output, [field]: undefined } : output),
    });
    const lose = (what: string, tampering: Tampering): ReadMutation => ({
      kind: "pageLost",
      what,
      tampering,
      question,
      way: "early",
    });
    return [
      lose(
        `${field}, every time`,
        forget(() => true),
      ),
      lose(
        `${field}, the last time`,
        forget((number) => number === last.number),
      ),
    ];
  });
}

function without(request: { readonly input: WireValues }, name: string): WireValues {
  const { [name]: _left, ...rest } = request.input;
  return rest;
}

/** Page by page: where a page begins, and how large it is, are forgotten. */
function ignoredPages({ inParts, firstPageRows }: ReadKnowledge): ReadMutation[] {
  const answered = inParts.get("pages");
  if (!answered) return [];
  const { question, exchanges } = answered;
  const asks = (name: string) => exchanges.some(({ input }) => valueAt(input, [name]) !== undefined);
  const ignoring = (kind: "cursorIgnored" | "limitIgnored", name: string): ReadMutation[] =>
    asks(name)
      ? [{ kind, what: name, tampering: { request: (sent) => without(sent, name) }, question, way: "pages" }]
      : [];
  // Where all rows have room on the first page, its limit does nothing.
  const isLimited = rowCount(answered) > firstPageRows(question);
  const limits = isLimited ? ignoring("limitIgnored", "Limit") : [];
  return [...ignoring("cursorIgnored", "ExclusiveStartKey"), ...limits];
}

/** The mistakes in reading that can be tried on a pattern. */
export const readMutations = (knowledge: ReadKnowledge): ReadMutation[] => [
  ...droppedItems(knowledge),
  ...addedItems(knowledge),
  ...changedValues(knowledge),
  ...flippedOrders(knowledge),
  ...wrongIndexes(knowledge),
  ...lostPages(knowledge),
  ...ignoredPages(knowledge),
];
