import { defineMigration, ensureIndex } from "tablewright/migrate";

export default defineMigration({
  id: "0001-add-inverted-index",
  description: "Adds InvertedIndex, the table turned round: reactions by photo, friendships by follower",
  steps: [
    ensureIndex("InvertedIndex", {
      partitionKey: { name: "SK", type: "S" },
      sortKey: { name: "PK", type: "S" },
      projection: "ALL",
    }),
  ],
});
