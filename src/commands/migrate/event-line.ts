import { describeGiver, describeHolder } from "../../ledger/index.ts";
import type { MigrationEvent } from "../../migrate/index.ts";

/** A line that is shown while a run goes on. */
export interface EventLine {
  readonly level: "info" | "warn" | "debug";
  readonly text: string;
}

/** What of an event is worth a line; undefined where the status line or the result says it. */
export function eventLine(event: MigrationEvent): EventLine | undefined {
  const info = (text: string): EventLine => ({ level: "info", text });
  switch (event.type) {
    case "stepBegun":
      return info(`${event.migration}: ${event.direction === "up" ? "" : "undoing "}${event.step}`);
    case "rateChanged": {
      const share = event.isShare ? ", a share of the table's capacity" : "";
      const what = event.by ? `rate set by ${describeGiver(event.by)}` : "rate";
      return info(`${what}: ${event.description}${share}`);
    }
    case "paused":
      return info(`paused by ${describeGiver(event.by)}`);
    case "resumed":
      return info("resumed");
    case "waiting":
      return info(
        event.for === "lock"
          ? `waiting for the lock, held by ${describeHolder(event.holder)}`
          : event.description,
      );
    case "itemSetAside":
      return { level: "warn", text: `${event.step}: set aside ${event.key}: ${event.error}` };
    case "warning":
      return { level: "warn", text: event.message };
    case "note":
      return { level: event.level, text: event.message };
    case "eventsMissed":
      return { level: "debug", text: `${event.count} events were not shown` };
    default:
      return undefined;
  }
}
