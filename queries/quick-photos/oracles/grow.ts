import type { PlainItem } from "tablewright/query";
import { renamed } from "./crowd.ts";
import { required } from "./inputs.ts";
import { migrated } from "./scratch.ts";
import { isOf, parseSource, type Source } from "./source.ts";

/** At factor 1: how many have to do with the hub, and photos that the hub has. */
const MEMBERS = 4;
const PHOTOS = 3;

const HUB = "the-hub";
const QUIET = "the-quiet-one";
const member = (index: number) => `member-${index + 1}`;

/** A time for each photo, a minute apart. */
const timeOf = (index: number) => new Date(Date.UTC(2019, 0, 1, 0, index)).toISOString().slice(0, 19);

/** The first item of an entity that will do, to make others of by other names. */
function templateOf<Kind extends keyof Source>(
  kind: Kind,
  items: readonly PlainItem[],
  willDo: (item: Source[Kind][number]) => boolean = () => true,
) {
  const fits = (item: PlainItem): item is PlainItem & Source[Kind][number] =>
    isOf(kind, item) && willDo(item);
  const template = required(items.filter(fits), `item of the ${kind}`);
  return (...names: (readonly [string, string])[]) => renamed(template, new Map(names));
}

/** Makes items of each entity by names and times. */
function makers(items: readonly PlainItem[]) {
  const { users, photos, reactions, friendships } = parseSource(items);
  const partsOf = (photo: string) => photo.split("#");
  const user = required(users, "user");
  const photo = required(photos, "photo");
  const isOfAnother = (one: Source["reactions"][number]) => partsOf(one.photo)[1] !== one.reactingUser;
  const reaction = required(reactions.filter(isOfAnother), "reaction to another's photo");
  const isOfTwo = (one: Source["friendships"][number]) => one.followedUser !== one.followingUser;
  const friendship = required(friendships.filter(isOfTwo), "friendship of two");
  const makeUser = templateOf("users", items);
  const makePhoto = templateOf("photos", items);
  const makeReaction = templateOf("reactions", items, isOfAnother);
  const makeFriendship = templateOf("friendships", items, isOfTwo);
  const [, photoUser = "", photoTime = ""] = partsOf(reaction.photo);
  return {
    user: (name: string) => makeUser([user.username, name]),
    photo: (owner: string, when: string) => makePhoto([photo.username, owner], [photo.timestamp, when]),
    reaction: (by: string, owner: string, when: string) =>
      makeReaction([reaction.reactingUser, by], [photoUser, owner], [photoTime, when]),
    friendship: (followed: string, following: string) =>
      makeFriendship([friendship.followedUser, followed], [friendship.followingUser, following]),
  };
}

/**
 * A hub with photos, reactions to the first of them, followers and followed users, each as many times as many as the
 * factor says; and a quiet user, of whom everything stays as it is.
 */
export function grow(items: readonly PlainItem[], factor: number): readonly PlainItem[] {
  const { user, photo, reaction, friendship } = makers(items);
  const members = Array.from({ length: MEMBERS * factor }, (_, index) => member(index));
  const times = Array.from({ length: PHOTOS * factor }, (_, index) => timeOf(index));
  const firstTime = timeOf(0);
  const few = [member(0), member(1)];
  const made = [
    ...[HUB, QUIET, ...members].map(user),
    ...times.map((when) => photo(HUB, when)),
    photo(QUIET, firstTime),
    photo(QUIET, timeOf(1)),
    ...members.map((name) => reaction(name, HUB, firstTime)),
    ...few.map((name) => reaction(name, QUIET, firstTime)),
    ...members.flatMap((name) => [friendship(HUB, name), friendship(name, HUB)]),
    ...few.flatMap((name) => [friendship(QUIET, name), friendship(name, QUIET)]),
  ];
  const source = parseSource(made);
  return made.map((item) => migrated(source, item));
}
