import { expect, test } from "vitest";
import { ContentError } from "../../src/project/errors.ts";
import { LocalFunction } from "../../src/stream/local-function.ts";
import { eventually } from "../support/processes.ts";
import { loadFunction, projectWithFunction } from "./functions.ts";

test("a function gets its event and its own environment, and what it prints is heard", async () => {
  const { loaded, lines } = await loadFunction(
    `export const handler = async (event: { n: number }, context: { functionName: string; getRemainingTimeInMillis(): number }) => {
       console.log("called with", event.n);
       const left = context.getRemainingTimeInMillis();
       return { twice: event.n * 2, environment: Object.keys(process.env), name: context.functionName, inTime: left > 5000 && left <= 10000 };
     };`,
    { environment: { ACTIVITY_TABLE: "activity" } },
  );
  expect(await loaded.invoke({ n: 21 })).toEqual({
    twice: 42,
    environment: ["ACTIVITY_TABLE"],
    name: "probe",
    inTime: true,
  });
  await eventually(() => lines.includes("called with 21"), "the function's line");
});

test("calls come one after the other, to one instance", async () => {
  const { loaded } = await loadFunction(
    `let running = 0, calls = 0;
     export const handler = async () => {
       running += 1;
       const atOnce = running;
       await new Promise((resolve) => setTimeout(resolve, 5));
       running -= 1;
       return { atOnce, calls: ++calls };
     };`,
  );
  const answers = await Promise.all([1, 2, 3].map(() => loaded.invoke({})));
  expect(answers).toEqual([1, 2, 3].map((calls) => ({ atOnce: 1, calls })));
});

test.for([
  ["throws", "throw new RangeError('too much');", /RangeError: too much/],
  ["ends itself", "process.exit(3);", /the function ended: status 3/],
  [
    "fails outside of its promise",
    "setTimeout(() => { throw new Error('loose'); }); await new Promise(() => {});",
    /loose/,
  ],
  ["waits for nothing", "await new Promise(() => {});", /took longer than 0\.5 s/],
  ["never comes back", "for (;;);", /took longer than 0\.5 s/],
] as const)("a call that %s fails, and the next begins well", async ([, body, message]) => {
  const { loaded } = await loadFunction(
    `export const handler = async (event: { bad: boolean }) => { if (event.bad) { ${body} } return "well"; };`,
    { timeoutSeconds: 0.5 },
  );
  await expect(loaded.invoke({ bad: true })).rejects.toThrow(message);
  expect(await loaded.invoke({ bad: false })).toBe("well");
  const [bad, good] = await Promise.allSettled([loaded.invoke({ bad: true }), loaded.invoke({ bad: false })]);
  expect([bad?.status, good]).toEqual(["rejected", { status: "fulfilled", value: "well" }]);
});

test("a function that answers nothing answers null", async () => {
  const { loaded } = await loadFunction("export const handler = async () => {};");
  expect(await loaded.invoke({})).toBeNull();
});

test.for([
  ["has a syntax error", "export const handler = (", /does not load/],
  ["throws as it loads", 'throw new TypeError("ACTIVITY_TABLE must be set");', /ACTIVITY_TABLE must be set/],
  ["exports no handler", "export const main = () => {};", /no export `handler`/],
  ["ends as it loads", "process.exit(2);", /status 2/],
] as const)("a file that %s is told with its name", async ([, code, message]) => {
  const error: unknown = await loadFunction(code).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ContentError);
  expect(error).toMatchObject({ exitCode: 4, message: expect.stringMatching(message) });
  expect(String(error)).toContain("infra/functions/probe/handler.ts");
});

test("a file that there is not is told with its name", async () => {
  const options = { project: projectWithFunction(""), environment: {}, timeoutSeconds: 1, onLine: () => {} };
  await expect(LocalFunction.load({ ...options, name: "nothing" })).rejects.toThrow(
    "infra/functions/nothing/handler.ts: the file does not exist",
  );
});
