import { createTwoFilesPatch } from "diff";
import { UnmarkedFileError } from "../errors.ts";

/** Between these lines stands what is written. */
export const MARKS = {
  begin: "<!-- tablewright:patterns -->",
  end: "<!-- /tablewright:patterns -->",
} as const;

const countOf = (text: string, part: string) => text.split(part).length - 1;

/**
 * Puts a text between the marks of a file; all else stays as it is, its ends of lines too.
 * @param shown how messages call the file
 * @throws {UnmarkedFileError} where the file does not hold both marks once, in their order.
 */
export function replaceMarkedPart(content: string, part: string, shown: string): string {
  const begin = content.indexOf(MARKS.begin);
  const end = content.indexOf(MARKS.end);
  const once = countOf(content, MARKS.begin) === 1 && countOf(content, MARKS.end) === 1;
  if (!once || end < begin) throw new UnmarkedFileError(shown, MARKS);
  const newline = content.includes("\r\n") ? "\r\n" : "\n";
  const lines = ["", ...part.split("\n"), ""].join(newline);
  return content.slice(0, begin + MARKS.begin.length) + lines + content.slice(end);
}

/** What would change in a file, as a unified diff; undefined where nothing would. */
export function changeOf(shown: string, before: string, after: string): string | undefined {
  if (before === after) return undefined;
  return createTwoFilesPatch(shown, shown, before, after, "as it is", "as it should be", { context: 1 });
}
