import { ExitCode } from "../../errors.ts";
import type {
  ForecastCost,
  ForecastTotals,
  ItemExample,
  MigrationPlan,
  PlannedMigration,
  PlannedStep,
  Range,
  StepForecast,
} from "../../migrate/index.ts";
import type { CommandResult } from "../run.ts";
import type { Screen } from "../screen.ts";
import { wrap } from "../wrap.ts";

const LABEL_WIDTH = 10;
const INDENT = "    ";

const number = (count: number) => count.toLocaleString("en-US", { maximumFractionDigits: 1 });

/** `12`, `12 to 36`. */
const range = ({ least, most }: Range, show: (of: number) => string = number) =>
  show(least) === show(most) ? show(most) : `${show(least)} to ${show(most)}`;

const percent = (share: number) => {
  const of = share * 100;
  return `${of > 0 && of < 1 ? of.toFixed(2) : Math.round(of)} %`;
};

/** `45 s`, `14 min`, `3 h 05 min`, `2 days 3 h`. */
function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} days ${hours % 24} h`;
}

/** To the cent from a dollar on; below that two digits that count. */
const dollars = (amount: number) =>
  amount === 0 || amount >= 1
    ? `$${amount.toFixed(2)}`
    : `$${Number(amount.toPrecision(2)).toFixed(8).replace(/0+$/, "").replace(/\.$/, ".00")}`;

function costWords({ dollars: amount, region, billing }: ForecastCost): string {
  if (billing === "provisioned") return "nothing beyond the capacity that is provisioned";
  const price = amount === null ? `no prices are known for ${region}` : range(amount, dollars);
  return billing === "local"
    ? `nothing here; on AWS, on demand in ${region}: ${price}`
    : `${price}, on demand in ${region}`;
}

/** A label and what is to be said, within the width. @param hang how far its further lines stand in */
const line = (label: string, text: string, { width }: Screen, hang = 0) =>
  wrap(text, width, INDENT + label.padEnd(LABEL_WIDTH), INDENT + " ".repeat(LABEL_WIDTH + hang));

function exampleLines({ key, changes }: ItemExample, label: string, layout: Screen): string[] {
  const absent = "(absent)";
  return [
    ...line(label, key, layout),
    ...changes.flatMap(({ attribute, before, after }) =>
      line("", `  ${attribute}: ${before ?? absent} -> ${after ?? absent}`, layout, 4),
    ),
  ];
}

function itemWords({ matching, matchingShare, needing, needingShare, items, exact }: StepForecast): string {
  const many = exact ? number(matching) : `about ${number(matching)}`;
  const match = `${many} of ${number(items)} match (${percent(matchingShare)})`;
  if (matching === 0) return match;
  return `${match}, ${number(needing)} of these need it (${percent(needingShare)})`;
}

function unitWords({ readUnits, writeUnits }: StepForecast): string {
  const { total, table, indexes, ledger } = writeUnits;
  const parts = [
    `table ${range(table)}`,
    ...Object.entries(indexes).map(([name, units]) => `${name} ${range(units)}`),
    ...(ledger.most > 0 ? [`ledger ${range(ledger)}`] : []),
  ].filter((part) => part !== "table 0");
  const split = total.most > 0 && parts.length > 1 ? ` (${parts.join(", ")})` : "";
  return `${range(readUnits)} read, ${range(total)} write${split}`;
}

function timeWords(seconds: Range | null, isBuild: boolean): string {
  if (seconds) return `${range(seconds, duration)} at the allowed rate`;
  return isBuild ? "as long as DynamoDB takes to fill it" : "no rate is set: as fast as it goes";
}

function forecastLines(forecast: StepForecast, kind: string, layout: Screen): string[] {
  const isBuild = kind === "ensureIndex";
  const { pages, writes } = forecast.requests;
  const passes = forecast.passes > 1 ? `${forecast.passes} passes or more` : "1 pass";
  return [
    ...(isBuild
      ? []
      : [
          ...line("items", itemWords(forecast), layout),
          ...line("requests", `${range(writes)} writes; ${range(pages)} pages in ${passes}`, layout),
        ]),
    ...line("units", unitWords(forecast), layout),
    ...line("time", timeWords(forecast.seconds, isBuild), layout),
    ...line("cost", costWords(forecast.cost), layout),
  ];
}

function stepLines(step: PlannedStep, layout: Screen): string[] {
  const { style, width } = layout;
  const { id, kind, action, unknown, problems = [], warnings = [], forecast, examples = [], changes } = step;
  const isIdle = changes === 0 && examples.length === 0 && problems.length === 0;
  return [
    ...wrap(`${id}: ${action}`, width, "  ", INDENT),
    ...problems.flatMap((problem) => line("fails", problem, layout).map(style.red)),
    ...(unknown === undefined
      ? []
      : line("unknown", `this cannot be known: ${unknown}`, layout).map(style.yellow)),
    ...(forecast && !(isIdle && forecast.exact && kind === "verify")
      ? forecastLines(forecast, kind, layout)
      : []),
    ...examples.flatMap((example, index) => exampleLines(example, index === 0 ? "such as" : "", layout)),
    ...warnings.flatMap(({ message }) => line("warning", message, layout).map(style.yellow)),
  ];
}

const migrationLines = ({ id, description, steps }: PlannedMigration, layout: Screen): string[] => [
  "",
  ...wrap(`${id}: ${description}`, layout.width, "", "  ").map(layout.style.bold),
  ...steps.flatMap((step) => stepLines(step, layout)),
];

function basisWords({ sample, planned, totals }: MigrationPlan): string {
  if (!sample) return "";
  const { items, whole, readUnits } = sample;
  const all = `all ${number(items)} items were read, for ${number(readUnits)} read units`;
  if (whole && totals?.exact) return `Figures are exact as of now: ${all}.`;
  if (whole) return `Figures are exact as of now up to the first script, and guesses after it: ${all}.`;
  const known = planned.flatMap(({ steps }) => steps).find(({ forecast }) => forecast)?.forecast?.items;
  const of = known === undefined || known <= items ? "" : ` of about ${number(known)}`;
  return `Figures are estimates: a sample of ${number(items)} items${of} was read, for ${number(readUnits)} read units.`;
}

function totalLines(totals: ForecastTotals | undefined, layout: Screen): string[] {
  if (!totals) return [];
  const { requests, readUnits, writeUnits, seconds, cost } = totals;
  const label = (name: string, text: string) =>
    wrap(text, layout.width, `  ${name.padEnd(LABEL_WIDTH + 2)}`, " ".repeat(LABEL_WIDTH + 4));
  return [
    "",
    layout.style.bold("In all, without the ledger's own few requests and what conflicts add:"),
    ...label("requests", range(requests)),
    ...label("units", `${range(readUnits)} read, ${range(writeUnits)} write`),
    ...label("time", timeWords(seconds, false)),
    ...label("cost", costWords(cost)),
  ];
}

/** A plan of `up` or `down`, as a command's result. What would fail makes its exit status. */
export function planResult(plan: MigrationPlan, layout: Screen): CommandResult {
  const { table, planned, mistakes, direction } = plan;
  const isUp = direction === "up";
  const text =
    planned.length === 0
      ? [`${table}: nothing is ${isUp ? "pending" : "applied"}`]
      : [
          `${table}: this would ${isUp ? "run" : "be reverted"}, and nothing was written:`,
          ...wrap(basisWords(plan), layout.width),
          ...planned.flatMap((migration) => migrationLines(migration, layout)),
          ...totalLines(plan.totals, layout),
          ...(mistakes.length > 0
            ? ["", layout.style.red("It would fail: correct the files; nothing was written.")]
            : []),
        ];
  return {
    document: { ...plan, dryRun: true },
    text: text.join("\n"),
    ...(mistakes.length > 0 ? { exitCode: ExitCode.usage } : {}),
  };
}
