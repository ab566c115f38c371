import { describeTable, indexDesignOf } from "../../src/dynamo/describe.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import type { TestBed } from "./support.ts";

/** The migration that makes sure of the index. */
export const FIRST = "0001-add-inverted-index";

/** Runs it alone. */
export const up = (bed: TestBed) => migrateUp(bed.environment, { to: FIRST });

/** What its step came to, as the ledger says. */
export const outcomeOf = async (bed: TestBed) => (await bed.history()).steps[0]?.outcome;

/** The index as the table has it; undefined where there is none. */
export async function indexOf(bed: TestBed, table = bed.environment.table) {
  const description = await describeTable(bed.client, table);
  return description && indexDesignOf(description, "InvertedIndex");
}
