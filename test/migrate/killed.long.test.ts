import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { lockHolder, unlock } from "../../src/migrate/unlock.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { seededRandom } from "../faults/rules.ts";
import { eventually, type Running } from "../support/processes.ts";
import { sharedTarget } from "../support/tables.ts";
import { type CommandBed, commandBed } from "./command-bed.ts";
import { expectSameOutcome } from "./outcome.ts";
import { quickPhotosSeed } from "./photos.ts";

const SEED = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
const KILLS = Number(process.env.KILLS ?? 50);
/** So many kills are left to the lease's own time; after the others somebody unlocks, which is quicker. */
const TAKEN_OVER = 5;

/** A proxy that only watches. */
async function watch() {
  const proxy = await startFaultProxy(sharedTarget().endpoint ?? "");
  /** Starts `up`, and resolves when its first request has come. */
  const begin = async (bed: CommandBed): Promise<Running> => {
    const before = proxy.requests.length;
    const running = bed.start(proxy.endpoint, "up");
    await eventually(() => proxy.requests.length > before, "the first request of migrate up", 120);
    return running;
  };
  return { proxy, begin };
}

async function takeLockAway({ environment }: CommandBed): Promise<void> {
  const { holder } = await lockHolder(environment);
  if (holder) await unlock(environment, { owner: holder.owner, reason: "its process was killed" });
}

test(`migrate up, killed by SIGKILL ${KILLS} times at random times, is finished by migrate up: exact (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const items = quickPhotosSeed();
  const undisturbed = await commandBed({ items });
  const { proxy, begin } = await watch();
  const first = await begin(undisturbed);
  const start = performance.now();
  expect(await first.finished).toMatchObject({ status: 0 });
  const wholeMs = performance.now() - start;

  let kills = 0;
  while (kills < KILLS) {
    const bed = await commandBed({ items });
    for (;;) {
      const running = await begin(bed);
      // Half of the time that the whole takes: most lives come to their end after a few kills.
      if (kills < KILLS) {
        await Promise.race([running.finished, delay((random() * wholeMs) / 2)]);
        running.child.kill("SIGKILL");
      }
      const { signal, status, stderr } = await running.finished;
      // What was on its way is carried out, and nobody is left to hear of it.
      await proxy.settled();
      if (signal === null) {
        expect(status, stderr).toBe(0);
        break;
      }
      kills += 1;
      if (kills % Math.ceil(KILLS / TAKEN_OVER) !== 0) await takeLockAway(bed);
    }
    await expectSameOutcome(bed, undisturbed);
  }
  expect(kills).toBe(KILLS);
});
