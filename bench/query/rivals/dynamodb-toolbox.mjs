import { Entity } from "dynamodb-toolbox/entity";
import { BatchGetRequest } from "dynamodb-toolbox/entity/actions/batchGet";
import { GetItemCommand } from "dynamodb-toolbox/entity/actions/get";
import { item } from "dynamodb-toolbox/schema/item";
import { list } from "dynamodb-toolbox/schema/list";
import { map } from "dynamodb-toolbox/schema/map";
import { number } from "dynamodb-toolbox/schema/number";
import { string } from "dynamodb-toolbox/schema/string";
import { Table } from "dynamodb-toolbox/table";
import { BatchGetCommand, execute } from "dynamodb-toolbox/table/actions/batchGet";
import { QueryCommand } from "dynamodb-toolbox/table/actions/query";
import { documentClient, inOrder } from "./common.mjs";

export default function open(endpoint, name) {
  const table = new Table({
    name,
    documentClient: documentClient(endpoint),
    partitionKey: { name: "PK", type: "string" },
    sortKey: { name: "SK", type: "string" },
    indexes: {
      InvertedIndex: {
        type: "global",
        partitionKey: { name: "SK", type: "string" },
        sortKey: { name: "PK", type: "string" },
      },
    },
  });
  // What the library would add to each item by itself, these items do not have.
  const plain = { table, entityAttribute: false, timestamps: false };
  const user = new Entity({
    ...plain,
    name: "user",
    schema: item({
      username: string().key(),
      name: string(),
      email: string(),
      birthdate: string().optional(),
      address: string().optional(),
      status: string().optional(),
      interests: list(string()).optional(),
      pinnedImage: string().optional(),
      recommendedFriends: list(string()).optional(),
      followers: number().optional(),
      following: number().optional(),
    }),
    computeKey: ({ username }) => ({ PK: `USER#${username}`, SK: `#METADATA#${username}` }),
  });
  const photo = new Entity({
    ...plain,
    name: "photo",
    schema: item({
      username: string().key(),
      timestamp: string().key(),
      location: string().optional(),
      reactions: map({
        "+1": number().optional(),
        smiley: number().optional(),
        sunglasses: number().optional(),
        heart: number().optional(),
      }).optional(),
    }),
    computeKey: ({ username, timestamp }) => ({
      PK: `USER#${username}`,
      SK: `PHOTO#${username}#${timestamp}`,
    }),
  });
  const friendship = new Entity({
    ...plain,
    name: "friendship",
    schema: item({ followedUser: string().key(), followingUser: string().key(), timestamp: string() }),
    computeKey: ({ followedUser, followingUser }) => ({
      PK: `USER#${followedUser}`,
      SK: `#FRIEND#${followingUser}`,
    }),
  });
  const username = "jacksonjason";
  const query = async (entity, range, options = {}) => {
    const command = table.build(QueryCommand).entities(entity).query(range);
    return (await command.options({ entityAttrFilter: false, ...options }).send()).Items;
  };
  return {
    "fetch-user": async () => [(await user.build(GetItemCommand).key({ username }).send()).Item],
    "find-followers": () =>
      query(
        friendship,
        { partition: `USER#${username}`, range: { beginsWith: "#FRIEND#" } },
        { maxPages: Number.POSITIVE_INFINITY },
      ),
    "recent-photos": () =>
      query(
        photo,
        { partition: `USER#${username}`, range: { beginsWith: `PHOTO#${username}#` } },
        { reverse: true, limit: 100 },
      ),
    "find-and-enrich-following": async () => {
      const friendships = await query(
        friendship,
        { index: "InvertedIndex", partition: `#FRIEND#${username}` },
        { maxPages: Number.POSITIVE_INFINITY },
      );
      const requests = friendships.map(({ followedUser }) =>
        user.build(BatchGetRequest).key({ username: followedUser }),
      );
      const { Responses } = await execute(table.build(BatchGetCommand).requests(...requests));
      return inOrder(friendships, Responses[0]);
    },
  };
}
