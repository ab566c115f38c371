/** How many of many mistakes a message shows. */
const SHOWN = 10;

/** The first of many lines, and how many there are more. */
export function shownLines(lines: readonly string[]): string[] {
  const hidden = lines.length - SHOWN;
  return hidden > 0 ? [...lines.slice(0, SHOWN), `and ${hidden} more`] : [...lines];
}
