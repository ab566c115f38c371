import { isDeepStrictEqual } from "node:util";
import type {
  Friendship,
  Photo,
  Reaction,
  ReactionType,
  User,
} from "../../../queries/quick-photos/entities.ts";
import { photoOwner, photoReference } from "../../../queries/quick-photos/keys.ts";
import { type Change, type EntityChange, UnreadableRecordError } from "./read-change.ts";

/** Something that happened to a user: one line of the user's activity feed. */
export interface Activity {
  /** Whose feed. */
  readonly username: string;
  readonly kind:
    | "joined"
    | "profile-changed"
    | "left"
    | "photo-uploaded"
    | "photo-changed"
    | "photo-removed"
    | "photo-expired"
    | "reaction-received"
    | "reaction-withdrawn"
    | "follower-gained"
    | "follower-lost";
  /** Who did it, where it was somebody else. */
  readonly by?: string;
  /** The photo it was about. */
  readonly photo?: string;
  readonly reactionType?: ReactionType;
  /** The attributes that changed. */
  readonly changed?: readonly string[];
}

/** The attributes that differ; counters follow from other changes, and are none of their own. */
function changedAttributes<Entity extends object>(old: Entity, now: Entity, counters: readonly string[]) {
  const [before, after] = [new Map(Object.entries(old)), new Map(Object.entries(now))];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => !counters.includes(name) && !isDeepStrictEqual(before.get(name), after.get(name)))
    .sort();
}

function ofUser(change: EntityChange<"user", User>): Activity | undefined {
  if (change.name === "INSERT") return { username: change.new.username, kind: "joined" };
  if (change.name === "REMOVE") return { username: change.old.username, kind: "left" };
  const changed = changedAttributes(change.old, change.new, ["followers", "following"]);
  return changed.length > 0 ? { username: change.new.username, kind: "profile-changed", changed } : undefined;
}

function ofPhoto(change: EntityChange<"photo", Photo>): Activity | undefined {
  const photo = change.name === "REMOVE" ? change.old : change.new;
  const about = { username: photo.username, photo: photoReference(photo) };
  if (change.name === "INSERT") return { ...about, kind: "photo-uploaded" };
  if (change.name === "REMOVE") return { ...about, kind: change.expired ? "photo-expired" : "photo-removed" };
  const changed = changedAttributes(change.old, change.new, ["reactions"]);
  return changed.length > 0 ? { ...about, kind: "photo-changed", changed } : undefined;
}

function ofReaction(change: EntityChange<"reaction", Reaction>): Activity | undefined {
  // A reaction is given and withdrawn, never changed: what differs is the mark of its counters.
  if (change.name === "MODIFY") return undefined;
  const [{ photo, reactingUser: by, reactionType }, kind] =
    change.name === "INSERT"
      ? ([change.new, "reaction-received"] as const)
      : ([change.old, "reaction-withdrawn"] as const);
  const username = photoOwner(photo);
  if (username === undefined) throw new UnreadableRecordError("the reaction is to no photo");
  return { username, kind, by, photo, reactionType };
}

function ofFriendship(change: EntityChange<"friendship", Friendship>): Activity | undefined {
  if (change.name === "MODIFY") return undefined;
  const [{ followedUser: username, followingUser: by }, kind] =
    change.name === "INSERT"
      ? ([change.new, "follower-gained"] as const)
      : ([change.old, "follower-lost"] as const);
  return { username, kind, by };
}

/** What a change means to a user; undefined where it means nothing, such as a counter that moved. */
export function activityOf(change: Change): Activity | undefined {
  switch (change.entity) {
    case "user":
      return ofUser(change);
    case "photo":
      return ofPhoto(change);
    case "reaction":
      return ofReaction(change);
    case "friendship":
      return ofFriendship(change);
  }
}
