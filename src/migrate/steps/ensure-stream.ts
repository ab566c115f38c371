import { UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { describeTable } from "../../dynamo/describe.ts";
import type { EnsureStreamStep } from "../definition/ensure-stream.ts";
import { type Setting, settingKind } from "./setting.ts";

const showStream = (view: string) => `a stream of ${view}`;

/** The table's stream. UpdateTable changes one thing at a time, so it waits for whatever is under way. */
const tableStream = ({ view }: EnsureStreamStep): Setting => ({
  name: showStream(view),
  look: async ({ client, table, signal }) => {
    const description = await describeTable(client, table, signal);
    const { TableStatus: status = "absent", StreamSpecification } = description ?? {};
    if (status !== "ACTIVE") return { state: "changing", status };
    if (!StreamSpecification?.StreamEnabled) return { state: "off" };
    const { StreamViewType: found = "" } = StreamSpecification;
    return found === view ? { state: "on" } : { state: "other", found: showStream(found) };
  },
  turn: (on, table) =>
    new UpdateTableCommand({
      TableName: table,
      StreamSpecification: on ? { StreamEnabled: true, StreamViewType: view } : { StreamEnabled: false },
    }),
});

/** Turns the table's stream on, or adopts it. */
export const ensureStreamKind = settingKind<EnsureStreamStep>(tableStream);
