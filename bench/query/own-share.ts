/**
 * What our query functions take by themselves: the patterns run on a document client that answers at once, with
 * answers as the real one would have unmarshalled them. Called by run.ts, in a process of its own.
 */
import { unmarshall } from "@aws-sdk/util-dynamodb";
import querySet from "../../queries/quick-photos/index.ts";
import type { AnyAccessPattern, Database } from "../../src/query/index.ts";
import { median } from "../statistics.ts";
import { answerName, makeAnswers } from "./data.ts";
import { PATTERNS } from "./patterns.ts";

const TABLE = "quick-photos";
const WARM_UP = 3_000;
const ROUNDS = 15;
const ANSWERS = 300;

type Stored = Parameters<typeof unmarshall>[0];
interface Answer {
  Item?: Stored;
  Items?: Stored[];
  LastEvaluatedKey?: Stored;
  Responses?: Record<string, Stored[]>;
}

function unmarshalled(text: string): object {
  const answer = JSON.parse(text) as Answer;
  const { Item, Items, LastEvaluatedKey, Responses } = answer;
  return {
    ...answer,
    ...(Item && { Item: unmarshall(Item) }),
    ...(Items && { Items: Items.map((item) => unmarshall(item)) }),
    ...(LastEvaluatedKey && { LastEvaluatedKey: unmarshall(LastEvaluatedKey) }),
    ...(Responses && { Responses: { [TABLE]: Responses[TABLE]?.map((item) => unmarshall(item)) } }),
  };
}

const answers = Object.fromEntries(
  Object.entries(makeAnswers(TABLE)).map(([name, text]) => [name, unmarshalled(text)]),
);

/** A client that has the answer ready; which one is found out before, so that looking costs nothing. */
function readyClient(queue: readonly object[]): Database["client"] {
  let next = 0;
  const send = async () => {
    const answer = queue[next];
    next = (next + 1) % queue.length;
    return answer;
  };
  return { send: send as unknown as Database["client"]["send"] };
}

const figures: Record<string, { median: number; least: number; most: number; pages: number }> = {};
for (const { id, input, pages } of PATTERNS) {
  const pattern = querySet.patterns.find((candidate) => candidate.id === id) as AnyAccessPattern;
  const { operation, input: first } = pattern.params(pattern.input.parse(input), TABLE);
  const names = [answerName(operation, JSON.stringify(first)), ...(pages > 1 ? ["profiles"] : [])];
  const client = readyClient(names.map((name) => answers[name] as object));
  const database: Database = { client, table: TABLE };
  const run = () => pattern.run(database, pattern.input.parse(input));
  for (let answer = 0; answer < WARM_UP; answer += 1) await run();
  const micros: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let answer = 0; answer < ANSWERS; answer += 1) await run();
    const { user, system } = process.cpuUsage(before);
    micros.push((user + system) / ANSWERS);
  }
  figures[id] = { median: median(micros), least: Math.min(...micros), most: Math.max(...micros), pages };
}
process.stdout.write(`${JSON.stringify(figures)}\n`);
