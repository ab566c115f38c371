import { base, en, Faker } from "@faker-js/faker";
import {
  type Friendship,
  friendshipItem,
  type Photo,
  photoItem,
  REACTION_TYPES,
  type Reaction,
  type ReactionType,
  reactionItem,
  userItem,
} from "../../queries/quick-photos/entities.ts";
import { photoReference } from "../../queries/quick-photos/keys.ts";
import {
  CAST,
  CAST_FRIENDSHIPS,
  CAST_PHOTOS,
  isReservedFriendship,
  isReservedReaction,
  LOVED_PHOTO,
  LOVED_PHOTO_REACTIONS,
  SHOWN_REACTION,
} from "./cast.ts";
import { drawPeople, drawProfile, type Person } from "./people.ts";

/** How much is made, and which: the same options make the same items, byte for byte. */
export interface GenerateOptions {
  /** Number of users; the items are about twenty times as many. */
  readonly users: number;
  readonly seed: number;
}

/** The cast, and a few for them to meet. */
const LEAST_USERS = Object.keys(CAST).length + 3;
/** A hub has no more followers, and a photo no more reactions: one item collection stays small enough to read. */
const MOST_FOLLOWERS = 2_000;
const MOST_REACTIONS = 500;

// Fixed dates: the data must not depend on the day on which they are made.
const FIRST_PHOTO = "2018-06-01T00:00:00Z";
const LAST_PHOTO = "2019-05-31T23:59:59Z";
const LONGEST_WAIT_MS = 14 * 24 * 60 * 60 * 1000;

const REACTION_WEIGHTS: Record<ReactionType, number> = { "+1": 4, smiley: 2, sunglasses: 1, heart: 5 };

const toTimestamp = (date: Date) => date.toISOString().slice(0, 19);

/** Draws one user's neighbourhood after the other; holds the people's names and nothing else. */
class Neighbourhoods {
  readonly #faker: Faker;
  readonly people: readonly Person[];
  /** Everyone but the last, who has just joined: no photos, no friends, no reactions. */
  readonly #active: readonly Person[];

  constructor({ users, seed }: GenerateOptions) {
    this.#faker = new Faker({ locale: [en, base], seed });
    this.people = drawPeople(this.#faker, users);
    this.#active = this.people.slice(0, -1);
  }

  *of(person: Person): Generator<object> {
    const isNew = person === this.people.at(-1);
    const photos = isNew ? [] : this.#photos(person);
    const friendships = isNew ? [] : this.#friendships(person);
    yield userItem(drawProfile(this.#faker, person, this.#about(person, photos)));
    yield* friendships.map(friendshipItem);
    for (const photo of photos) {
      yield photoItem(photo);
      yield* this.#reactions(photo, friendships.length).map(reactionItem);
    }
  }

  #about({ username }: Person, photos: readonly Photo[]) {
    const pinned = photos.length > 0 ? this.#faker.helpers.arrayElement(photos) : undefined;
    const count = this.#faker.number.int({ max: 3 });
    const recommendedFriends = this.#someone(count).filter((name) => name !== username);
    return { ...(pinned && { pinnedImage: photoReference(pinned) }), recommendedFriends };
  }

  /** A number with a long tail: mostly small, now and then large. */
  #tail(scale: number, most: number): number {
    const drawn = this.#faker.number.float({ min: 0.0001, max: 1 });
    return Math.min(most, Math.floor(scale / drawn ** 0.8) - 1);
  }

  /** Different active users, as many as there are up to `count`. */
  #someone(count: number): string[] {
    const names = new Set<string>();
    while (names.size < Math.min(count, this.#active.length)) {
      names.add(this.#faker.helpers.arrayElement(this.#active).username);
    }
    return [...names];
  }

  #friendships({ username: followedUser }: Person): Friendship[] {
    const most = Math.min(MOST_FOLLOWERS, this.#active.length - 1);
    const drawn = this.#someone(this.#tail(2.2, most));
    const certain = CAST_FRIENDSHIPS.filter((friendship) => friendship.followedUser === followedUser);
    return [...new Set([...certain.map(({ followingUser }) => followingUser), ...drawn])]
      .filter((followingUser) => followingUser !== followedUser)
      .filter((followingUser) => !isReservedFriendship(followedUser, followingUser))
      .map((followingUser) => ({ followedUser, followingUser, timestamp: this.#time() }));
  }

  #time(): string {
    return toTimestamp(this.#faker.date.between({ from: FIRST_PHOTO, to: LAST_PHOTO }));
  }

  #photos({ username }: Person): Photo[] {
    const times = new Set(
      CAST_PHOTOS.filter((photo) => photo.username === username).map((photo) => photo.timestamp),
    );
    const count = this.#faker.number.int({ min: 0, max: 5 });
    for (let drawn = 0; drawn < count; drawn += 1) times.add(this.#time());
    const { location } = this.#faker;
    return [...times]
      .sort()
      .map((timestamp) => ({ username, timestamp, location: `${location.city()}, ${location.country()}` }));
  }

  #reactions(photo: Photo, followers: number): Reaction[] {
    const isLoved = photo.username === LOVED_PHOTO.username && photo.timestamp === LOVED_PHOTO.timestamp;
    // The loved one gets every type, and the reaction that the guide shows.
    const chosen = new Map<string, Pick<Reaction, "reactingUser" | "reactionType">>();
    const choose = (reactingUser: string, reactionType: ReactionType) =>
      chosen.set(`${reactingUser} ${reactionType}`, { reactingUser, reactionType });
    if (isLoved) {
      choose(SHOWN_REACTION.reactingUser, SHOWN_REACTION.reactionType);
      for (const type of REACTION_TYPES) for (const user of this.#someone(3)) choose(user, type);
    }
    const most = Math.min(MOST_REACTIONS, this.#active.length);
    const count = isLoved ? LOVED_PHOTO_REACTIONS : this.#tail(1.2 + Math.min(followers, 50) / 20, most);
    for (const user of this.#someone(count - chosen.size)) choose(user, this.#reactionType());
    return this.#dateReactions(photo, [...chosen.values()]);
  }

  #reactionType(): ReactionType {
    const weighted = REACTION_TYPES.map((value) => ({ value, weight: REACTION_WEIGHTS[value] }));
    return this.#faker.helpers.weightedArrayElement(weighted);
  }

  #dateReactions(
    photo: Photo,
    chosen: readonly Pick<Reaction, "reactingUser" | "reactionType">[],
  ): Reaction[] {
    const taken = Date.parse(`${photo.timestamp}Z`);
    const reference = photoReference(photo);
    return chosen
      .filter(({ reactingUser, reactionType }) => !isReservedReaction(reactingUser, reactionType, reference))
      .map(({ reactingUser, reactionType }) => {
        const after = this.#faker.number.int({ min: 1_000, max: LONGEST_WAIT_MS });
        return {
          reactingUser,
          photo: reference,
          reactionType,
          timestamp: toTimestamp(new Date(taken + after)),
        };
      });
  }
}

/**
 * Makes the items of Quick Photos: users with their followers, photos and reactions, one user after the
 * other. As in a table that grew without them, users carry no counts of followers, and photos none of
 * reactions. Everything that an item names is there: users, photos, friends.
 */
export default function* generate(options: GenerateOptions): Generator<object> {
  if (options.users < LEAST_USERS) throw new RangeError(`at least ${LEAST_USERS} users are needed`);
  const neighbourhoods = new Neighbourhoods(options);
  for (const person of neighbourhoods.people) yield* neighbourhoods.of(person);
}
