import { z } from "zod";
import { UnsupportedDeclarationError } from "./errors.ts";
import type { DeclaredResource } from "./monitor.ts";

const MAPPING_TYPE = "aws:lambda/eventSourceMapping:EventSourceMapping";
const FUNCTION_TYPE = "aws:lambda/function:Function";

/** A function that the program declares on a table's stream, and how records reach it. */
export interface DeclaredConsumer {
  /** Its logical name, and that of its folder in infra/functions. */
  readonly name: string;
  /** Its name on AWS. */
  readonly physicalName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly startingPosition: "TRIM_HORIZON" | "LATEST";
  readonly batchSize: number;
  readonly bisect: boolean;
  /** -1: without end. */
  readonly retryAttempts: number;
  /** -1: whatever their age. */
  readonly maximumRecordAgeSeconds: number;
  readonly reportsFailures: boolean;
  /** Filter patterns, as JSON; none lets every record through. */
  readonly filters: readonly string[];
}

// What is not said has the default of Lambda's API (API_CreateEventSourceMapping, API_CreateFunction).
const mappingInputs = z.object({
  eventSourceArn: z.string(),
  functionName: z.string(),
  enabled: z.boolean().default(true),
  startingPosition: z.enum(["TRIM_HORIZON", "LATEST"]),
  batchSize: z.number().default(100),
  bisectBatchOnFunctionError: z.boolean().default(false),
  maximumRetryAttempts: z.number().default(-1),
  maximumRecordAgeInSeconds: z.number().default(-1),
  functionResponseTypes: z.array(z.string()).default([]),
  filterCriteria: z.object({ filters: z.array(z.object({ pattern: z.string() })) }).optional(),
});
const functionInputs = z.object({
  name: z.string(),
  timeout: z.number().default(3),
  environment: z.object({ variables: z.record(z.string(), z.string()).default({}) }).optional(),
});

function parseInputs<T extends z.ZodType>(schema: T, { urn, inputs }: DeclaredResource): z.output<T> {
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => [...path.map(String), message].join(": "));
  throw new UnsupportedDeclarationError(urn, problems);
}

/** True where `named`, which may be an ARN, names the function `physicalName`. */
const names = (named: string, physicalName: string) =>
  named === physicalName || named.endsWith(`:function:${physicalName}`);

/**
 * The functions that read the stream of a table, by the enabled event source mappings of the program.
 * @param table the table's physical name
 * @throws {UnsupportedDeclarationError} naming what a mapping or a function lacks.
 */
export function readDeclaredConsumers(
  resources: readonly DeclaredResource[],
  table: string,
): DeclaredConsumer[] {
  const functions = resources
    .filter(({ type, read }) => type === FUNCTION_TYPE && !read)
    .map((resource) => ({ resource, inputs: parseInputs(functionInputs, resource) }));
  return resources
    .filter(({ type, read, inputs }) => {
      const source = String(inputs.eventSourceArn);
      return type === MAPPING_TYPE && !read && source.includes(`:table/${table}/stream/`);
    })
    .flatMap((resource) => {
      const mapping = parseInputs(mappingInputs, resource);
      const found = functions.find(({ inputs }) => names(mapping.functionName, inputs.name));
      if (!found || !mapping.enabled) return [];
      return [
        {
          name: found.resource.name,
          physicalName: found.inputs.name,
          environment: found.inputs.environment?.variables ?? {},
          timeoutSeconds: found.inputs.timeout,
          startingPosition: mapping.startingPosition,
          batchSize: mapping.batchSize,
          bisect: mapping.bisectBatchOnFunctionError,
          retryAttempts: mapping.maximumRetryAttempts,
          maximumRecordAgeSeconds: mapping.maximumRecordAgeInSeconds,
          reportsFailures: mapping.functionResponseTypes.includes("ReportBatchItemFailures"),
          filters: (mapping.filterCriteria?.filters ?? []).map(({ pattern }) => pattern),
        },
      ];
    });
}
