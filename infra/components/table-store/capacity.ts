import type { Billing } from "../../config.ts";

/**
 * The capacity of a table or of one index, in the provider's words; the same for both. An autoscaled one
 * starts at its least.
 */
export function capacityArgs(billing: Billing) {
  switch (billing.mode) {
    case "provisioned":
      return { readCapacity: billing.readCapacity, writeCapacity: billing.writeCapacity };
    case "autoscaled":
      return { readCapacity: billing.read.min, writeCapacity: billing.write.min };
    case "on-demand": {
      const { maxReadUnits, maxWriteUnits } = billing;
      if (maxReadUnits === undefined && maxWriteUnits === undefined) return {};
      return {
        onDemandThroughput: {
          ...(maxReadUnits !== undefined && { maxReadRequestUnits: maxReadUnits }),
          ...(maxWriteUnits !== undefined && { maxWriteRequestUnits: maxWriteUnits }),
        },
      };
    }
  }
}

/** The billing mode and its capacity. The provider's default is provisioned, so the mode is always said. */
export function billingArgs(billing: Billing) {
  const billingMode = billing.mode === "on-demand" ? "PAY_PER_REQUEST" : "PROVISIONED";
  return { billingMode, ...capacityArgs(billing) };
}
