import { QueryRefusal } from "tablewright/query";

/** create-user: the username is taken. */
export class UserExistsError extends QueryRefusal {
  readonly code = "user-exists";

  constructor(username: string) {
    super({
      message: `user ${username} exists already`,
      next: "Choose another username, or change the user with update-user.",
      facts: { username },
    });
  }
}

/** One or more users that a pattern needs do not exist. */
export class UserNotFoundError extends QueryRefusal {
  readonly code = "user-not-found";

  constructor(...usernames: readonly string[]) {
    const who = usernames.length > 1 ? `users ${usernames.join(" and ")} do` : `user ${usernames[0]} does`;
    super({
      message: `${who} not exist`,
      next: "Check the spelling, or make the user first with create-user.",
      facts: { usernames },
    });
  }
}

/** upload-photo: the user has a photo of that time. */
export class PhotoExistsError extends QueryRefusal {
  readonly code = "photo-exists";

  constructor(username: string, timestamp: string) {
    super({
      message: `user ${username} has a photo of ${timestamp} already`,
      next: "Give the photo another timestamp.",
      facts: { username, timestamp },
    });
  }
}

/** The photo that a pattern is about does not exist. */
export class PhotoNotFoundError extends QueryRefusal {
  readonly code = "photo-not-found";

  constructor(username: string, timestamp: string) {
    super({
      message: `user ${username} has no photo of ${timestamp}`,
      next: `See the user's photos with recent-photos --username ${username}.`,
      facts: { username, timestamp },
    });
  }
}

/** follow-user: the friendship exists. */
export class AlreadyFollowingError extends QueryRefusal {
  readonly code = "already-following";

  constructor(followedUser: string, followingUser: string) {
    super({
      message: `user ${followingUser} follows user ${followedUser} already`,
      next: "There is nothing to do: nothing was changed.",
      facts: { followedUser, followingUser },
    });
  }
}

/** unfollow-user: there is no such friendship. */
export class NotFollowingError extends QueryRefusal {
  readonly code = "not-following";

  constructor(followedUser: string, followingUser: string) {
    super({
      message: `user ${followingUser} does not follow user ${followedUser}`,
      next: "There is nothing to do: nothing was changed. Check who follows whom if it should be there.",
      facts: { followedUser, followingUser },
    });
  }
}

/** follow-user: both users are the same. */
export class CannotFollowOneselfError extends QueryRefusal {
  readonly code = "cannot-follow-oneself";

  constructor(username: string) {
    super({
      message: `user ${username} cannot follow themselves`,
      next: "Name two different users.",
      facts: { username },
    });
  }
}

/** add-reaction: the user gave this reaction to this photo before. */
export class AlreadyReactedError extends QueryRefusal {
  readonly code = "already-reacted";

  constructor(reactingUser: string, reactionType: string, photo: string) {
    super({
      message: `user ${reactingUser} gave the ${reactionType} reaction to ${photo} already`,
      next: "There is nothing to do: nothing was changed. Another type of reaction is possible.",
      facts: { reactingUser, reactionType, photo },
    });
  }
}

/** remove-reaction: there is no such reaction. */
export class NotReactedError extends QueryRefusal {
  readonly code = "not-reacted";

  constructor(reactingUser: string, reactionType: string, photo: string) {
    super({
      message: `user ${reactingUser} has not given the ${reactionType} reaction to ${photo}`,
      next: "There is nothing to do: nothing was changed. Check user, type and photo if it should be there.",
      facts: { reactingUser, reactionType, photo },
    });
  }
}
