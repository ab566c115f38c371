/**
 * Answers every read with a page that was made before, in a process of its own: an emulator would measure itself.
 * Tells its endpoint, and on each message the requests since the last, by operation.
 */
import { createServer } from "node:net";
import { bytesAsText, readRequests, writeAnswer } from "../seed/sink/http.ts";
import { answerName, makeAnswers } from "./data.ts";
import type { SinkReport } from "./sink-process.ts";

const TABLE = process.argv[2] ?? "";
const answers = new Map(Object.entries(makeAnswers(TABLE)).map(([name, body]) => [name, bytesAsText(body)]));
let report: SinkReport = { requests: 0, bodies: {} };

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  readRequests(socket, ({ headers, body }) => {
    const operation = headers.get("x-amz-target")?.split(".").at(-1) ?? "none";
    const text = body.toString();
    report.requests += 1;
    report.bodies[text] = (report.bodies[text] ?? 0) + 1;
    const answer = answers.get(answerName(operation, text)) ?? "{}";
    writeAnswer(socket, { status: 200, body: answer });
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the sink has no port");
  process.send?.(`http://127.0.0.1:${address.port}`);
});
process.on("disconnect", () => process.exit());
process.on("message", () => {
  process.send?.(report);
  report = { requests: 0, bodies: {} };
});
