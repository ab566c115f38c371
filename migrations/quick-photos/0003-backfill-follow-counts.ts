import { backfill, counter, defineMigration } from "tablewright/migrate";

const users = { PK: { beginsWith: "USER#" }, SK: { beginsWith: "#METADATA#" } };

const userKey = (username: string) => ({ PK: `USER#${username}`, SK: `#METADATA#${username}` });

export default defineMigration({
  id: "0003-backfill-follow-counts",
  description: "Counts each user's followers, and whom the user follows, from the friendships there are",
  steps: [
    backfill({ id: "start-at-zero", where: users, set: { followers: 0, following: 0 }, undo: "remove" }),
    counter({
      id: "count-friendships",
      members: { PK: { beginsWith: "USER#" }, SK: { beginsWith: "#FRIEND#" } },
      mark: "counted",
      recount: "recount",
      on: users,
      attributes: ["followers", "following"],
      counts: (friendship) => [
        { key: userKey(String(friendship.PK).slice("USER#".length)), path: ["followers"] },
        { key: userKey(String(friendship.SK).slice("#FRIEND#".length)), path: ["following"] },
      ],
    }),
  ],
});
