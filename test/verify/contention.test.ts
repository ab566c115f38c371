import { GetCommand, PutCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect, inject, test } from "vitest";
import { addReaction } from "../../queries/quick-photos/add-reaction.ts";
import { followUser } from "../../queries/quick-photos/follow-user.ts";
import { followUserCheck } from "../../queries/quick-photos/oracles/follow-user.ts";
import { unfollowUserCheck } from "../../queries/quick-photos/oracles/unfollow-user.ts";
import { updateUserCheck } from "../../queries/quick-photos/oracles/update-user.ts";
import { AlreadyFollowingError } from "../../queries/quick-photos/refusals.ts";
import { unfollowUser } from "../../queries/quick-photos/unfollow-user.ts";
import { updateUser } from "../../queries/quick-photos/update-user.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import type { AnyAccessPattern, Database } from "../../src/query/access-pattern.ts";
import type { ContentionGroup, OracleSet, WriteCheck } from "../../src/query/oracle.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { fileTable, oracles, resultOf, verifyTable, withPattern } from "./quick-photos.ts";

const { items, table } = await fileTable();
/** The writing patterns that count. */
const COUNTING = ["follow-user", "unfollow-user", "add-reaction", "remove-reaction"];

test("50 at once, of which DynamoDB cancels three in ten for a conflict: counters stay exact", async () => {
  const rules = [
    {
      operation: ["TransactWriteItems", "UpdateItem"],
      probability: 0.3,
      fault: { kind: "conflict" as const },
    },
  ];
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  const target = localTarget(proxy.endpoint);
  const report = await verifyTable(table, { items, target, selected: COUNTING });
  expect(report.patterns.filter(({ status }) => status !== "pass")).toEqual([]);
  expect(proxy.mostAtOnce).toBeGreaterThan(25);
  expect(proxy.requests.filter(({ fault }) => fault === "conflict").length).toBeGreaterThan(100);
}, 60_000);

type Item = Record<string, unknown>;
const profileKey = (name: string) => ({ PK: `USER#${name}`, SK: `#METADATA#${name}` });

/** Lets nobody go on before everybody who has begun has read: what may happen, every time. */
function meeting() {
  const waiting: (() => void)[] = [];
  let begun = 0;
  let here = 0;
  return {
    begin: () => {
      begun += 1;
    },
    meet: async () => {
      here += 1;
      if (here < begun) return new Promise<void>((resolve) => waiting.push(resolve));
      for (const goOn of waiting.splice(0)) goOn();
    },
  };
}

/** A pattern that first reads an item, all who come at once together, and then writes. */
function afterReading<Input>(
  pattern: AnyAccessPattern,
  keyOf: (input: Input) => Item,
  write: (database: Database, input: Input, found: Item | undefined) => Promise<unknown>,
): Partial<AnyAccessPattern> {
  const { begin, meet } = meeting();
  const request = (input: Input, TableName: string) => ({
    TableName,
    Key: keyOf(input),
    ConsistentRead: true,
  });
  return {
    operations: [...pattern.operations, "GetItem", "PutItem", "UpdateItem"],
    budget: { requests: 3 },
    params: (input: Input, table: string) => ({ operation: "GetItem", input: request(input, table) }),
    run: async (database: Database, input: Input) => {
      begin();
      const { Item: found } = await database.client.send(new GetCommand(request(input, database.table)));
      await meet();
      return write(database, input, found);
    },
  };
}

interface Friendship {
  readonly followedUser: string;
  readonly followingUser: string;
  readonly timestamp: string;
}

/** Right for one at a time: looks first whether the friendship is there, and then writes without a condition. */
const followAfterALook = afterReading<Friendship>(
  followUser,
  ({ followedUser, followingUser }) => ({ PK: `USER#${followedUser}`, SK: `#FRIEND#${followingUser}` }),
  async (database, input, found) => {
    if (found) throw new AlreadyFollowingError(input.followedUser, input.followingUser);
    const send = async (command: TransactWriteCommand, options: never) => {
      const [put, ...counts] = command.input.TransactItems ?? [];
      const { ConditionExpression: _, ...Put } = put?.Put ?? expect.fail("there is no Put");
      const TransactItems = [{ Put }, ...counts];
      return database.client.send(new TransactWriteCommand({ ...command.input, TransactItems }), options);
    };
    return followUser.run({ ...database, client: { send: send as Database["client"]["send"] } }, input);
  },
);

/** Right for one at a time: reads the counter, and sets what it has reckoned. */
const followByReckoning = afterReading<Friendship>(
  followUser,
  ({ followedUser }) => profileKey(followedUser),
  async (database, input, found) => {
    const answer = await followUser.run(database, input);
    const update = {
      TableName: database.table,
      Key: profileKey(input.followedUser),
      UpdateExpression: "SET followers = :n",
      ExpressionAttributeValues: { ":n": Number(found?.followers) + 1 },
    };
    await database.client.send(new UpdateCommand(update));
    return answer;
  },
);

/** Right for one at a time: puts the whole profile as it was read, with what is changed. */
const updateByPut = afterReading<{ username: string; set: Item; unset: string[] }>(
  updateUser,
  ({ username }) => profileKey(username),
  async (database, input, found) => {
    const answer = await updateUser.run(database, input as never);
    const kept = Object.entries({ ...found, ...input.set }).filter(([name]) => !input.unset.includes(name));
    await database.client.send(new PutCommand({ TableName: database.table, Item: Object.fromEntries(kept) }));
    return answer;
  },
);

/** Says that a friendship has ended to everyone who asks meanwhile. */
const unfollowForAll = (() => {
  const ending = new Map<string, Promise<unknown>>();
  return {
    run: (database: Database, input: Omit<Friendship, "timestamp">) => {
      const key = JSON.stringify([database.table, input]);
      const running = ending.get(key) ?? unfollowUser.run(database, input).finally(() => ending.delete(key));
      ending.set(key, running);
      return running;
    },
  };
})();

const MUTANTS: [
  what: string,
  pattern: AnyAccessPattern,
  change: Partial<AnyAccessPattern>,
  message: RegExp,
][] = [
  [
    "a look in the place of a condition",
    followUser,
    followAfterALook,
    /^at once, one user follows another: expected 1 done, 49 refused with already-following, but it was \d+ done/,
  ],
  [
    "a counter that is read, reckoned and set",
    followUser,
    followByReckoning,
    /^at once, 50 users follow .*: the table afterwards: .*\n[\s\S]*followers: expected \d+, got \d+/,
  ],
  [
    "a whole item put back",
    updateUser,
    updateByPut,
    /^at once, changes of two attributes of .*: the table afterwards: /,
  ],
  [
    "an end of which many are told that it was theirs",
    unfollowUser,
    unfollowForAll,
    /^at once, one friendship ends: expected 1 done, 9 refused with not-following, but it was 10 done/,
  ],
];

test.each(MUTANTS)("red only when many come at once: %s", async (_, pattern, change, message) => {
  const options = { items, querySet: withPattern(pattern, change), selected: [pattern.id] };
  const result = resultOf(await verifyTable(table, options), pattern.id);
  expect(result.message).toMatch(message);
  expect(result.status).toBe("fail");
});

test("a pattern that gives up at the first conflict is indeterminate, exit 3", async () => {
  const impatient = {
    run: (database: Database, input: never) =>
      addReaction.run({ ...database, signal: AbortSignal.timeout(400) }, input),
  };
  const rules = [
    { operation: "TransactWriteItems", where: () => atOnce, fault: { kind: "conflict" as const } },
  ];
  let atOnce = false;
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  const check = set.checks.find(({ pattern }) => pattern.id === "add-reaction") as WriteCheck<unknown>;
  const groups = (...given: never[]) => {
    atOnce = true;
    return check.contention?.groups(...(given as unknown as [unknown, never])) ?? [];
  };
  const report = await verifyTable(table, {
    items,
    oracles: withContention(check, groups),
    querySet: withPattern(addReaction, impatient),
    target: localTarget(proxy.endpoint),
    selected: ["add-reaction"],
    timeoutMs: 300,
  });
  expect(resultOf(report, "add-reaction")).toMatchObject({
    status: "indeterminate",
    message: /^at once, 50 reactions/,
  });
});

const set = oracles as OracleSet;

/** The real oracles, where one check's groups are others. */
function withContention(
  check: { readonly pattern: { readonly id: string } },
  groups: (...given: never[]) => readonly ContentionGroup[],
): OracleSet {
  const checks = set.checks.map((candidate) =>
    candidate.kind === "write" && candidate.pattern.id === check.pattern.id
      ? ({ ...candidate, contention: { ...candidate.contention, groups } } as unknown as typeof candidate)
      : candidate,
  );
  return { ...set, checks };
}

const someone = { followedUser: "nobody-in-the-crowd-1", followingUser: "nobody-in-the-crowd-2" };

test.each([
  ["no group", followUserCheck, () => [], /has no group of inputs/],
  [
    "one input",
    followUserCheck,
    () => [{ name: "one", inputs: [{ ...someone, timestamp: "2019-05-01T12:00:00" }] }],
    /at once, one: it has fewer than two inputs/,
  ],
  [
    "nothing that is done",
    unfollowUserCheck,
    () => [{ name: "strangers", inputs: [someone, someone] }],
    /none of its inputs is done/,
  ],
  [
    "an outcome that hangs on the order",
    updateUserCheck,
    (source: { users: { username: string }[] }) => {
      const username = source.users[0]?.username;
      return [{ name: "two names", inputs: ["A", "B"].map((name) => ({ username, set: { name } })) }];
    },
    /hangs on their order/,
  ],
] as const)("a contention with %s is no pass", async (_, check, groups, message) => {
  const options = { items, selected: [check.pattern.id], oracles: withContention(check, groups as never) };
  const result = resultOf(await verifyTable(table, options), check.pattern.id);
  expect(result).toMatchObject({ status: "fail" });
  expect(result.message).toMatch(message);
});
