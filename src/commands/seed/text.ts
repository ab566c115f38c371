import type { ErrorDocument } from "../../errors.ts";
import { defectText } from "../../seed/errors.ts";
import type { CheckReport } from "../../seed/file/check-seed-file.ts";
import { keyText } from "../../seed/key-text.ts";
import type { Proof } from "../../seed/prove/proof.ts";
import type { SeedResult } from "../../seed/seed-table.ts";

const LISTED_IN_TEXT = 10;

const whole = (number: number) => Math.round(number).toLocaleString("en-US");
const counted = (count: number, noun: string) => `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;

/** A proof as it stands in JSON. */
export function proofDocument(proof: Proof): Record<string, unknown> {
  const differences = proof.differences.map((difference) => ({
    ...difference,
    key: keyText(difference.key),
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

function differenceLines({ differences, missing, extra, different, scope }: Proof): string[] {
  const listed = differences.slice(0, LISTED_IN_TEXT);
  const total = missing + different + (scope === "exact" ? extra : 0);
  const lines = listed.map(({ kind, key, source, line }) => {
    const place = line === undefined ? "" : ` (${source === undefined ? "" : `${source}, `}line ${line})`;
    return `  ${kind}: ${Object.entries(keyText(key))
      .map(([name, value]) => `${name} = ${value}`)
      .join(", ")}${place}`;
  });
  return total > listed.length ? [...lines, `  and ${whole(total - listed.length)} more`] : lines;
}

/** A proof as lines of text. */
export function proofLines(proof: Proof, table: string, source: string): string[] {
  const { status, scope, missing, extra, different } = proof;
  const more =
    scope === "contained" ? `; the table holds ${counted(extra, "other item")}` : ", and nothing else";
  switch (status) {
    case "equal":
      return [`proved: ${table} holds what ${source} says${more}`, ...leftOutLines(proof)];
    case "different":
      return [
        `${table} and ${source} differ, or someone wrote meanwhile: ${whole(missing)} missing, ${whole(different)} different, ${whole(extra)} extra${scope === "contained" ? " (allowed)" : ""}`,
        ...differenceLines(proof),
        ...leftOutLines(proof),
      ];
    case "skipped":
      return [`no proof: ${proof.message}`];
    case "indeterminate":
      return [`no answer from the proof: ${proof.message}`];
  }
}

/** The counts of a load as a sum, without the terms that are 0. */
function sumLine(result: SeedResult): string {
  const terms = ["identical", "rejected", "superseded", "unwritten", "unknown"] as const;
  const others = terms.filter((term) => result[term] > 0).map((term) => `${whole(result[term])} ${term}`);
  return `${whole(result.read)} read = ${[`${whole(result.written)} written`, ...others].join(" + ")}`;
}

/** A seed run as text. */
export function seedText(
  result: SeedResult,
  table: string,
  source: string,
  error: ErrorDocument | undefined,
): string {
  const retried = result.retriedItems > 0 ? `, ${counted(result.retriedItems, "item")} sent again` : "";
  const rejects = result.listedRejects.map((defect) => `  rejected: ${defectText(source, defect)}`);
  return [
    `${source} -> ${table}: ${sumLine(result)}`,
    `  ${result.seconds.toFixed(1)} s, ${whole(result.itemsPerSecond)} items/s, ${counted(result.requests, "request")}${retried}, ${whole(result.consumedWriteUnits)} write units`,
    ...(result.resumed
      ? [`  resumed: ${counted(result.resumed.settled, "item")} settled by an earlier run`]
      : []),
    ...rejects,
    ...(result.rejects ? [`  all rejected items are in ${result.rejects}`] : []),
    ...proofLines(result.proof, table, source),
    ...(error ? [result.stop ? `stopped: ${error.message}` : error.message, error.next] : []),
  ].join("\n");
}

/** What a load would do, as text. */
export function planText(report: CheckReport, table: string, requests: number): string {
  return [
    `would load ${report.source} into ${table}: ${counted(report.items, "item")}, ${whole(report.itemBytes)} bytes`,
    `  about ${counted(requests, "request")} and ${whole(report.writeUnits)} write units, indexes included; nothing was written`,
  ].join("\n");
}
