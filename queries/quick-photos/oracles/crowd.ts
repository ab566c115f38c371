import type { PlainItem } from "tablewright/query";
import { unknownUser } from "./inputs.ts";
import { isOf, parseSource, type Source } from "./source.ts";

/** How many come at once. */
export const AT_ONCE = 50;

/** Fewer, but several under way at once: each write waits for those before it on the same item. */
export const A_FEW = 10;

const partsOf = (text: string) => text.split("#");

/** A value with names in the place of others, wherever a name stands between two "#" or by itself. */
const renameIn = (value: unknown, names: ReadonlyMap<string, string>): unknown => {
  if (typeof value === "string")
    return partsOf(value)
      .map((part) => names.get(part) ?? part)
      .join("#");
  return Array.isArray(value) ? value.map((member) => renameIn(member, names)) : value;
};

/** A copy of an item with other names, in its keys too: an oracle does not spell keys. */
export function renamed(item: PlainItem, names: ReadonlyMap<string, string>): PlainItem {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, renameIn(value, names)]));
}

/** Whether a name is nothing but a name in an item's keys: one that is spelled like a part of them cannot be replaced. */
const isOnlyName = ({ PK, SK }: PlainItem, name: string) =>
  [PK, SK].every((key) => partsOf(String(key)).filter((part) => part === name).length < 2);

/** The names of the crowd that {@link withCrowd} adds: no user of a source has them. */
export function crowdOf(source: Source): string[] {
  const base = unknownUser(source);
  return Array.from({ length: AT_ONCE }, (_, index) => `${base}-in-the-crowd-${index + 1}`);
}

/** The items with a crowd of users, who have done nothing yet. */
export function withCrowd(items: readonly PlainItem[]): readonly PlainItem[] {
  const user = items.find((item) => isOf("users", item) && isOnlyName(item, String(item.username)));
  if (!user) return items;
  const newcomer = { ...user, followers: 0, following: 0 };
  const names = crowdOf(parseSource(items));
  return [...items, ...names.map((name) => renamed(newcomer, new Map([[String(user.username), name]])))];
}

/** The same input for each of the crowd. */
export const allAtOnce = <Input>(input: Input, times: number = AT_ONCE): Input[] =>
  Array.from({ length: times }, () => input);
