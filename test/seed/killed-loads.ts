import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { silentLog } from "../../src/log.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { lockHolder, unlock } from "../../src/migrate/unlock.ts";
import { findProject } from "../../src/project/find-project.ts";
import { type FaultRule, seededRandom } from "../faults/rules.ts";
import { eventually, launch } from "../support/processes.ts";
import { CLI, cleanEnvironment } from "../support/project-copy.ts";
import { allItems, sharedTarget } from "../support/tables.ts";
import { lines, makeStack, type sharedProject } from "./stacks.ts";

/** One request at a time, so slow that the ledger is written several times in a load. */
const REQUEST_MS = 250;
/** The ledger is written every second, so that kills come before and after it. */
const KILL_WITHIN_MS = 2_500;
const REFUSED = "#METADATA#john42";
const isRefused = (request: { body: object }) => JSON.stringify(request.body).includes(`"${REFUSED}"`);
const RULES: FaultRule[] = [
  {
    operation: ["BatchWriteItem", "PutItem"],
    where: isRefused,
    fault: { kind: "error", name: "ValidationException", message: "refused" },
  },
  { operation: "BatchWriteItem", probability: 0.15, fault: { kind: "unprocessedItems", share: 0.3 } },
  { operation: "BatchWriteItem", fault: { kind: "delay", milliseconds: REQUEST_MS } },
];

/**
 * Kills a load of the project's file by SIGKILL at random moments, resuming it in between, until it was killed
 * so often or has come to its end; then lets it come to its end.
 * @returns how often it was killed, and in how many of its runs there was something settled before
 */
export async function killAndResume(
  project: ReturnType<typeof sharedProject>,
  { kills, seed }: { kills: number; seed: number },
): Promise<{ killed: number; resumed: number }> {
  const random = seededRandom(seed);
  const stack = await makeStack(project.root, { rules: RULES });
  const { table, ledgerTable, client, proxy, args } = stack;
  const names = { model: "quick-photos", table, ledgerTable, indexOwner: "pulumi" } as const;
  const migrations = migrationsOf(findProject(project.root), "quick-photos");
  const environment = { client, target: sharedTarget(), migrations, log: silentLog(), ...names };

  /** A killed run keeps the table's lease until its time is over: somebody gives it back for it. */
  const giveBack = async () => {
    const { holder } = await lockHolder(environment);
    if (holder) await unlock(environment, { owner: holder.owner, reason: "killed" });
  };
  let killed = 0;
  let resumed = 0;
  for (;;) {
    const before = proxy?.requests.length ?? 0;
    const words = ["--json", "--concurrency", "1", "--max-rejects", "1", ...(killed > 0 ? ["--resume"] : [])];
    const options = { cwd: project.root, env: cleanEnvironment };
    const running = launch(process.execPath, [CLI, ...args(...words)], options);
    onTestFinished(() => void running.child.kill("SIGKILL"));
    // From the first write on there is something to resume.
    const hasWritten = () => {
      const sent = proxy?.requests.slice(before) ?? [];
      return sent.some(
        ({ operation, body }) =>
          operation === "BatchWriteItem" || (body.TableName === table && operation === "PutItem"),
      );
    };
    let hasEnded = false;
    void running.finished.then(() => {
      hasEnded = true;
    });
    if (killed < kills) {
      await eventually(() => hasWritten() || hasEnded, "a write", 60);
      await Promise.race([running.finished, delay(random() * KILL_WITHIN_MS)]);
      running.child.kill("SIGKILL");
    }
    const { signal, status, stdout, stderr } = await running.finished;
    await proxy?.settled();
    if (stderr.includes("resumed, ")) resumed += Number(/resumed, (\d+) of/.exec(stderr)?.[1]) > 0 ? 1 : 0;
    if (signal !== null) {
      killed += 1;
      await giveBack();
      continue;
    }
    const document = JSON.parse(stdout);
    const stored = await allItems(client, table);
    expect(stored, stderr + stdout).toHaveLength(lines.length - 1);
    // Killed when all was done, and before it could say so.
    if (killed > 0 && document.error?.code === "nothing-to-resume") return { killed, resumed };
    // Refused items are the answer "no"; all else is as if nothing had happened.
    expect(status, stderr + stdout).toBe(1);
    expect(document).toMatchObject({
      read: lines.length,
      written: lines.length - 1,
      rejected: 1,
      unwritten: 0,
      unknown: 0,
      proof: { status: "different", scope: "exact", missing: 1, different: 0, extra: 0 },
    });
    expect(document.proof.differences).toMatchObject([{ kind: "missing", key: { SK: REFUSED } }]);
    expect(readFileSync(document.rejects, "utf8").trimEnd().split("\n")).toHaveLength(1);
    return { killed, resumed };
  }
}
