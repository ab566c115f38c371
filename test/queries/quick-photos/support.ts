import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { expect, inject } from "vitest";
import type { z } from "zod";
import quickPhotos from "../../../infra/tables/quick-photos.ts";
import {
  friendshipItem,
  photoItem,
  reactionItem,
  type User,
  userItem,
} from "../../../queries/quick-photos/entities.ts";
import { photoReference } from "../../../queries/quick-photos/keys.ts";
import { canonicalItem } from "../../../src/dynamo/canonical-item.ts";
import type { AccessPattern, Database } from "../../../src/query/access-pattern.ts";
import { openDatabase } from "../../../src/query/database.ts";
import { parseInput } from "../../../src/query/parse-input.ts";
import { allItems, createTestTable, putItems, testClient } from "../../support/tables.ts";

type Input = Readonly<Record<string, unknown>>;

/** A Quick Photos table of one test, and the patterns run on it as a user runs them. */
export interface TestTable {
  readonly database: Database;
  /** Runs a pattern with an input checked by its schema. */
  run<Schema extends z.ZodObject, Result>(
    pattern: AccessPattern<Schema, Result>,
    input: Input,
    database?: Database,
  ): Promise<Result>;
  /** The answer as lines of text. */
  text<Schema extends z.ZodObject, Result>(
    pattern: AccessPattern<Schema, Result>,
    input: Input,
  ): Promise<string[]>;
  /** Writes items as they are, without any pattern. */
  put(...items: readonly object[]): Promise<void>;
  /** Every item in one spelling, by consistent scan: equal before and after means nothing was changed. */
  snapshot(): Promise<string[]>;
  /** Every item as plain values. */
  items(): Promise<Record<string, unknown>[]>;
  /** Expects a refusal of the code given that changes nothing. */
  expectRefusal<Schema extends z.ZodObject, Result>(
    pattern: AccessPattern<Schema, Result>,
    input: Input,
    code: string,
  ): Promise<Error>;
  /** The same table through another endpoint, such as a fault proxy. */
  through(endpoint: string, options?: { maxAttempts?: number }): Database;
}

/** Makes an empty Quick Photos table for the running test. */
export async function openQuickPhotos(): Promise<TestTable> {
  const { client } = testClient();
  const table = await createTestTable(client, quickPhotos);
  const database = openDatabase(client, table);
  const made: TestTable = {
    database,
    async run(pattern, input, on = database) {
      return pattern.run(on, parseInput(pattern, input) as z.output<typeof pattern.input>);
    },
    async text(pattern, input) {
      const parsed = parseInput(pattern, input) as z.output<typeof pattern.input>;
      return pattern.text(await pattern.run(database, parsed), parsed);
    },
    put: (...items) =>
      putItems(
        client,
        table,
        items.map((item) => marshall(item, { removeUndefinedValues: true })),
      ),
    snapshot: async () => (await allItems(client, table)).map(canonicalItem).sort(),
    items: async () => (await allItems(client, table)).map((item) => unmarshall(item)),
    async expectRefusal(pattern, input, code) {
      const before = await made.snapshot();
      const error = await made.run(pattern, input).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code, exitCode: 1 });
      expect(await made.snapshot()).toEqual(before);
      return error as Error;
    },
    through(endpoint, options) {
      return openDatabase(testClient(endpoint, options).client, table);
    },
  };
  return made;
}

/** The shared engine's endpoint, for a proxy to stand in front of. */
export const engineEndpoint = (): string => inject("endpoint");

/** A user as the seeds have them: without counters. */
export function seededUser(username: string, rest: Partial<User> = {}) {
  return userItem({ username, name: `Name of ${username}`, email: `${username}@example.com`, ...rest });
}

/** A photo as the seeds have them: without counters. */
export function seededPhoto(username: string, timestamp: string, rest: object = {}) {
  return { ...photoItem({ username, timestamp }), ...rest };
}

/** A reaction as the seeds have them: without the mark. */
export function seededReaction(
  reactingUser: string,
  reactionType: "+1" | "smiley" | "sunglasses" | "heart",
  photo: { username: string; timestamp: string },
  rest: object = {},
) {
  const reaction = { reactingUser, reactionType, photo: photoReference(photo) };
  return { ...reactionItem({ ...reaction, timestamp: "2020-01-01T00:00:00" }), ...rest };
}

/** A friendship as the seeds have them: without the mark. */
export function seededFriendship(followedUser: string, followingUser: string, rest: object = {}) {
  return { ...friendshipItem({ followedUser, followingUser, timestamp: "2020-01-01T00:00:00" }), ...rest };
}

/** Collects a paged answer page by page, following the cursors to the end. */
export async function collectPages<Result extends { cursor?: string | undefined }>(
  page: (cursor: string | undefined) => Promise<Result>,
): Promise<Result[]> {
  const pages: Result[] = [];
  let cursor: string | undefined;
  do {
    const next = await page(cursor);
    pages.push(next);
    cursor = next.cursor;
  } while (cursor !== undefined && pages.length < 1000);
  return pages;
}

/** The i-th of a series of times, each a minute after the one before. */
export function minute(index: number): string {
  return new Date(Date.UTC(2019, 0, 1, 0, index)).toISOString().slice(0, 19);
}
