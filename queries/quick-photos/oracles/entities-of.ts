import { compareUtf8 } from "tablewright/query";
import type { Friendship, Photo, Reaction, User } from "../entities.ts";
import { followCounts, reactionCounts } from "./counts.ts";
import { followedBy, followsOf, photosBy, reactionsOn, userNamed } from "./groups.ts";
import type { Source } from "./source.ts";

/** A user as a pattern must show it once every migration has run: the profile, and counters that are true. */
export function userOf(source: Source, username: string): User | undefined {
  const user = userNamed(source, username);
  if (!user) return undefined;
  const { name, email, birthdate, address, status, interests, pinnedImage, recommendedFriends } = user;
  const profile = { username, name, email, birthdate, address, status, interests, pinnedImage };
  return { ...profile, recommendedFriends, ...followCounts(source, username) };
}

const shownPhoto = (source: Source, photo: Photo): Photo => ({
  username: photo.username,
  timestamp: photo.timestamp,
  location: photo.location,
  reactions: reactionCounts(source, photo),
});

/** A user's photos as a pattern must show them, oldest first. */
export function photosOf(source: Source, username: string): Photo[] {
  return [...photosBy(source, username)]
    .sort((a, b) => compareUtf8(a.timestamp, b.timestamp))
    .map((photo) => shownPhoto(source, photo));
}

/** The reactions to a photo, by reacting user and type. */
export function reactionsTo(source: Source, photo: Pick<Photo, "username" | "timestamp">): Reaction[] {
  return [...reactionsOn(source, photo)]
    .sort(
      (a, b) => compareUtf8(a.reactingUser, b.reactingUser) || compareUtf8(a.reactionType, b.reactionType),
    )
    .map(({ reactingUser, photo, reactionType, timestamp }) => ({
      reactingUser,
      photo,
      reactionType,
      timestamp,
    }));
}

const shownFriendship = ({ followedUser, followingUser, timestamp }: Friendship): Friendship => ({
  followedUser,
  followingUser,
  timestamp,
});

/** The friendships in which a user is followed, by the follower's name. */
export function followersOf(source: Source, username: string): Friendship[] {
  return [...followedBy(source, username)]
    .sort((a, b) => compareUtf8(a.followingUser, b.followingUser))
    .map(shownFriendship);
}

/** The friendships in which a user follows, by the followed user's name. */
export function followingOf(source: Source, username: string): Friendship[] {
  return [...followsOf(source, username)]
    .sort((a, b) => compareUtf8(a.followedUser, b.followedUser))
    .map(shownFriendship);
}
