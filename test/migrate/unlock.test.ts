import { expect, test } from "vitest";
import { LeaseLostError, openLedger, withLease } from "../../src/ledger/index.ts";
import { NotTheHolderError } from "../../src/migrate/index.ts";
import { migrateHistory } from "../../src/migrate/migrate-history.ts";
import { lockHolder, unlock } from "../../src/migrate/unlock.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { readIdentity } from "../ledger/support.ts";
import { testBed } from "./support.ts";

test("a lock is taken from the owner that is named and from nobody else; who had it can write no more", async () => {
  const bed = await testBed();
  const { client, environment } = bed;
  const { ledgerTable, table } = environment;
  expect(await lockHolder(environment)).toMatchObject({ holder: undefined });
  await expect(unlock(environment, { owner: "nobody" })).rejects.toThrow(NotTheHolderError);

  const identity = await readIdentity(client, table);
  const ledger = await openLedger({ client, ledgerTable, table: identity, mayCreate: true, readOnly: false });
  const options = { command: "migrate up", leaseMs: 60_000, heartbeatMs: 30_000 };
  const run = withLease(ledger, options, async (lease) => {
    const { holder, silentSeconds } = await lockHolder(environment);
    expect(holder).toMatchObject({ owner: lease.owner, command: "migrate up", pid: process.pid });
    expect(silentSeconds).toBeLessThan(60);
    await expect(unlock(environment, { owner: "somebody else" })).rejects.toMatchObject({
      code: "not-the-holder",
      next: expect.stringContaining(lease.owner),
    });
    expect(await unlock(environment, { owner: lease.owner, reason: "its machine is gone" })).toMatchObject({
      holder: { owner: lease.owner },
    });
    // Another run has it at once, with the next term.
    await migrateUp(environment);
    await lease.write([]);
  });
  await expect(run).rejects.toThrow(LeaseLostError);
  const { events } = await migrateHistory(environment);
  expect(events[0]).toMatchObject({ kind: "lock", action: "unlock", reason: "its machine is gone" });
  expect(events.at(-1)).toMatchObject({ action: "up", outcome: "applied" });
});
