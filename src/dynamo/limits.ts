/**
 * Limits of the DynamoDB service, each with the page that states it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
 */

/** Puts and deletes in one BatchWriteItem (API_BatchWriteItem). */
export const MAX_BATCH_WRITE_ITEMS = 25;

/** Bytes of one BatchWriteItem request, as sent (API_BatchWriteItem). */
export const MAX_BATCH_WRITE_BYTES = 16 * 1024 * 1024;

/** Keys in one BatchGetItem (API_BatchGetItem). */
export const MAX_BATCH_GET_KEYS = 100;

/** Bytes of one item, attribute names and values together (ServiceQuotas, "Item size"). */
export const MAX_ITEM_BYTES = 400 * 1024;

/** Actions in one TransactWriteItems (API_TransactWriteItems). */
export const MAX_TRANSACTION_ACTIONS = 100;

/** Bytes of a partition key value; a sort key may have 1,024 (ServiceQuotas, "Partition keys and sort keys"). */
export const MAX_PARTITION_KEY_BYTES = 2048;
export const MAX_SORT_KEY_BYTES = 1024;

/** Levels of lists and maps in one item (ServiceQuotas, "Nested attribute depth"). */
export const MAX_NESTING_DEPTH = 32;

/** Significant digits of a number (HowItWorks.NamingRulesDataTypes, "Number"). */
export const MAX_NUMBER_DIGITS = 38;

/** Power of ten of a number's first digit: 1e-130 up to 9.99…e125 (HowItWorks.NamingRulesDataTypes, "Number"). */
export const MIN_NUMBER_EXPONENT = -130;
export const MAX_NUMBER_EXPONENT = 125;

/** Bytes that one write unit pays for (CapacityUnitCalculations). */
export const BYTES_PER_WRITE_UNIT = 1024;

/** Bytes that one strongly consistent read unit pays for; an eventually consistent read costs half (the same page). */
export const BYTES_PER_READ_UNIT = 4 * 1024;

/** Bytes that one Query or Scan reads before it returns a page (API_Scan). */
export const MAX_PAGE_BYTES = 1024 * 1024;

/** Characters of a table or index name (HowItWorks.NamingRulesDataTypes, "Naming rules"). */
export const TABLE_NAME_PATTERN = /^[a-zA-Z0-9_.-]{3,255}$/;

/** The most global secondary indexes of a table (Service quotas, "Secondary indexes per table"); it can be raised. */
export const MAX_GLOBAL_INDEXES = 20;

/** The most local secondary indexes of a table (the same page); it cannot be raised. */
export const MAX_LOCAL_INDEXES = 5;

/** The most segments of a parallel scan (API_Scan, TotalSegments). */
export const MAX_SCAN_SEGMENTS = 1_000_000;

/** Write and read units a second that one partition takes (bp-partition-key-design). */
export const PARTITION_WRITE_UNITS = 1_000;
export const PARTITION_READ_UNITS = 3_000;

/** Write units a second that a new on-demand table takes at once (on-demand-capacity-mode, "Initial throughput"). */
export const NEW_TABLE_WRITE_UNITS = 4_000;

/** Bytes that DynamoDB adds to each entry of an index when it counts storage (GSI, "Storage considerations"). */
export const INDEX_ENTRY_OVERHEAD_BYTES = 100;
