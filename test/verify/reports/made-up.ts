import type { InputEvidence } from "../../../src/verify/evidence/evidence.ts";
import {
  type PatternResult,
  type ReportFacts,
  summarize,
  type VerifyReport,
} from "../../../src/verify/report.ts";

/** A row of made-up data, different for each number. */
const row = (number: number) => ({
  followedUser: `user-${(number * 7919) % 10007}`,
  followingUser: `user-${(number * 104729) % 10007}`,
  timestamp: new Date(1.5e12 + number * 86_399_123).toISOString(),
  location: `Place ${(number * 31) % 997}, Country ${(number * 17) % 193}`,
});

/** The evidence of one input of a reading pattern, of which every thirtieth is wrong. */
export function madeUpInput(number: number, wrong: boolean, name = `input of user-${number}`): InputEvidence {
  const rows = Array.from({ length: 10 }, (_, index) => row(number * 10 + index));
  const whole: InputEvidence = {
    name,
    input: { username: `user-${number}`, limit: 100 },
    status: "pass",
    request: {
      operation: "Query",
      input: {
        TableName: "big",
        KeyConditionExpression: "#p = :p AND begins_with(#s, :s)",
        ExpressionAttributeNames: { "#p": "PK", "#s": "SK" },
        ExpressionAttributeValues: { ":p": `USER#user-${number}`, ":s": "#FRIEND#" },
      },
    },
    requests: [
      {
        operation: "Query",
        items: 10 + (number % 50),
        readUnits: 0.5 + (number % 7) / 2,
        milliseconds: 2 + (number % 11),
      },
    ],
    milliseconds: 3 + (number % 11),
    expected: { kind: "rows", compare: "ordered", count: 10 + (number % 50) },
    answer: { kind: "rows", count: 10 + (number % 50), pages: 1, rows },
    parts: [
      { how: "where DynamoDB ends each answer early", pages: 1, status: "pass" },
      { how: "read 5 a page", pages: 11, status: "pass" },
    ],
  };
  if (!wrong) return whole;
  const [missing] = rows;
  return {
    ...whole,
    status: "fail",
    message: `${name}: expected 10 rows, got 9: 1 missing, 0 that should not be there`,
    difference: { missingCount: 1, extraCount: 0, missing: [missing], extra: [] },
    parts: [],
  };
}

/** A pattern that was made up, of so many inputs. */
export function madeUpPattern(
  id: string,
  inputs: number,
  change: Partial<PatternResult> = {},
): PatternResult {
  const first = [...id].reduce((sum, character) => sum + character.charCodeAt(0), 0) * 1_000;
  const isWrong = change.status === "fail";
  const evidence = Array.from({ length: inputs }, (_, index) =>
    madeUpInput(first + index, isWrong && index % 30 === 1),
  );
  return {
    id,
    title: `Title of ${id}`,
    description: `What ${id} answers.`,
    kind: "read",
    operations: ["Query"],
    keyCondition: "PK = USER#<username>, SK begins_with #FRIEND#",
    budget: { requests: 1, readUnits: 2 },
    status: "pass",
    requests: inputs,
    modelledReadUnits: inputs,
    reportedReadUnits: inputs,
    milliseconds: inputs * 3,
    inputs,
    evidence,
    ...change,
  };
}

/** A report of made-up patterns. */
export function madeUpReport(patterns: PatternResult[], facts: Partial<ReportFacts> = {}): VerifyReport {
  return summarize(
    {
      model: "quick-photos",
      table: "quick-photos",
      startedAt: "2026-11-22T00:00:00.000Z",
      seconds: 1.5,
      redacted: false,
      seed: 42,
      source: "seeds/items.json",
      sourceSha256: "0",
      lock: "none",
      readOnly: false,
      notSelected: [],
      modelResults: [],
      ...facts,
    },
    patterns,
  );
}
