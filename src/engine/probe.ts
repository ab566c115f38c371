import { request } from "node:http";

/** Whether anything answers HTTP at the endpoint; an engine answers an unsigned request with 400. */
export function answers(endpoint: string, timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request(endpoint, { method: "GET", timeout: timeoutMs, agent: false }, (response) => {
      response.resume();
      resolve(true);
    });
    probe.on("timeout", () => probe.destroy(new Error("timeout")));
    probe.on("error", () => resolve(false));
    probe.end();
  });
}
