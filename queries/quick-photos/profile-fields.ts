import { z } from "zod";

const text = z.string().min(1, "must not be empty");

/** What a user's profile says besides the username: what may be given at first and changed later. */
export const profileFields = {
  name: text.describe("the name to show"),
  email: z.email("must be an email address").describe("where to reach the user"),
  birthdate: z.iso.date("must be a date such as 1990-05-17").optional().describe("as YYYY-MM-DD"),
  address: text.optional().describe("where the user lives"),
  status: text.optional().describe("a line about how it goes"),
  interests: z.array(text).optional().describe("what the user likes; repeat for more"),
  pinnedImage: text.optional().describe("the photo shown first"),
  recommendedFriends: z.array(text).optional().describe("usernames to suggest; repeat for more"),
};

/** The parts of a profile that a user may be without. */
export const OPTIONAL_PROFILE_FIELDS = [
  "birthdate",
  "address",
  "status",
  "interests",
  "pinnedImage",
  "recommendedFriends",
] as const satisfies (keyof typeof profileFields)[];
