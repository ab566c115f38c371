import type { RowsDifference } from "../compare-rows.ts";
import type { JudgedInput } from "../judged.ts";
import type { SentCommand } from "../probe.ts";
import { maskedLines, type Verdict } from "../verdict.ts";
import type { AnswerEvidence, DifferenceEvidence, InputEvidence, RequestEvidence } from "./evidence.ts";
import { showRequest, showValue } from "./show-value.ts";

/** Rows of an answer, and of each side of a difference, that evidence holds. */
const MOST_ROWS = 10;

/** Times of a report have so many digits: a tenth of a millisecond. */
export const roundMilliseconds = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;

/** What a verdict says, or with `redact` what it says without anything that stands in items. */
export function messageOf(verdict: Verdict, redact: boolean): { message?: string } {
  if (verdict.status === "pass") return {};
  return { message: (redact ? maskedLines(verdict) : verdict.lines).join("\n") };
}

function requestEvidence(command: SentCommand): RequestEvidence {
  const { operation, index, items, scanned, modelledReadUnits, reportedUnits, isPartial, milliseconds } =
    command;
  return {
    operation,
    ...(index !== undefined && { index }),
    ...(items !== undefined && { items }),
    ...(scanned !== undefined && scanned !== items && { scanned }),
    ...(modelledReadUnits !== undefined && { readUnits: modelledReadUnits }),
    ...(reportedUnits !== undefined && { reportedUnits }),
    ...(isPartial && { partial: true as const }),
    milliseconds: roundMilliseconds(milliseconds),
  };
}

const firstRows = (rows: readonly unknown[], redact: boolean) =>
  rows.slice(0, MOST_ROWS).map((row) => showValue(row, redact));

function answerEvidence(answer: NonNullable<JudgedInput["answer"]>, redact: boolean): AnswerEvidence {
  if (answer.kind === "refusal") return { kind: "refusal", code: answer.code };
  if (answer.kind !== "rows") return { kind: answer.kind };
  const { rows, pages } = answer;
  return { kind: "rows", count: rows.length, pages, rows: firstRows(rows, redact) };
}

function differenceEvidence(
  { missing, extra, outOfOrder }: RowsDifference,
  redact: boolean,
): DifferenceEvidence {
  return {
    missingCount: missing.length,
    extraCount: extra.length,
    missing: firstRows(missing, redact),
    extra: firstRows(extra, redact),
    ...(outOfOrder && {
      outOfOrder: {
        position: outOfOrder.position,
        expected: showValue(outOfOrder.expected, redact),
        actual: showValue(outOfOrder.actual, redact),
      },
    }),
  };
}

/** How an input is called where nothing that stands in items may be shown. */
export const maskedName = (position: number): string => `input ${position + 1}`;

/**
 * Writes down what judging an input came to.
 * @param position of the input among those of its pattern, from 0
 * @param redact hide what stands in items
 */
export function collectEvidence(judged: JudgedInput, position: number, redact: boolean): InputEvidence {
  const { input, verdict, expected, answer, sent, cost, parts } = judged;
  const { commands, first } = sent;
  return {
    name: redact ? maskedName(position) : input.name,
    input: showValue(input.input, redact),
    status: verdict.status,
    ...messageOf(verdict, redact),
    ...(first && { request: { operation: first.operation, input: showRequest(first.input, redact) } }),
    requests: commands.map(requestEvidence),
    milliseconds: roundMilliseconds(cost.milliseconds),
    expected,
    ...(answer && { answer: answerEvidence(answer, redact) }),
    ...(verdict.status !== "pass" &&
      verdict.difference && { difference: differenceEvidence(verdict.difference, redact) }),
    parts: [...parts],
  };
}
