import { expect, test } from "vitest";
import { readDeclaredConsumers } from "../../src/deploy/declared-consumers.ts";
import { UnsupportedDeclarationError } from "../../src/deploy/errors.ts";
import type { Properties } from "../../src/deploy/resource-values.ts";
import { resource } from "./declare.ts";

const STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/photos/stream/2000-01-01T00:00:00.000";

const lambda = (name: string, inputs: Properties = {}) =>
  resource({ name: `prod-${name}`, ...inputs }, { type: "aws:lambda/function:Function", name });
const mapping = (functionName: string, inputs: Properties = {}) =>
  resource(
    { functionName, eventSourceArn: STREAM, startingPosition: "LATEST", ...inputs },
    { type: "aws:lambda/eventSourceMapping:EventSourceMapping", name: "mapping" },
  );

test("a function on the table's stream is read with all that its mapping says", () => {
  const resources = [
    lambda("feed", { timeout: 60, environment: { variables: { TABLE: "feeds" } } }),
    mapping("prod-feed", {
      startingPosition: "TRIM_HORIZON",
      batchSize: 50,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 3,
      maximumRecordAgeInSeconds: 3600,
      functionResponseTypes: ["ReportBatchItemFailures"],
      filterCriteria: { filters: [{ pattern: "{}" }] },
    }),
  ];
  expect(readDeclaredConsumers(resources, "photos")).toEqual([
    {
      name: "feed",
      physicalName: "prod-feed",
      environment: { TABLE: "feeds" },
      timeoutSeconds: 60,
      startingPosition: "TRIM_HORIZON",
      batchSize: 50,
      bisect: true,
      retryAttempts: 3,
      maximumRecordAgeSeconds: 3600,
      reportsFailures: true,
      filters: ["{}"],
    },
  ]);
});

test("what a mapping does not say is as AWS has it", () => {
  expect(readDeclaredConsumers([lambda("feed"), mapping("prod-feed")], "photos")).toEqual([
    {
      name: "feed",
      physicalName: "prod-feed",
      environment: {},
      timeoutSeconds: 3,
      startingPosition: "LATEST",
      batchSize: 100,
      bisect: false,
      retryAttempts: -1,
      maximumRecordAgeSeconds: -1,
      reportsFailures: false,
      filters: [],
    },
  ]);
});

test("several functions are found, by name or by ARN; those of other tables and those switched off are not", () => {
  const resources = [
    ...["one", "two", "off", "other"].map((name) => lambda(name)),
    mapping("prod-one"),
    mapping("arn:aws:lambda:us-east-1:000000000000:function:prod-two"),
    mapping("prod-off", { enabled: false }),
    mapping("prod-other", { eventSourceArn: STREAM.replace("/photos/", "/photos-archive/") }),
    mapping("of-another-stack"),
  ];
  expect(readDeclaredConsumers(resources, "photos").map(({ name }) => name)).toEqual(["one", "two"]);
  expect(readDeclaredConsumers(resources, "nothing")).toEqual([]);
});

test("a mapping that makes no sense is refused, with its place", () => {
  const wrong = [lambda("feed"), mapping("prod-feed", { startingPosition: "AT_TIMESTAMP" })];
  expect(() => readDeclaredConsumers(wrong, "photos")).toThrow(UnsupportedDeclarationError);
  expect(() => readDeclaredConsumers(wrong, "photos")).toThrow(/startingPosition/);
});
