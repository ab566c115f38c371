import { expect, test } from "vitest";
import { eventually } from "../../support/processes.ts";
import { loadedProject } from "../loaded-project.ts";

test("verify --bench from the command line: figures beside the judgement; Ctrl-C ends it with what there is", async () => {
  const { start, table } = await loadedProject();
  const asked = ["--pattern", "find-followers", "--bench", "2s", "--rate", "10/s", "--json"];
  const { status, stdout, stderr } = await start(...asked).finished;
  const document = JSON.parse(stdout);
  const [pattern] = document.bench.patterns;
  expect(document).toMatchObject({
    command: "verify",
    passed: 1,
    bench: { conditions: { table, rate: 10 } },
  });
  expect(pattern).toMatchObject({
    id: "find-followers",
    due: 20,
    runs: 20,
    errors: 0,
    unknown: 0,
    requests: 20,
  });
  for (const name of ["p50", "p95", "p99", "max"]) expect(pattern.latency[name]).toBeGreaterThan(0);
  // Other tests share the machine: a client that was held up must say so instead.
  expect({ status, said: pattern.status }).toEqual(
    pattern.startedLate.p99 > 10 ? { status: 3, said: "indeterminate" } : { status: 0, said: "measured" },
  );
  expect(stderr).toContain("bench: 1 reading pattern, 10 runs a second for 2 s each; at most");

  const long = start("--pattern", "find-followers", "--bench", "1h", "--rate", "10/s");
  await eventually(() => long.stderr().includes("bench: find-followers (1 of 1)"), "the bench runs", 30);
  long.child.kill("SIGINT");
  const stopped = await long.finished;
  expect(stopped.status).toBe(130);
  expect(stopped.stdout).toContain("1 of 1 judged: 1 passed, 0 failed");
  expect(stopped.stdout).toMatch(/^interrupted find-followers: after \d+ of 36000 runs$/m);
  expect(stopped.stdout).toContain("the bench was interrupted: these are the figures until then");
}, 60_000);
