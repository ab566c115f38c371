import type { TableDesign } from "../../dynamo/table-design.ts";
import type { PatternResult, VerifyReport } from "../report.ts";
import { keysOfPlace, sentConditions, splitKeyCondition } from "./key-condition.ts";
import { ofLimit } from "./run-costs.ts";
import { STATUS_WORDS } from "./status.ts";

/** Text that Markdown takes as it is, within a table's cell. */
const plain = (text: string) => text.replace(/[\\|`*_<>[\]#~]/g, "\\$&").replace(/\s+/g, " ");

/** Text as code in a cell: only the bar that ends a cell needs care, and backticks, which code cannot hold. */
const code = (text: string) =>
  text === "" ? "" : `\`${text.replace(/\s+/g, " ").replaceAll("`", "'").replaceAll("|", "\\|")}\``;

const HEADINGS = [
  "pattern",
  "what",
  "base table or GSI",
  "operation",
  "partition key",
  "sort key",
  "conditions",
  "read units",
  "status",
];

/** Of the answer with the most rows, which depends on the source alone, and no seed. */
const readUnits = ({ largest, budget }: PatternResult) =>
  largest?.readUnits === undefined ? "" : ofLimit(largest.readUnits, budget?.readUnits);

function cellsOf(result: PatternResult, design: TableDesign): string[] {
  const { id, title, index, operations, keyCondition, status } = result;
  const { partition, sort, others } = splitKeyCondition(keyCondition, keysOfPlace(design, index));
  const conditions = [...others.map(plain), ...sentConditions(result).map(code)];
  return [
    code(id),
    plain(title),
    index ?? "base table",
    operations.join(", "),
    code(partition),
    code(sort),
    conditions.join("; "),
    readUnits(result),
    STATUS_WORDS[status],
  ];
}

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

/**
 * The access patterns as a Markdown table. Two runs on the same source make the same table: nothing of time or
 * seed stands in it.
 */
export function renderPatternTable({ patterns }: VerifyReport, design: TableDesign): string {
  return [
    row(HEADINGS),
    row(HEADINGS.map(() => "---")),
    ...patterns.map((result) => row(cellsOf(result, design))),
  ].join("\n");
}
