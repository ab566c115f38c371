import type { Estimate } from "../../deploy/cost/estimate-cost.ts";
import type { PlanNode, PlanTree } from "../../deploy/plan/plan-tree.ts";
import type { Screen } from "../screen.ts";
import { wrap } from "../wrap.ts";

const LABEL_WIDTH = 12;
/** From this many facts on, each has a line of its own. */
const FACT_LINES = 4;

/** `aws:dynamodb/table:Table` as `dynamodb.Table`, and a component as its class. */
function shortType(type: string): string {
  const [provider = "", path = "", kind = type] = type.split(":");
  return provider === "aws" ? `${path.split("/")[0]}.${kind}` : kind;
}

/** The marks that stand behind a resource's name. */
function marksOf({ protect, read }: PlanNode): string[] {
  return [...(protect ? ["protected"] : []), ...(read ? ["only looked up"] : [])];
}

class TreeText {
  readonly lines: string[] = [];
  readonly #layout: Screen;

  constructor(layout: Screen) {
    this.#layout = layout;
  }

  add(node: PlanNode, head: string, rest: string): void {
    const { style } = this.#layout;
    const marks = marksOf(node);
    const title = `${style.bold(node.name)} ${style.dim(shortType(node.type))}`;
    const marked = marks.length > 0 ? ` ${style.green(marks.join(", "))}` : "";
    const own = node.facts.map(({ label, value }) => [label, value] as const);
    const ignored =
      node.ignoreChanges.length > 0 ? [["ignores", node.ignoreChanges.join(", ")] as const] : [];
    const facts = [...own, ...ignored];
    const below = node.children.length > 0 ? `${rest}│ ` : `${rest}  `;
    if (facts.length < FACT_LINES) {
      const width =
        head.length + node.name.length + 1 + shortType(node.type).length + marks.join(", ").length + 2;
      this.#brief(`${head}${title}${marked}`, width, facts, below);
    } else {
      this.lines.push(`${head}${title}${marked}`);
      for (const [label, value] of facts) this.#fact(label, value, below);
    }
    for (const [index, child] of node.children.entries()) {
      const last = index === node.children.length - 1;
      this.add(child, `${rest}${last ? "└─ " : "├─ "}`, `${rest}${last ? "   " : "│  "}`);
    }
  }

  /** A resource with few facts: behind its name where there is room, else below it. */
  #brief(title: string, titleWidth: number, facts: readonly (readonly [string, string])[], below: string) {
    const text = facts.map(([label, value]) => (label === "when" ? value : `${label} ${value}`)).join(", ");
    if (text === "") this.lines.push(title);
    else if (titleWidth + 2 + text.length <= this.#layout.width) this.lines.push(`${title}  ${text}`);
    else this.lines.push(title, ...wrap(text, this.#layout.width, `${below}  `, `${below}  `));
  }

  #fact(label: string, value: string, below: string): void {
    const head = `${below} ${label.padEnd(LABEL_WIDTH)}`;
    const indent = `${below} ${" ".repeat(LABEL_WIDTH)}`;
    this.lines.push(...wrap(value, this.#layout.width, head, indent));
  }
}

/** The resources as a tree. */
export function renderTree({ roots }: PlanTree, layout: Screen): string[] {
  const text = new TreeText(layout);
  for (const root of roots) text.add(root, "", "");
  return text.lines;
}

const money = (dollars: number) => dollars.toFixed(2);

/** What, how much of it, and at the right what it costs: on a line of its own where the screen is narrow. */
function costLine(label: string, quantity: string, amount: string, width: number): string[] {
  const left = `${label}  ${quantity}`.trimEnd();
  const room = width - left.length;
  return amount.length < room ? [left + amount.padStart(room)] : [left, amount.padStart(width)];
}

function linesOf(estimate: Estimate, { width, style }: Screen): string[] {
  const lines: string[] = [];
  let resource = "";
  const label = Math.max(0, ...estimate.lines.map(({ item }) => item.length));
  for (const line of estimate.lines) {
    if (line.resource !== resource) lines.push(`  ${style.bold(line.resource)}`);
    resource = line.resource;
    lines.push(...costLine(`    ${line.item.padEnd(label)}`, line.quantity, money(line.monthly), width));
    if (line.range) {
      const range = `${money(line.range.least)} to ${money(line.range.most)}`;
      lines.push(range.padStart(width));
    }
  }
  return lines;
}

/** What is not counted, the same of many resources in one line. */
function uncountedOf({ uncounted }: Estimate): string[] {
  const resources = new Map<string, string[]>();
  for (const { resource, why } of uncounted) resources.set(why, [...(resources.get(why) ?? []), resource]);
  return [...resources].map(([why, names]) => `${why} (${names.join(", ")})`);
}

const listed = (title: string, entries: readonly string[], width: number) =>
  entries.length === 0 ? [] : [title, ...entries.flatMap((entry) => wrap(entry, width, "  - ", "    "))];

/** The cost of a month, with what it is made from and what it leaves out. */
export function renderEstimate(estimate: Estimate, layout: Screen): string[] {
  const { width, style } = layout;
  const { region, table, traffic, monthly, range, prices } = estimate;
  const { readsPerSecond, writesPerSecond, storageGb } = traffic;
  const use = `${readsPerSecond} reads and ${writesPerSecond} writes a second and ${storageGb} GB in ${table}`;
  const total = costLine("  total", "", money(monthly), width);
  const spread = `${money(range.least)} to ${money(range.most)}`;
  return [
    ...wrap(
      `Estimated cost a month in ${region}, in US dollars, for ${use} (--reads-per-second, --writes-per-second, --storage-gb):`,
      width,
    ),
    ...(estimate.priced ? [...linesOf(estimate, layout), ...total.map(style.bold)] : []),
    ...(range.least < range.most ? [spread.padStart(width)] : []),
    ...listed("Not counted:", uncountedOf(estimate), width),
    ...listed("Assumed:", estimate.assumptions, width),
    ...wrap(
      `Prices: ${prices.source}, up to ${prices.asOf}, for ${prices.regions.join(", ")}. An estimate, not an offer: see https://aws.amazon.com/dynamodb/pricing/.`,
      width,
    ),
  ];
}
