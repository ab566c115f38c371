import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { expect, test } from "vitest";
import { addReaction } from "../../queries/quick-photos/add-reaction.ts";
import { createUser } from "../../queries/quick-photos/create-user.ts";
import { type Friendship, readFriendship } from "../../queries/quick-photos/entities.ts";
import { fetchPhotoAndReactions } from "../../queries/quick-photos/fetch-photo-and-reactions.ts";
import { fetchUser } from "../../queries/quick-photos/fetch-user.ts";
import { findFollowers } from "../../queries/quick-photos/find-followers.ts";
import { followUser } from "../../queries/quick-photos/follow-user.ts";
import { recentPhotos } from "../../queries/quick-photos/recent-photos.ts";
import { UserNotFoundError } from "../../queries/quick-photos/refusals.ts";
import { removeReaction } from "../../queries/quick-photos/remove-reaction.ts";
import { unfollowUser } from "../../queries/quick-photos/unfollow-user.ts";
import { updateUser } from "../../queries/quick-photos/update-user.ts";
import { uploadPhoto } from "../../queries/quick-photos/upload-photo.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import type { AnyAccessPattern, Database } from "../../src/query/access-pattern.ts";
import type { PlainItem } from "../../src/query/oracle.ts";
import { exitCodeOfReport, type PatternResult } from "../../src/verify/report.ts";
import { fileTable, migrated, resultOf, verifyTable, withPattern } from "./quick-photos.ts";

const { client, items, table } = await fileTable();

/** The user whom most others follow: every check draws the input with the most rows. */
function mostFollowed(): string {
  const counts = new Map<string, number>();
  for (const { followedUser } of items as readonly Partial<Friendship>[]) {
    if (followedUser) counts.set(followedUser, (counts.get(followedUser) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "";
}

interface TableMutant {
  readonly what: string;
  /** The item to change, by its source attributes. */
  readonly find: (item: PlainItem) => boolean;
  /** What becomes of it; undefined: it goes. */
  readonly change: (item: PlainItem) => PlainItem | undefined;
  readonly pattern: string;
  readonly message: RegExp;
}

const isUser = (item: PlainItem) => item.email !== undefined;
const isPhoto = (item: PlainItem) => item.location !== undefined && !isUser(item);
const isFollower = (item: PlainItem) => item.followedUser === mostFollowed();
const reactionsIn = (item: PlainItem) => item.reactions as Record<string, number>;

// What `verify --self-test` does on the wire is not done here again (self-test.test.ts): these are mistakes in the table,
// and below those in a pattern that no change of a request makes.
const TABLE_MUTANTS: readonly TableMutant[] = [
  {
    what: "an item dropped",
    find: isFollower,
    change: () => undefined,
    pattern: "find-followers",
    message: /1 missing, 0 that/,
  },
  {
    what: "a counter at 0 left out",
    find: (item) => isPhoto(item) && Object.values(reactionsIn(item)).includes(0),
    change: (item) => ({
      ...item,
      reactions: Object.fromEntries(Object.entries(reactionsIn(item)).filter(([, n]) => n > 0)),
    }),
    pattern: "fetch-user-and-photos",
    message: /expected 0, got nothing/,
  },
];

const key = (item: StoredItem) => ({ PK: item.PK ?? { NULL: true }, SK: item.SK ?? { NULL: true } });

test.each(TABLE_MUTANTS)("red: $what", async ({ find, change, pattern, message }) => {
  const original = migrated(items).find((item) => find(unmarshall(item)));
  if (!original) throw new Error("there is no such item to change");
  const mutant = change(unmarshall(original));
  const put = (Item: StoredItem) => client.send(new PutItemCommand({ TableName: table, Item }));
  const remove = (item: StoredItem) =>
    client.send(new DeleteItemCommand({ TableName: table, Key: key(item) }));
  if (mutant) await put(marshall(mutant));
  else await remove(original);
  try {
    // So many inputs that every user and photo is among them.
    const report = await verifyTable(table, { items, selected: [pattern], inputCount: 500 });
    expect(resultOf(report, pattern)).toMatchObject({ status: "fail" });
    expect(resultOf(report, pattern).message).toMatch(message);
    expect(exitCodeOfReport(report)).toBe(1);
  } finally {
    if (mutant) await remove(marshall(mutant));
    await put(original);
  }
});

interface SomeCommand {
  readonly input: Record<string, unknown>;
}

/** A pattern whose requests and responses are tampered with: a mistake in the pattern, made from outside. */
function tampered(
  pattern: AnyAccessPattern,
  request: (input: Record<string, unknown>) => Record<string, unknown>,
  response: (output: object) => object = (output) => output,
): Partial<AnyAccessPattern> {
  return {
    run: async (database: Database, input: never) => {
      const send = async (command: SomeCommand, options: never) => {
        const Command = command.constructor as new (input: object) => never;
        return response(await database.client.send(new Command(request({ ...command.input })), options));
      };
      return pattern.run({ ...database, client: { send: send as Database["client"]["send"] } }, input);
    },
  };
}

/** Changes each action of a transaction. */
const inTransaction =
  (change: (action: Record<string, Record<string, unknown>>) => unknown) =>
  (input: Record<string, unknown>) => ({
    ...input,
    TransactItems: (input.TransactItems as Record<string, Record<string, unknown>>[]).map(change),
  });

const withPut = (change: (item: Record<string, unknown>) => Record<string, unknown>) =>
  inTransaction((action) =>
    action.Put
      ? { Put: { ...action.Put, Item: change(action.Put.Item as Record<string, unknown>) } }
      : action,
  );

/** Lets a delete go through whether the item is marked or not. */
const withoutDeleteCondition = inTransaction((action) =>
  action.Delete ? { Delete: { ...action.Delete, ConditionExpression: "attribute_exists(PK)" } } : action,
);

interface PatternMutant {
  readonly what: string;
  readonly pattern: AnyAccessPattern;
  readonly change: Partial<AnyAccessPattern>;
  readonly message: RegExp;
}

const PATTERN_MUTANTS: readonly PatternMutant[] = [
  {
    what: "the cursor ignored",
    pattern: findFollowers,
    change: {
      run: (database: Database, input: object) =>
        findFollowers.run(database, { ...input, cursor: undefined } as never),
    },
    message: /read \d+ a page: page 2 leads back to an earlier page/,
  },
  {
    what: "the limit ignored",
    pattern: findFollowers,
    change: {
      run: (database: Database, input: object) =>
        findFollowers.run(database, { ...input, limit: undefined } as never),
    },
    message: /read \d+ a page: page 1 has \d+ rows, and room for \d/,
  },
  {
    what: "the first row of a later page skipped",
    pattern: recentPhotos,
    change: {
      run: async (database: Database, input: never) => {
        const { photos, cursor } = await recentPhotos.run(database, input);
        return { photos: (input as { cursor?: string }).cursor ? photos.slice(1) : photos, cursor };
      },
    },
    message: /read \d+ a page/,
  },
  {
    what: "an end before all is read",
    pattern: findFollowers,
    change: {
      run: (database: Database, input: object) =>
        findFollowers.run(database, { limit: 1, ...input } as never),
    },
    message: /missing|stopped with a cursor/,
  },
  {
    what: "the right rows by a scan",
    pattern: findFollowers,
    change: {
      run: async ({ client: sender, table: name }: Database, { username, limit }: never) => {
        const page = await sender.send(new ScanCommand({ TableName: name }));
        const rows = (page.Items ?? []).filter((item) => item.followedUser === username).map(readFriendship);
        const inOrder = rows.sort((a, b) => (a.followingUser < b.followingUser ? -1 : 1));
        return { followers: inOrder.slice(0, limit), cursor: undefined };
      },
    },
    message: /it sent Scan, but declares Query/,
  },
  {
    what: "another first request than its params say",
    pattern: findFollowers,
    change: {
      params: (input: object, name: string) => findFollowers.params({ ...input, limit: 7 } as never, name),
    },
    message: /its first Query is not what its params say\n\s+params: .*"Limit":7.*\n\s+sent: /,
  },
  {
    what: "params of another operation",
    pattern: fetchUser,
    change: { params: (input: object, name: string) => findFollowers.params(input as never, name) },
    message: /its first request is a GetItem, but its params say Query/,
  },
  {
    what: "a filter that nobody named",
    pattern: findFollowers,
    change: tampered(findFollowers, (input) => ({
      ...input,
      FilterExpression: "attribute_exists(followedUser)",
    })),
    message: /it filters, which pays for what it throws away: .*\n.*attribute_exists\(followedUser\)/,
  },
  {
    what: "an answer that was not asked for",
    pattern: fetchUser,
    change: { run: async () => ({ user: { username: "jacksonjason" } }) },
    message: /differs|missing/,
  },
  {
    what: "an empty answer for an unknown user",
    pattern: fetchPhotoAndReactions,
    change: {
      run: (database: Database, input: never) =>
        fetchPhotoAndReactions.run(database, input).catch(() => ({ reactions: [] })),
    },
    message: /expected the refusal photo-not-found, but it was done/,
  },
  {
    what: "an exception",
    pattern: findFollowers,
    change: { run: () => Promise.reject(new TypeError("undefined is not a function")) },
    message: /undefined is not a function/,
  },
  {
    what: "a delete that subtracts what was never counted",
    pattern: unfollowUser,
    change: tampered(unfollowUser, withoutDeleteCondition),
    message: /no counter includes: the table afterwards: [\s\S]*followers: expected \d+, got -?\d+/,
  },
  {
    what: "a friendship that cannot go without its user",
    pattern: unfollowUser,
    change: tampered(
      unfollowUser,
      inTransaction((action) => {
        if (action.ConditionCheck) throw new UserNotFoundError("gone");
        return action;
      }),
    ),
    message: /a user who is gone: expected that it is done, but it was refused with user-not-found/,
  },
  {
    what: "a reaction that is subtracted though it was never counted",
    pattern: removeReaction,
    change: tampered(removeReaction, withoutDeleteCondition),
    message: /no counter includes: the table afterwards: [\s\S]*reactions\./,
  },
  {
    what: "an attribute nobody asked for",
    pattern: uploadPhoto,
    change: tampered(
      uploadPhoto,
      withPut((item) => ({ ...item, size: 1 })),
    ),
    message: /size: expected nothing, got 1/,
  },
  {
    what: "an update that touches more than it was told",
    pattern: updateUser,
    change: tampered(updateUser, (input) => ({
      ...input,
      UpdateExpression: String(input.UpdateExpression).startsWith("SET ")
        ? String(input.UpdateExpression).replace("SET ", "SET followers = :zero, ")
        : `SET followers = :zero ${input.UpdateExpression}`,
      ExpressionAttributeValues: { ...(input.ExpressionAttributeValues as object), ":zero": -1 },
    })),
    message: /followers: expected \d+, got -1/,
  },
  {
    what: "a refusal with another reason",
    pattern: addReaction,
    change: {
      run: (database: Database, input: never) =>
        addReaction.run(database, input).catch((error: Error) => {
          throw Object.assign(error, { code: "photo-not-found" });
        }),
    },
    message: /expected the refusal already-reacted, but it was refused with photo-not-found/,
  },
  {
    what: "a refusal that leaves a trace",
    pattern: followUser,
    change: {
      run: async (database: Database, input: { followedUser: string }) => {
        try {
          return await followUser.run(database, input as never);
        } catch (error) {
          const user = { username: input.followedUser, name: "Trace", email: "trace@example.com" };
          await createUser.run(database, { ...user, username: "trace" }).catch(() => {});
          throw error;
        }
      },
    },
    message: /a refusal must change nothing/,
  },
];

test.each(PATTERN_MUTANTS)("red: $what ($pattern.id)", async ({ pattern, change, message }) => {
  const options = { items, querySet: withPattern(pattern, change), selected: [pattern.id] };
  const result: PatternResult = resultOf(await verifyTable(table, options), pattern.id);
  expect(result.message).toMatch(message);
  expect(result.status).toBe("fail");
});

test("a scan or a filter that the pattern names is no finding of its own", async () => {
  const filter = { FilterExpression: "attribute_exists(followedUser)" };
  const change = {
    ...tampered(findFollowers, (input) => ({ ...input, ...filter })),
    params: (input: object, name: string) => {
      const { operation, input: request } = findFollowers.params(input as never, name);
      return { operation, input: { ...request, ...filter } };
    },
    allows: ["filter"] as const,
  };
  const options = { items, querySet: withPattern(findFollowers, change), selected: [findFollowers.id] };
  expect(resultOf(await verifyTable(table, options), findFollowers.id)).toMatchObject({ status: "pass" });
});

test("green again when nothing is changed", async () => {
  const selected = TABLE_MUTANTS.map(({ pattern }) => pattern);
  const report = await verifyTable(table, { items, inputCount: 500, selected });
  expect(report.failed + report.indeterminate + report.notRun).toBe(0);
  expect(report.passed).toBe(new Set(selected).size);
});
