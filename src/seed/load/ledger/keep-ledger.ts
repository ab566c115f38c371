import type { LoadAccount } from "../account.ts";
import type { Rejects } from "../rejects.ts";
import type { LoadLedger } from "./load-ledger.ts";

/** Time between two writes of a ledger, in milliseconds: so much of a killed load is written again, at most. */
const SAVE_EVERY_MS = 1_000;

/** How a ledger is kept. */
export interface KeepOptions {
  /** Default {@link SAVE_EVERY_MS}. */
  readonly saveEveryMs?: number | undefined;
  /** Called once, where the ledger cannot be written any more. What it said before stays true. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/** Writes down how far a load has come, now and then. */
export class LedgerKeeper {
  readonly #ledger: LoadLedger;
  readonly #account: LoadAccount;
  readonly #rejects: Rejects;
  readonly #onFailure: KeepOptions["onFailure"];
  readonly #timer: NodeJS.Timeout;
  #saving: Promise<void> | undefined;
  #hasFailed = false;

  private constructor(
    { ledger, account, rejects }: { ledger: LoadLedger; account: LoadAccount; rejects: Rejects },
    { saveEveryMs = SAVE_EVERY_MS, onFailure }: KeepOptions,
  ) {
    this.#ledger = ledger;
    this.#account = account;
    this.#rejects = rejects;
    this.#onFailure = onFailure;
    this.#timer = setInterval(() => void this.#saveQuietly(), saveEveryMs);
    this.#timer.unref();
  }

  /**
   * Writes the ledger before the load's first write, and every second from then on.
   * @throws {LoadLedgerWriteError} where it cannot be written now.
   */
  static async start(
    load: { ledger: LoadLedger; account: LoadAccount; rejects: Rejects },
    options: KeepOptions = {},
  ): Promise<LedgerKeeper> {
    await load.ledger.save(load.account.position(), load.rejects.place);
    return new LedgerKeeper(load, options);
  }

  /** Writes it a last time. Never throws. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
    await this.#saveQuietly();
  }

  /** A ledger that is not up to date costs some writes again; a load that stops for it costs the rest of it. */
  #saveQuietly(): Promise<void> {
    this.#saving ??= this.#save()
      .catch((error: unknown) => {
        if (!this.#hasFailed) this.#onFailure?.(error);
        this.#hasFailed = true;
      })
      .finally(() => {
        this.#saving = undefined;
      });
    return this.#saving;
  }

  async #save(): Promise<void> {
    // Both of one moment. The rejects first: one that is counted must be in the file.
    const [position, place] = [this.#account.position(), this.#rejects.place];
    await this.#rejects.sync();
    await this.#ledger.save(position, place);
  }
}
