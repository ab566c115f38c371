import {
  BillingMode,
  InputCompressionType,
  InputFormat,
  ProjectionType,
  ScalarAttributeType,
  StreamViewType,
  TableClass,
} from "@aws-sdk/client-dynamodb";
import * as lambda from "@pulumi/aws/types/enums/lambda/index.js";
import type { DeclaredResource } from "../../src/deploy/monitor.ts";

/** What a property may hold; the paths are those of the provider. */
type Allowed = readonly (readonly [path: RegExp, values: Readonly<Record<string, string>>])[];

// The provider ships enums for some services; for DynamoDB it takes text, and the service's own SDK has them.
const ALLOWED: Readonly<Record<string, Allowed>> = {
  "aws:dynamodb/table:Table": [
    [/^billingMode$/, BillingMode],
    [/^attributes\.\d+\.type$/, ScalarAttributeType],
    [/SecondaryIndexes\.\d+\.projectionType$/, ProjectionType],
    [/^streamViewType$/, StreamViewType],
    [/^tableClass$/, TableClass],
    [/^importTable\.inputFormat$/, InputFormat],
    [/^importTable\.inputCompressionType$/, InputCompressionType],
  ],
  "aws:lambda/function:Function": [[/^runtime$/, lambda.Runtime]],
};

/** Every text in a value, by its path. */
function texts(value: unknown, path: readonly string[] = []): (readonly [string, string])[] {
  if (typeof value === "string") return [[path.join("."), value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, [...path, key]));
}

/** What was compared with its enum, and what of it is no value of that. */
export function checkEnums(resources: readonly DeclaredResource[]): {
  compared: Set<string>;
  wrong: string[];
} {
  const compared = new Set<string>();
  const wrong: string[] = [];
  for (const { type, name, inputs } of resources) {
    for (const [path, value] of texts(inputs)) {
      for (const [pattern, values] of ALLOWED[type] ?? []) {
        if (!pattern.test(path)) continue;
        compared.add(path);
        if (!Object.values(values).includes(value)) wrong.push(`${type} ${name}: ${path} is ${value}`);
      }
    }
  }
  return { compared, wrong };
}
