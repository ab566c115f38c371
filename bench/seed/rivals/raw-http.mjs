// The limit: bodies that were made before, signed and posted. It parses only answers that leave something over.
import { readFileSync } from "node:fs";
import aws4 from "aws4";
import { Pool } from "undici";
import { endpoint, sendAll, table } from "./common.mjs";

const { WINDOW, REQUESTS_FILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
const { host, origin } = new URL(endpoint);
const pool = new Pool(origin, { connections: Number(WINDOW) });
const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
const ALL_DONE = '{"UnprocessedItems":{}}';

async function send(body) {
  const { headers } = aws4.sign(
    {
      service: "dynamodb",
      region: "us-east-1",
      method: "POST",
      path: "/",
      host,
      headers: {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
      },
      body,
    },
    credentials,
  );
  const answer = await pool.request({ method: "POST", path: "/", headers, body });
  const text = await answer.body.text();
  if (text === ALL_DONE) return [];
  if (text.includes("ProvisionedThroughputExceededException")) return body;
  if (answer.statusCode !== 200) throw new Error(text);
  const left = JSON.parse(text).UnprocessedItems[table];
  return JSON.stringify({ RequestItems: { [table]: left } });
}

const bodies = readFileSync(REQUESTS_FILE, "utf8")
  .split("\n")
  .filter((line) => line !== "");
await sendAll(bodies, send);
await pool.close();
