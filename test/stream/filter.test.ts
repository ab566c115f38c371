import { describe, expect, it } from "vitest";
import { filters } from "../../infra/functions/stream-consumer/filters.ts";
import { recordFilter } from "../../src/stream/filter.ts";

const record = (eventName: string, PK: string, SK: string) => ({
  eventName,
  dynamodb: { Keys: { PK: { S: PK }, SK: { S: SK } }, SizeBytes: 50 },
});
const profile = ["USER#ann", "#METADATA#ann"] as const;
const photo = ["USER#ann", "PHOTO#ann#2026-01-01T10:00:00"] as const;
const friendship = ["USER#ann", "#FRIEND#bob"] as const;
const reaction = ["REACTION#bob#heart", "PHOTO#ann#2026-01-01T10:00:00"] as const;

describe("the consumer's filters", () => {
  const accepts = recordFilter(filters.map((filter) => JSON.stringify(filter)));

  it.each([profile, photo, friendship, reaction, ["ORDER#1", "ORDER#1"] as const])(
    "let %s through where it appears or goes",
    (PK, SK) => {
      expect(accepts(record("INSERT", PK, SK))).toBe(true);
      expect(accepts(record("REMOVE", PK, SK))).toBe(true);
    },
  );

  it("let changes of profiles and photos through, and no mark of a migration", () => {
    expect(
      [profile, photo, friendship, reaction].map(([PK, SK]) => accepts(record("MODIFY", PK, SK))),
    ).toEqual([true, true, false, false]);
  });
});

describe("a filter", () => {
  const insert = record("INSERT", ...profile);
  const fits = (...patterns: object[]) =>
    recordFilter(patterns.map((pattern) => JSON.stringify(pattern)))(insert);

  it("that there is not lets everything through", () => {
    expect(recordFilter([])({})).toBe(true);
  });

  it.each([
    [{ eventName: ["MODIFY", "INSERT"] }, true],
    [{ eventName: ["MODIFY"] }, false],
    [{ dynamodb: { SizeBytes: [50] } }, true],
    [{ dynamodb: { SizeBytes: ["50"] } }, false],
    [{ eventName: [{ prefix: "INS" }] }, true],
    [{ eventName: [{ suffix: "ERT" }] }, true],
    [{ eventName: [{ suffix: "INS" }] }, false],
    [{ dynamodb: { OldImage: [{ exists: false }] } }, true],
    [{ dynamodb: { Keys: { XX: { S: [{ exists: true }] } } } }, false],
    [{ eventName: [{ "anything-but": "INSERT" }] }, false],
    [{ eventName: [{ "anything-but": ["REMOVE", "MODIFY"] }] }, true],
    [{ userIdentity: { type: ["Service"] } }, false],
    [{ eventName: ["INSERT"], dynamodb: { SizeBytes: [1] } }, false],
  ])("%j: %s", (pattern, expected) => {
    expect(fits(pattern)).toBe(expected);
    expect(fits({ eventName: ["REMOVE"] }, pattern)).toBe(expected);
  });

  it.each([
    ["{", "it is no JSON"],
    ['{"eventName":"INSERT"}', "neither an object nor a list"],
    ['{"eventName":[{"numeric":[">",1]}]}', '{"numeric":[">",1]} is unknown'],
    ['{"eventName":[{"prefix":1}]}', '{"prefix":1} is unknown'],
    ['{"eventName":[{"prefix":"a","suffix":"b"}]}', "is unknown"],
    ['{"eventName":[{"anything-but":{"prefix":"a"}}]}', "is unknown"],
  ])("%s is refused: %s", (pattern, problem) => {
    expect(() => recordFilter([pattern])).toThrow(problem);
  });
});
