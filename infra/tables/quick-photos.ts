import type { TableDesign } from "tablewright/table-design";

/**
 * Quick Photos, the backend of a photo-sharing app, in one table: users, photos, reactions and
 * friendships, and one index that is the base table turned round.
 */
const quickPhotos = {
  model: "quick-photos",
  partitionKey: { name: "PK", type: "S" },
  sortKey: { name: "SK", type: "S" },
  indexes: {
    InvertedIndex: {
      partitionKey: { name: "SK", type: "S" },
      sortKey: { name: "PK", type: "S" },
      projection: "ALL",
    },
  },
} as const satisfies TableDesign;

export default quickPhotos;
