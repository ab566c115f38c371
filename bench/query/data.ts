import { marshall } from "@aws-sdk/util-dynamodb";
import {
  type Friendship,
  friendshipItem,
  type Photo,
  photoItem,
  type User,
  userItem,
} from "../../queries/quick-photos/entities.ts";

/** Items on a page: what every figure is of. */
export const PAGE = 100;
/** Whose profile, photos, followers and friends are asked for. */
export const USERNAME = "jacksonjason";

const two = (number: number) => String(number).padStart(2, "0");
const names = Array.from({ length: PAGE }, (_, n) => `member${String(n).padStart(3, "0")}`);
const timeOf = (n: number) => `2019-04-${two(1 + (n % 28))}T${two(n % 24)}:${two(n % 60)}:34`;

/** A profile with what profiles of the seed data have, and the counters of the migrations. */
const profile = (username: string, n: number): User => ({
  username,
  name: `Person Number ${n}`,
  email: `${username}@example.com`,
  birthdate: `1977-03-${two(1 + (n % 28))}`,
  address: `${n} Some Street, Springfield, ST 12345`,
  status: "Making the best of a cloudy day with a camera.",
  interests: ["hiking", "portraits", "street food"],
  followers: n,
  following: PAGE - n,
});

/** The entities that the answers must hold. */
export const ENTITIES = {
  user: profile(USERNAME, 7),
  followed: names.map(profile),
  followers: names.map(
    (followingUser, n): Friendship => ({ followedUser: USERNAME, followingUser, timestamp: timeOf(n) }),
  ),
  following: names.map(
    (followedUser, n): Friendship => ({ followedUser, followingUser: USERNAME, timestamp: timeOf(n) }),
  ),
  photos: names.map(
    (_, n): Photo => ({
      username: USERNAME,
      timestamp: `2019-05-01T10:${two(59 - Math.floor(n / 60))}:${two(59 - (n % 60))}`,
      location: "Lake Springfield, ST",
      reactions: { "+1": n, smiley: 2, sunglasses: 0, heart: 11 },
    }),
  ),
};

const stored = (item: object) => marshall(item, { removeUndefinedValues: true });
const page = (items: readonly object[]) => ({
  Items: items.map(stored),
  Count: items.length,
  ScannedCount: items.length,
  ConsumedCapacity: { TableName: "quick-photos", CapacityUnits: 2 },
});

/** The answers of the sink, as DynamoDB would spell them; the page of photos is not the last one. */
export function makeAnswers(table: string): Record<string, string> {
  const { user, followed, followers, following, photos } = ENTITIES;
  const marked = { counted: true };
  const last = photoItem(photos.at(-1) as Photo);
  const answers = {
    user: { Item: stored(userItem(user)), ConsumedCapacity: { TableName: table, CapacityUnits: 0.5 } },
    followers: page(followers.map((friendship) => ({ ...friendshipItem(friendship), ...marked }))),
    following: page(following.map((friendship) => ({ ...friendshipItem(friendship), ...marked }))),
    photos: { ...page(photos.map(photoItem)), LastEvaluatedKey: stored({ PK: last.PK, SK: last.SK }) },
    profiles: {
      Responses: { [table]: followed.map((user) => stored(userItem(user))) },
      UnprocessedKeys: {},
      ConsumedCapacity: [{ TableName: table, CapacityUnits: 50 }],
    },
  };
  return Object.fromEntries(Object.entries(answers).map(([name, body]) => [name, JSON.stringify(body)]));
}

/** Which of the answers a request wants. */
export function answerName(operation: string, body: string): string {
  if (operation === "GetItem") return "user";
  if (operation === "BatchGetItem") return "profiles";
  if (body.includes('"IndexName"')) return "following";
  return body.includes("PHOTO#") ? "photos" : "followers";
}
