import { DescribeTimeToLiveCommand, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import type { EnsureTtlStep } from "../definition/ensure-ttl.ts";
import { type Setting, settingKind } from "./setting.ts";

/** What DynamoDB says of a second change within an hour (API_UpdateTimeToLive, a ValidationException). */
const TOO_SOON = /modified multiple times within a fixed interval/i;

/** Time to Live by an attribute. A change may take an hour to process, and counts from when it was accepted. */
const timeToLive = ({ attribute }: EnsureTtlStep): Setting => ({
  name: `TTL by ${attribute}`,
  look: async ({ client, table, signal }) => {
    const request = new DescribeTimeToLiveCommand({ TableName: table });
    const { TimeToLiveDescription } = await client.send(request, { abortSignal: signal });
    const { TimeToLiveStatus: status = "DISABLED", AttributeName: by = "" } = TimeToLiveDescription ?? {};
    if (status === "DISABLED") return { state: "off" };
    if (status === "DISABLING") return { state: "goingOff", status };
    return by === attribute ? { state: "on" } : { state: "other", found: `TTL by ${by}` };
  },
  turn: (on, table) =>
    new UpdateTimeToLiveCommand({
      TableName: table,
      TimeToLiveSpecification: { AttributeName: attribute, Enabled: on },
    }),
  isTooSoon: (error) => error instanceof Error && TOO_SOON.test(error.message),
});

/** Turns Time to Live on, or adopts it. */
export const ensureTtlKind = settingKind<EnsureTtlStep>(timeToLive);
