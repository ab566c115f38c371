/** A sink in a process of its own: settings come, and reports go, by the parent's messages. */
import { type SinkSettings, startSink } from "./sink.ts";

/** What the parent asks for. */
export type SinkOrder =
  | { readonly kind: "reset"; readonly settings: SinkSettings }
  | { readonly kind: "report"; readonly file?: string | undefined };

const sink = await startSink();
const tell = (message: unknown) => process.send?.(message);
process.on("disconnect", () => process.exit());
process.on("message", async (order: SinkOrder) => {
  if (order.kind === "report") return tell(await sink.report(order.file));
  sink.reset(order.settings);
  return tell("reset");
});
tell(sink.endpoint);
