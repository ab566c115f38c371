/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

type Part = string | number | undefined | Html | readonly Html[];

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(({ text }: Html) => text).join("\n");
  return String(part ?? "").replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Makes HTML of a template: whatever is put into it and is not HTML itself stands there as text. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((string, index) => string + textOf(parts[index])).join(""));
}

/** Data for a script of the page, which reads it as the text of an element of its own. */
export function jsonData(data: unknown): Html {
  // Nothing in it can end the element: a script element ends at `</script`, and `<!--` begins a comment.
  return new Html(JSON.stringify(data).replaceAll("<", "\\u003c"));
}
