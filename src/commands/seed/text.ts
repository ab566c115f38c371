import { counted, whole } from "../../counted.ts";
import { REQUEST_PRICES_AS_OF } from "../../dynamo/prices.ts";
import type { ErrorDocument } from "../../errors.ts";
import { defectLines, defectText } from "../../seed/errors.ts";
import type { CheckReport } from "../../seed/file/check-seed-file.ts";
import { keyText } from "../../seed/key-text.ts";
import type { IndexCount } from "../../seed/prove/count-indexes.ts";
import type { Expiring } from "../../seed/prove/expiring-items.ts";
import type { Proof } from "../../seed/prove/proof.ts";
import type { LookCost, ReadEstimate } from "../../seed/prove/read-cost.ts";
import type { SeedResult } from "../../seed/seed-table.ts";

const LISTED_IN_TEXT = 10;

/**
 * A proof as it stands in JSON.
 * @param redact show the kinds of keys' values instead of the values
 */
export function proofDocument(proof: Proof, redact: boolean): Record<string, unknown> {
  const differences = proof.differences.map((difference) => ({
    ...difference,
    key: keyText(difference.key, redact),
  }));
  return { ...proof, differences };
}

function leftOutLines({ leftOut }: Proof): string[] {
  const used = leftOut.filter(({ items }) => items > 0);
  if (used.length === 0) return [];
  return [
    "left out, as applied migrations wrote it:",
    ...used.map(({ attributes, items, where }) => {
      const place = Object.entries(where)
        .map(([name, condition]) =>
          typeof condition === "string"
            ? `${name} = ${condition}`
            : `${name} begins with ${condition.beginsWith}`,
        )
        .join(", ");
      return `  ${attributes.join(", ")} on ${counted(items, "item")} (${place})`;
    }),
  ];
}

function differenceLines(proof: Proof, redact: boolean): string[] {
  const { differences, differencesFile, missing, extra, different, scope } = proof;
  const listed = differences.slice(0, LISTED_IN_TEXT);
  const total = missing + different + (scope === "exact" ? extra : 0);
  const lines = listed.map(({ kind, key, source, line }) => {
    const place = line === undefined ? "" : ` (${source === undefined ? "" : `${source}, `}line ${line})`;
    return `  ${kind}: ${Object.entries(keyText(key, redact))
      .map(([name, value]) => `${name} = ${value}`)
      .join(", ")}${place}`;
  });
  return [
    ...lines,
    ...(total > listed.length ? [`  and ${whole(total - listed.length)} more`] : []),
    ...(differencesFile === undefined ? [] : [`  all differences are in ${differencesFile}`]),
  ];
}

function indexLine({ index, expected, expiring, found, status, message }: IndexCount): string {
  const entries = counted(found ?? 0, "entry", "entries");
  const gone = expiring === undefined ? "" : `, ${whole(expiring)} of which expire`;
  switch (status) {
    case "equal":
      return found === expected
        ? `index ${index} holds ${entries}, as the table's items make`
        : `index ${index} holds ${entries} of ${whole(expected)}${gone}`;
    case "building":
      return `index ${index} is being built, and was not counted`;
    case "indeterminate":
      return `no answer from index ${index}, which must hold ${whole(expected)}${gone}, and ${found === undefined ? "could not be counted" : `holds ${entries}`}: ${message}`;
  }
}

/** What of a file expires by itself. @param source how messages call the file */
export function expiringText(
  { attribute, items }: Pick<Expiring, "attribute" | "items">,
  source: string,
): string {
  return `by ${attribute}, ${counted(items, "item")} of ${source} expired or will within ten minutes: DynamoDB deletes what expires`;
}

function expiringLines({ expiring }: Proof, source: string): string[] {
  if (!expiring || expiring.items === 0) return [];
  const gone = `${whole(expiring.gone)} of them are no longer in the table, which does not count as missing`;
  return [`${expiringText(expiring, source)}; ${gone}`];
}

/** What a proof found beside its answer. */
const besides = (proof: Proof, source: string) => [
  ...proof.indexes.map(indexLine),
  ...leftOutLines(proof),
  ...expiringLines(proof, source),
];

function sampledText({ sample }: Proof, table: string, source: string): string {
  const { items = 0, of = 0, percent, seed } = sample ?? {};
  return `sampled: ${table} has ${whole(items)} of the ${whole(of)} items of ${source} as it says (${percent} %, --sample-seed ${seed}); the others were not looked at`;
}

/**
 * A proof as lines of text.
 * @param redact show the kinds of keys' values instead of the values
 */
export function proofLines(proof: Proof, table: string, source: string, redact: boolean): string[] {
  const { status, scope, missing, extra, different } = proof;
  const more =
    scope === "contained" ? `; the table holds ${counted(extra, "other item")}` : ", and nothing else";
  switch (status) {
    case "equal":
      return [`proved: ${table} holds what ${source} says${more}`, ...besides(proof, source)];
    case "sampled":
      return [sampledText(proof, table, source), ...besides(proof, source)];
    case "different":
      return [
        `${table} and ${source} differ, or someone wrote meanwhile: ${whole(missing)} missing, ${whole(different)} different, ${whole(extra)} extra${scope === "contained" ? " (allowed)" : ""}`,
        ...differenceLines(proof, redact),
        ...besides(proof, source),
      ];
    case "skipped":
      return [`no proof: ${proof.message}`];
    case "indeterminate":
      return [
        `no answer from the proof: ${proof.message}; ${whole(proof.readUnits)} read units were used`,
        ...differenceLines(proof, redact),
      ];
  }
}

function priceText({ dollars, tariff }: Omit<LookCost, "units">): string {
  if (tariff.isLocal) return "";
  if (tariff.isProvisioned) return ", of capacity that is provisioned";
  if (dollars === undefined) return `; no price is known for ${tariff.region}`;
  return `, about $${dollars.toPrecision(2)} on demand in ${tariff.region} (prices of ${REQUEST_PRICES_AS_OF})`;
}

/** What a look at the table reads beside the proof. @param what it is, such as `to look for identical items` */
export const lookCostText = (what: string, look: LookCost): string =>
  `${what} reads about ${counted(look.units, "read unit")}${priceText(look)}`;

/** What a proof will read, and what that costs. */
export function readCostText(estimate: ReadEstimate): string {
  const { units, indexUnits, basis } = estimate;
  const indexes = indexUnits > 0 ? `, ${whole(indexUnits)} of them for its indexes` : "";
  const source = basis === "file" ? "the file's size" : "DescribeTable's sizes, up to six hours old";
  return `the proof reads about ${counted(units, "read unit")}${indexes}${priceText(estimate)}, by ${source}; more where it finds differences`;
}

/** The counts of a load as a sum, without the terms that are 0. */
function sumLine(result: SeedResult): string {
  const terms = ["identical", "rejected", "superseded", "unwritten", "unknown"] as const;
  const others = terms.filter((term) => result[term] > 0).map((term) => `${whole(result[term])} ${term}`);
  return `${whole(result.read)} read = ${[`${whole(result.written)} written`, ...others].join(" + ")}`;
}

function deletedLines({ deleted, undeleted = 0 }: SeedResult): string[] {
  if (deleted === undefined) return [];
  const left = undeleted > 0 ? `; ${whole(undeleted)} more were found, and not deleted` : "";
  return [`  deleted ${counted(deleted, "item")} whose keys are not in the file${left}`];
}

/** What a check found, as text. */
export function checkText(report: Omit<CheckReport, "content">): string {
  const { source, items, itemBytes, writeUnits, superseded, defectCount, duplicateCount } = report;
  if (defectCount > 0)
    return [
      ...defectLines(report),
      `${counted(defectCount, "defect")}, ${counted(items, "sound item")}`,
      ...(duplicateCount > 0
        ? ["of items with one key, --duplicates says which is meant: first, last or identical-ok"]
        : []),
    ].join("\n");
  const left = superseded.count > 0 ? `, ${whole(superseded.count)} of them superseded` : "";
  return `${source} is sound: ${counted(items, "item")}${left}, ${counted(itemBytes, "byte")}, ${counted(writeUnits, "write unit")}`;
}

/** A seed run as text. */
export function seedText(
  result: SeedResult,
  table: string,
  source: string,
  { error, redact }: { readonly error: ErrorDocument | undefined; readonly redact: boolean },
): string {
  const retried = result.retriedItems > 0 ? `, ${counted(result.retriedItems, "item")} sent again` : "";
  const rejects = result.listedRejects.map((defect) => `  rejected: ${defectText(source, defect)}`);
  return [
    `${source} -> ${table}: ${sumLine(result)}`,
    `  ${result.seconds.toFixed(1)} s, ${whole(result.itemsPerSecond)} items/s, ${counted(result.requests, "request")}${retried}, ${whole(result.consumedWriteUnits)} write units`,
    ...deletedLines(result),
    ...(result.resumed
      ? [`  resumed: ${counted(result.resumed.settled, "item")} settled by an earlier run`]
      : []),
    ...rejects,
    ...(result.rejects ? [`  all rejected items are in ${result.rejects}`] : []),
    ...proofLines(result.proof, table, source, redact),
    ...(error
      ? [
          result.stop && error.code !== "interrupted" ? `stopped: ${error.message}` : error.message,
          error.next,
        ]
      : []),
  ].join("\n");
}
