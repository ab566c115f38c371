/** How a node is drawn. */
export type Shape = "table" | "index" | "stream" | "function" | "queue" | "role" | "alarm" | "plain";

/** Opening and closing signs by shape (https://mermaid.js.org/syntax/flowchart.html, "Node shapes"). */
const SIGNS: Readonly<Record<Shape, readonly [open: string, close: string]>> = {
  table: ["[(", ")]"],
  index: ["[/", "/]"],
  stream: ["([", "])"],
  function: ["[[", "]]"],
  queue: ["[", "]"],
  role: ["{{", "}}"],
  alarm: ["(", ")"],
  plain: ["[", "]"],
};

const ESCAPES: Readonly<Record<string, string>> = { '"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;" };

/** Text inside quotes; Mermaid takes entity codes there. */
const escapeText = (text: string) => text.replace(/["<>#]/g, (sign) => ESCAPES[sign] ?? sign);

interface Node {
  readonly shape: Shape;
  readonly lines: readonly string[];
}

interface Link {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** A Mermaid flowchart; the same nodes and links give the same text, in whatever order they were added. */
export class Flowchart {
  readonly #nodes = new Map<string, Node>();
  readonly #links = new Map<string, Link>();

  /** Adds a node; `key` tells it from the others. */
  node(key: string, shape: Shape, ...lines: readonly string[]): void {
    this.#nodes.set(key, { shape, lines });
  }

  has(key: string): boolean {
    return this.#nodes.has(key);
  }

  link(from: string, to: string, label = ""): void {
    this.#links.set([from, to, label].join("\0"), { from, to, label });
  }

  /** @returns the diagram's text; links to nodes that are not there are left out */
  toString(): string {
    const keys = [...this.#nodes.keys()].sort();
    const ids = new Map(keys.map((key, place) => [key, `n${place + 1}`]));
    const nodes = keys.map((key) => {
      const { shape, lines } = this.#nodes.get(key) as Node;
      const [open, close] = SIGNS[shape];
      return `  ${ids.get(key)}${open}"${lines.map(escapeText).join("<br/>")}"${close}`;
    });
    const links = [...this.#links.keys()].sort().flatMap((key) => {
      const { from, to, label } = this.#links.get(key) as Link;
      const [start, end] = [ids.get(from), ids.get(to)];
      if (start === undefined || end === undefined) return [];
      return [`  ${start} -->${label ? `|"${escapeText(label)}"|` : ""} ${end}`];
    });
    return `${["flowchart LR", ...nodes, ...links].join("\n")}\n`;
  }
}
