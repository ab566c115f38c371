import {
  BatchGetCommand,
  type BatchGetCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  type GetCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/lib-dynamodb";
import type { Friendship } from "../../../queries/quick-photos/entities.ts";
import querySet from "../../../queries/quick-photos/index.ts";
import { userKey } from "../../../queries/quick-photos/keys.ts";
import { createClient } from "../../../src/dynamo/client.ts";
import { localTarget } from "../../../src/dynamo/target.ts";
import type { AnyAccessPattern } from "../../../src/query/index.ts";
import { PATTERNS, type Runners } from "../patterns.ts";

/** The document client with the very requests of our patterns, made once; items come back as they are. */
export default function open(endpoint: string, table: string): Runners {
  const client = DynamoDBDocumentClient.from(createClient(localTarget(endpoint)).client);
  const inputs = new Map(
    PATTERNS.map(({ id, input }) => {
      const pattern = querySet.patterns.find((candidate) => candidate.id === id) as AnyAccessPattern;
      return [id, pattern.params(pattern.input.parse(input), table).input];
    }),
  );
  const query = async (id: string) => {
    const { Items } = await client.send(new QueryCommand(inputs.get(id) as QueryCommandInput));
    return Items ?? [];
  };
  return {
    "fetch-user": async () => {
      const { Item } = await client.send(new GetCommand(inputs.get("fetch-user") as GetCommandInput));
      return [Item];
    },
    "find-followers": () => query("find-followers"),
    "recent-photos": () => query("recent-photos"),
    "find-and-enrich-following": async () => {
      const friendships = (await query("find-and-enrich-following")) as Friendship[];
      const keys = friendships.map(({ followedUser }) => userKey({ username: followedUser }));
      const input: BatchGetCommandInput = {
        RequestItems: { [table]: { Keys: keys } },
        ReturnConsumedCapacity: "TOTAL",
      };
      const { Responses } = await client.send(new BatchGetCommand(input));
      const found = new Map(Responses?.[table]?.map((item) => [item.username, item]));
      return friendships.map(({ followedUser }) => found.get(followedUser));
    },
  };
}
