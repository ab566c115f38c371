/** What engines differ in, as far as a deploy meets it. Each flag has a test that shows the difference. */
export interface Capabilities {
  /** UpdateTable sets the capacity of an index. dynoxide 1.2.1 keeps what CreateTable said, else 0. */
  readonly indexCapacityUpdates: boolean;
  /**
   * An index on nothing but the table's own keys can be deleted. DynamoDB Local 3.3.0 leaves one that was
   * made by CreateTable in DELETING for good, and then refuses every change of the table; at times also one
   * that shares its key with another index.
   */
  readonly deletesIndexOnTableKeys: boolean;
}

/** An engine without known gaps. */
export const ALL_CAPABILITIES: Capabilities = { indexCapacityUpdates: true, deletesIndexOnTableKeys: true };

/** Engines by the region that they put into ARNs. */
const GAPS: Readonly<Record<string, Partial<Capabilities>>> = {
  ddblocal: { deletesIndexOnTableKeys: false },
  dynoxide: { indexCapacityUpdates: false },
};

/** What the engine that holds a table can do, told by the table's ARN. */
export function capabilitiesOf(tableArn: string | undefined): Capabilities {
  const region = tableArn?.split(":")[3] ?? "";
  return { ...ALL_CAPABILITIES, ...GAPS[region] };
}
