import type { AnyAccessPattern } from "../../query/access-pattern.ts";
import { optionsOf } from "../../query/pattern-options.ts";
import type { Question } from "../judge-read.ts";
import { rowsOf, textEdges } from "./classify-edges.ts";
import type { Edge } from "./edges.ts";

/** What makes a question worth asking, as far as its right answer tells. */
function traitsOf(question: Question, most: number): string[] {
  const rows = rowsOf(question);
  const text = JSON.stringify(question.expectation.kind === "rows" ? question.expectation.rows : []);
  const size = rows === 0 ? "none" : rows === 1 ? "one" : rows === most ? "most" : "several";
  return [
    `${question.expectation.kind}, ${size}`,
    ...textEdges(question.input.input).map((edge) => `${edge}, ${rows > 0}`),
    ...(text.length > 1024 * 1024 ? ["large"] : []),
    ...(/[\u{10000}-\u{10ffff}]/u.test(text) && /[\ue000-\uffff]/.test(text) ? ["mixed"] : []),
  ];
}

/** A few questions of many: for each trait that any of them has, the first that has it. */
export function chooseQuestions(questions: readonly Question[]): Question[] {
  const most = Math.max(0, ...questions.map(rowsOf));
  const seen = new Set<string>();
  return questions.filter((question) => {
    const fresh = traitsOf(question, most).filter((trait) => !seen.has(trait));
    for (const trait of fresh) seen.add(trait);
    return fresh.length > 0;
  });
}

/** What is put into a text to make it an edge. */
const PROBES = { hash: "#", nonAscii: "\u00e9", beyondBmp: "\u{1f600}" } as const;

/** The names of the input's texts, other than the cursor. */
export const textFields = (pattern: AnyAccessPattern): string[] =>
  optionsOf(pattern)
    .filter(({ kind, field }) => kind === "text" && field !== "cursor")
    .map(({ field }) => field);

/** The edges that no text of the pattern's input can be: its schema refuses them before anything is sent. */
export function refusedEdges(pattern: AnyAccessPattern, input: object): Edge[] {
  const fields = textFields(pattern).filter(
    (field) => typeof (input as Record<string, unknown>)[field] === "string",
  );
  if (fields.length === 0) return [];
  const accepts = (field: string, probe: string) =>
    pattern.input.safeParse({ ...input, [field]: `${(input as Record<string, unknown>)[field]}${probe}` })
      .success;
  return (Object.keys(PROBES) as (keyof typeof PROBES)[]).filter((edge) =>
    fields.every((field) => !accepts(field, PROBES[edge])),
  );
}
