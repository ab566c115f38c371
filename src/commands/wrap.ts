/**
 * Breaks a text into lines of at most `width` characters, at blanks; a longer word stays whole.
 * @param first put before the first line
 * @param rest put before every other line
 */
export function wrap(text: string, width: number, first = "", rest = ""): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(" ")) {
    const longer = empty ? line + word : `${line} ${word}`;
    if (empty || longer.length <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = rest + word;
    }
    empty = false;
  }
  return [...lines, line];
}
