// The Lambda function's entry. `tablewright stream run` calls the same export.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { StreamHandler } from "tablewright/stream";
import { consume } from "./consume.ts";

const name = process.env.ACTIVITY_TABLE;
if (!name) throw new TypeError("ACTIVITY_TABLE must name the activity table");
const table = { client: new DynamoDBClient({}), name };

export const handler: StreamHandler = (event) =>
  consume(event, { table, log: (line) => process.stdout.write(`${line}\n`) });
