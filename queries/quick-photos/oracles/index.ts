import { defineOracles } from "tablewright/query";
import { addReactionCheck } from "./add-reaction.ts";
import { createUserCheck } from "./create-user.ts";
import { fetchPhotoAndReactionsCheck } from "./fetch-photo-and-reactions.ts";
import { fetchUserCheck } from "./fetch-user.ts";
import { fetchUserAndPhotosCheck } from "./fetch-user-and-photos.ts";
import { findAndEnrichFollowingCheck } from "./find-and-enrich-following.ts";
import { findFollowersCheck } from "./find-followers.ts";
import { findFollowingCheck } from "./find-following.ts";
import { followUserCheck } from "./follow-user.ts";
import { grow } from "./grow.ts";
import { invariants } from "./invariants.ts";
import { recentPhotosCheck } from "./recent-photos.ts";
import { removeReactionCheck } from "./remove-reaction.ts";
import { scratchItems } from "./scratch.ts";
import { kindOf, parseSource, records, type Source } from "./source.ts";
import { unfollowUserCheck } from "./unfollow-user.ts";
import { updateUserCheck } from "./update-user.ts";
import { uploadPhotoCheck } from "./upload-photo.ts";

/** The independent check of every access pattern of Quick Photos. */
export default defineOracles<Source>({
  model: "quick-photos",
  parseSource,
  records,
  scratchItems,
  entityOf: kindOf,
  grow,
  invariants,
  checks: [
    createUserCheck,
    updateUserCheck,
    fetchUserCheck,
    uploadPhotoCheck,
    fetchUserAndPhotosCheck,
    recentPhotosCheck,
    addReactionCheck,
    removeReactionCheck,
    fetchPhotoAndReactionsCheck,
    followUserCheck,
    unfollowUserCheck,
    findFollowersCheck,
    findFollowingCheck,
    findAndEnrichFollowingCheck,
  ],
});
