import type { Log } from "../log.ts";
import { describeHolder } from "./errors.ts";
import type { LeaseRecord } from "./lease-record.ts";

/** What happens to a run on its way to the lease and back. */
export type LeaseNews =
  /** Another run holds it; told once for each holder. */
  | { readonly kind: "waiting"; readonly holder: LeaseRecord }
  /** The holder shows no sign of life. */
  | { readonly kind: "takingOver"; readonly holder: LeaseRecord }
  /** The lease could not be given back, and will time out. */
  | { readonly kind: "notGivenBack"; readonly error: unknown };

/** Says in a log what happens to the lease on a table. */
export function logLeaseNews(log: Log, table: string): (news: LeaseNews) => void {
  return (news) => {
    if (news.kind === "waiting") {
      log.info(`waiting for the lock on ${table}, held by ${describeHolder(news.holder)}`);
    } else if (news.kind === "takingOver") {
      log.warn(`${describeHolder(news.holder)} shows no sign of life: taking over the lock`);
    } else {
      log.debug(`the lock on ${table} was not given back and will time out: ${String(news.error)}`);
    }
  };
}
