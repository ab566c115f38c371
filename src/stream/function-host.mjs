// Holds a Lambda function in a worker: environment variables, globals and end of its own, as on AWS.
// Speaks JSON, as Lambda does: {id, event} comes, {id, answer} or {id, error} goes.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

const { file, functionName, timeoutSeconds } = workerData;
const describe = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

// Node 20 does not run TypeScript by itself.
register();
let handler;
try {
  ({ handler } = await import(file));
  if (typeof handler !== "function") throw new TypeError("it has no export `handler` that is a function");
  parentPort.postMessage({ ready: true });
} catch (error) {
  parentPort.postMessage({ ready: false, error: describe(error) });
}

parentPort.on("message", async ({ id, event }) => {
  const endsAt = performance.now() + timeoutSeconds * 1000;
  const context = {
    functionName,
    awsRequestId: id,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsAt - performance.now())),
  };
  try {
    const answer = await handler(JSON.parse(event), context);
    parentPort.postMessage({ id, answer: JSON.stringify(answer) ?? "null" });
  } catch (error) {
    parentPort.postMessage({ id, error: describe(error) });
  }
});
