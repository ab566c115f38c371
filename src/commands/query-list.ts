import { type AnyAccessPattern, placeOf, type QuerySet } from "../query/access-pattern.ts";

const WIDTH = 80;

/** What a list of patterns shows of one, as data. */
export function describePattern(pattern: AnyAccessPattern): Record<string, unknown> {
  const { id, title, description, kind, index, operations, allows = [], keyCondition } = pattern;
  return { id, title, description, kind, index: index ?? null, operations, allows, keyCondition };
}

/** Breaks a text at spaces into lines of at most `width` characters; a longer word gets its own line. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** The patterns of a model as a table of 80 columns: id, then title, where it goes and by which keys. */
export function queryListText(set: QuerySet): string {
  const idWidth = Math.max(...set.patterns.map(({ id }) => id.length)) + 2;
  const row = (pattern: AnyAccessPattern) => {
    const facts = [
      pattern.title,
      `${pattern.kind}s ${placeOf(pattern.index)}: ${pattern.operations.join(", ")}`,
      pattern.keyCondition,
    ];
    const lines = facts.flatMap((fact) => wrapText(fact, WIDTH - idWidth));
    return lines.map((line, index) => `${(index === 0 ? pattern.id : "").padEnd(idWidth)}${line}`).join("\n");
  };
  return [
    `Access patterns of ${set.model} (tablewright query <pattern> --help shows the options of one)`,
    ...set.patterns.map(row),
  ].join("\n\n");
}
