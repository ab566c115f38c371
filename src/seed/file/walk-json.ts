import { parse } from "lossless-json";

/** What {@link walkJson} tells of a JSON text. Depth counts from 1. */
export interface JsonVisitor {
  /** An object or a list begins. */
  open?(depth: number): void;
  /** A name in an object that lies at `depth`; `position` is that of its opening quote. */
  name?(name: string, depth: number, position: number): void;
}

/** The position behind a string's closing quote; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let end = start + 1; end < text.length; end += 1) {
    if (text[end] === "\\") end += 1;
    else if (text[end] === '"') return end + 1;
  }
  return text.length;
}

function startsValue(text: string, after: number): boolean {
  let position = after;
  while (position < text.length && " \t\r\n".includes(text[position] as string)) position += 1;
  return text[position] === ":";
}

/** Names are compared as they read, not as they are spelled: "\u0061" is "a". */
function unescaped(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return String(parse(quoted));
  } catch {
    return quoted;
  }
}

/**
 * Goes over the outline of a JSON text without recursion, so that no nesting is too deep for it. It
 * tells what a parser does not: how deep the text goes and where each name stands. The text need not
 * be valid.
 * @returns the deepest level of objects and lists
 */
export function walkJson(text: string, visitor: JsonVisitor = {}): number {
  let depth = 0;
  let deepest = 0;
  for (let position = 0; position < text.length; position += 1) {
    const character = text[position];
    if (character === '"') {
      const end = endOfString(text, position);
      if (visitor.name && startsValue(text, end))
        visitor.name(unescaped(text.slice(position, end)), depth, position);
      position = end - 1;
    } else if (character === "{" || character === "[") {
      depth += 1;
      deepest = Math.max(deepest, depth);
      visitor.open?.(depth);
    } else if (character === "}" || character === "]") {
      depth -= 1;
    }
  }
  return deepest;
}

/** A name that stands twice in one object. */
export interface RepeatedName {
  readonly name: string;
  readonly position: number;
}

/** The outline of a JSON text: its depth, and the first name that stands twice in one object. */
export function outlineOf(text: string): { depth: number; repeated: RepeatedName | undefined } {
  const names: Set<string>[] = [];
  let repeated: RepeatedName | undefined;
  const depth = walkJson(text, {
    open: (level) => {
      names[level] = new Set();
    },
    name: (name, level, position) => {
      if (names[level]?.has(name)) repeated ??= { name, position };
      names[level]?.add(name);
    },
  });
  return { depth, repeated };
}

/**
 * Where the name of an attribute stands in an item's text.
 * @param level the depth of the object that holds the attributes: 1, or 2 in an envelope
 */
export function positionOfAttribute(text: string, attribute: string, level: number): number | undefined {
  let found: number | undefined;
  walkJson(text, {
    name: (name, depth, position) => {
      if (depth === level && name === attribute) found ??= position;
    },
  });
  return found;
}
