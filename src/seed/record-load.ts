import { type Lease, putEvent } from "../ledger/index.ts";
import { sumOf } from "./load/load-counts.ts";
import type { LoadResult } from "./load/load-file.ts";
import type { Proof } from "./prove/proof.ts";

/**
 * Notes a load in the ledger's list of events, for people who look back. Whoever has lost the lease by
 * then leaves no note; that is no reason to lose the counts.
 */
export async function recordLoad(
  lease: Lease,
  source: string,
  load: LoadResult,
  proof: Proof,
): Promise<void> {
  if (lease.signal.aborted && load.stop?.kind !== "interrupted") return;
  const { seconds, stop } = load;
  const event = putEvent(lease, {
    kind: "load",
    subject: source,
    action: load.resumed ? "seed --resume" : "seed",
    outcome: stop ? stop.kind : `written, proof ${proof.status}`,
    seconds,
    counts: { ...sumOf(load) },
  });
  try {
    await lease.write([event]);
  } catch (error) {
    if (!lease.signal.aborted) throw error;
  }
}
