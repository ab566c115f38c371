import type { SeedItem, SeedRecord } from "./records.ts";

/** The items among a file's records, until the signal is aborted; then its reason is thrown. */
export async function* itemsOf(
  records: AsyncIterable<SeedRecord>,
  signal: AbortSignal | undefined,
): AsyncGenerator<SeedItem> {
  for await (const record of records) {
    signal?.throwIfAborted();
    if (record.kind === "item") yield record;
  }
}
