import type { QuerySet } from "tablewright/query";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { addReaction } from "./add-reaction.ts";
import { createUser } from "./create-user.ts";
import { fetchPhotoAndReactions } from "./fetch-photo-and-reactions.ts";
import { fetchUser } from "./fetch-user.ts";
import { fetchUserAndPhotos } from "./fetch-user-and-photos.ts";
import { findAndEnrichFollowing } from "./find-and-enrich-following.ts";
import { findFollowers } from "./find-followers.ts";
import { findFollowing } from "./find-following.ts";
import { followUser } from "./follow-user.ts";
import { recentPhotos } from "./recent-photos.ts";
import { removeReaction } from "./remove-reaction.ts";
import { unfollowUser } from "./unfollow-user.ts";
import { updateUser } from "./update-user.ts";
import { uploadPhoto } from "./upload-photo.ts";

/** The access patterns of Quick Photos, in the order of the model's design. */
export default {
  model: quickPhotos.model,
  patterns: [
    createUser,
    updateUser,
    fetchUser,
    uploadPhoto,
    fetchUserAndPhotos,
    recentPhotos,
    addReaction,
    removeReaction,
    fetchPhotoAndReactions,
    followUser,
    unfollowUser,
    findFollowers,
    findFollowing,
    findAndEnrichFollowing,
  ],
} satisfies QuerySet;
