import { Entity } from "electrodb";
import { documentClient, inOrder } from "./common.mjs";

const string = { type: "string" };
const number = { type: "number" };
const strings = { type: "list", items: string };
const key = (field, composite, template) => ({ field, composite, template, casing: "none" });

/** Entities on the keys that the table has: electrodb's own would be another design. */
export default function open(endpoint, table) {
  const options = { client: documentClient(endpoint), table };
  const model = (entity) => ({ entity, service: "bench", version: "1" });
  const user = new Entity(
    {
      model: model("user"),
      attributes: {
        username: string,
        name: string,
        email: string,
        birthdate: string,
        address: string,
        status: string,
        interests: strings,
        pinnedImage: string,
        recommendedFriends: strings,
        followers: number,
        following: number,
      },
      indexes: {
        profile: {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: electrodb's own templates.
          pk: key("PK", ["username"], "USER#${username}"),
          // biome-ignore lint/suspicious/noTemplateCurlyInString: electrodb's own templates.
          sk: key("SK", ["username"], "#METADATA#${username}"),
        },
      },
    },
    options,
  );
  const photo = new Entity(
    {
      model: model("photo"),
      attributes: {
        username: string,
        timestamp: string,
        location: string,
        reactions: {
          type: "map",
          properties: { "+1": number, smiley: number, sunglasses: number, heart: number },
        },
      },
      indexes: {
        photos: {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: electrodb's own templates.
          pk: key("PK", ["username"], "USER#${username}"),
          // electrodb takes no attribute twice in the key of two parts, so the name in the sort key is a fixed one.
          // biome-ignore lint/suspicious/noTemplateCurlyInString: electrodb's own templates.
          sk: key("SK", ["timestamp"], "PHOTO#jacksonjason#${timestamp}"),
        },
      },
    },
    options,
  );
  const friendship = new Entity(
    {
      model: model("friendship"),
      attributes: { followedUser: string, followingUser: string, timestamp: string },
      indexes: {
        followers: {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: electrodb's own templates.
          pk: key("PK", ["followedUser"], "USER#${followedUser}"),
          // biome-ignore lint/suspicious/noTemplateCurlyInString: electrodb's own templates.
          sk: key("SK", ["followingUser"], "#FRIEND#${followingUser}"),
        },
        following: {
          index: "InvertedIndex",
          // biome-ignore lint/suspicious/noTemplateCurlyInString: electrodb's own templates.
          pk: key("SK", ["followingUser"], "#FRIEND#${followingUser}"),
          // biome-ignore lint/suspicious/noTemplateCurlyInString: electrodb's own templates.
          sk: key("PK", ["followedUser"], "USER#${followedUser}"),
        },
      },
    },
    options,
  );
  const username = "jacksonjason";
  // The items carry none of electrodb's own attributes, as it did not write them.
  const go = { ignoreOwnership: true };
  return {
    "fetch-user": async () => [(await user.get({ username }).go(go)).data],
    "find-followers": async () =>
      (await friendship.query.followers({ followedUser: username }).go({ ...go, pages: "all" })).data,
    "recent-photos": async () =>
      (await photo.query.photos({ username }).go({ ...go, order: "desc", limit: 100 })).data,
    "find-and-enrich-following": async () => {
      const query = friendship.query.following({ followingUser: username });
      const { data: friendships } = await query.go({ ...go, pages: "all" });
      const keys = friendships.map(({ followedUser }) => ({ username: followedUser }));
      const { data: profiles } = await user.get(keys).go(go);
      return inOrder(friendships, profiles);
    },
  };
}
