import { addReaction } from "../../queries/quick-photos/add-reaction.ts";
import { followUser } from "../../queries/quick-photos/follow-user.ts";
import { removeReaction } from "../../queries/quick-photos/remove-reaction.ts";
import { unfollowUser } from "../../queries/quick-photos/unfollow-user.ts";
import type { Database } from "../../src/query/access-pattern.ts";
import { QueryRefusal } from "../../src/query/errors.ts";
import type { FaultRule, RandomSource } from "../faults/rules.ts";

const TYPES = ["+1", "smiley", "sunglasses", "heart"] as const;

/** Who takes part: users, and the times of their photos. */
export interface Cast {
  readonly users: readonly string[];
  readonly photos: readonly { readonly photoUser: string; readonly photoTimestamp: string }[];
}

/** The users of `smallTable(size)` and their photos. */
export function castOf(size: number): Cast {
  const users = Array.from({ length: size }, (_, n) => `user${n}`);
  const photos = users.map((photoUser, n) => ({
    photoUser,
    photoTimestamp: `2019-03-${String(1 + n).padStart(2, "0")}T00:00:00`,
  }));
  return { users, photos };
}

/** How often each of the application's writes was done; what was refused, or got no answer, is not counted. */
export type Done = Record<"follow" | "unfollow" | "react" | "unreact", number>;

const WHEN = "2026-01-01T12:00:00";
const OPERATIONS = ["follow", "unfollow", "react", "unreact"] as const;

/** Makes one of the application's writes, through its own queries. */
function write(operation: keyof Done, database: Database, { users, photos }: Cast, random: RandomSource) {
  const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const [followedUser, followingUser, reactingUser] = [any(users), any(users), any(users)];
  const reaction = { reactingUser, reactionType: any(TYPES), ...any(photos) };
  switch (operation) {
    case "follow":
      return followUser.run(database, { followedUser, followingUser, timestamp: WHEN });
    case "unfollow":
      return unfollowUser.run(database, { followedUser, followingUser });
    case "react":
      return addReaction.run(database, { ...reaction, timestamp: WHEN });
    case "unreact":
      return removeReaction.run(database, reaction);
  }
}

/** Follows, unfollows, reacts and takes reactions back without pause until told to stop. */
export async function goOn(
  database: Database,
  cast: Cast,
  random: RandomSource,
  stop: AbortSignal,
): Promise<Done> {
  const done: Done = { follow: 0, unfollow: 0, react: 0, unreact: 0 };
  while (!stop.aborted) {
    const operation = OPERATIONS[Math.floor(random() * OPERATIONS.length)] ?? "follow";
    try {
      await write(operation, database, cast, random);
      done[operation] += 1;
    } catch (error) {
      // Without an answer it may be done, or be done later; what is wrong with a request itself is a mistake.
      const { name } = error as Error;
      if (!(error instanceof QueryRefusal) && name === "ValidationException") throw error;
    }
  }
  return done;
}

const tableOf = (action: unknown) =>
  Object.values(action as Record<string, { TableName?: string }>)[0]?.TableName;

/** What goes wrong with requests on AWS and never on an emulator: conflicts for 30 % of the writes, and worse. */
export function liveFaults(table: string, lateMs: number): FaultRule[] {
  const writes: Pick<FaultRule, "operation" | "where"> = {
    operation: "TransactWriteItems",
    // The ledger's own writes would only take longer.
    where: ({ body }) => body.TransactItems?.some((action) => tableOf(action) === table) ?? false,
  };
  return [
    { ...writes, probability: 0.3, fault: { kind: "conflict", at: 0 } },
    { ...writes, probability: 0.05, fault: { kind: "loseAnswer" } },
    { ...writes, probability: 0.05, fault: { kind: "failAfter" } },
    { ...writes, probability: 0.05, fault: { kind: "applyLate", milliseconds: lateMs } },
    {
      operation: "UpdateItem",
      where: ({ body }) => body.TableName === table,
      probability: 0.3,
      fault: { kind: "conflict" },
    },
    { operation: ["Scan", "BatchGetItem"], probability: 0.05, fault: { kind: "throttle" } },
  ];
}
