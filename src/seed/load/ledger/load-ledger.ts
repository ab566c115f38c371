import { existsSync } from "node:fs";
import { claimFile } from "../../../project/claim-file.ts";
import { replaceFile } from "../../../project/replace-file.ts";
import {
  LoadLedgerWriteError,
  LoadRunningError,
  NothingToResumeError,
  OtherLoadError,
} from "../../errors.ts";
import type { LoadPosition } from "../account.ts";
import type { RejectsPlace } from "../rejects.ts";
import { readLedger, removeLedger } from "./find-ledgers.ts";
import {
  type LedgerContent,
  LOAD_LEDGER_VERSION,
  type LoadIdentity,
  loadDifferences,
} from "./ledger-content.ts";

const claim = (file: string) =>
  claimFile(file, {
    held: (mark, pid) => new LoadRunningError(file, mark, pid),
    unwritable: (_mark, cause) => new LoadLedgerWriteError(file, cause),
  });

/**
 * The file that knows how far a load has come, so that it can be resumed when it was cut off. It is there from
 * before the first write until the load has ended well. This process alone works with it, until `release`.
 */
export class LoadLedger {
  readonly file: string;
  /** What an earlier run has left; undefined where the load begins. */
  readonly resumed: LedgerContent | undefined;
  /** Gives the file to other processes. */
  readonly release: () => void;
  readonly #identity: LoadIdentity;
  readonly #startedAt: string;
  #tableWasEmpty: boolean;

  private constructor(
    file: string,
    identity: LoadIdentity,
    release: () => void,
    resumed: LedgerContent | undefined,
  ) {
    this.file = file;
    this.release = release;
    this.resumed = resumed;
    this.#identity = identity;
    this.#startedAt = resumed?.startedAt ?? new Date().toISOString();
    this.#tableWasEmpty = resumed?.tableWasEmpty ?? false;
  }

  /**
   * The ledger of a load that begins. Nothing is written yet; an earlier ledger of the same load at that place
   * will be replaced.
   * @throws {OtherLoadError} {@link LoadLedgerError} {@link LoadLedgerVersionError} where the file is of something else.
   * @throws {LoadRunningError} {@link LoadLedgerWriteError}
   */
  static begin(file: string, identity: LoadIdentity): LoadLedger {
    return LoadLedger.#open(file, identity, false);
  }

  /**
   * The ledger of a load that goes on.
   * @throws {NothingToResumeError} {@link OtherLoadError} {@link LoadLedgerError} {@link LoadLedgerVersionError}
   * {@link LoadRunningError} {@link LoadLedgerWriteError}
   */
  static resume(file: string, identity: LoadIdentity): LoadLedger {
    if (!existsSync(file)) throw new NothingToResumeError(identity.model, file);
    return LoadLedger.#open(file, identity, true);
  }

  static #open(file: string, identity: LoadIdentity, isResumed: boolean): LoadLedger {
    const release = claim(file);
    try {
      // Read when nobody else can write it any more.
      const content = readLedger(file);
      if (!content && isResumed) throw new NothingToResumeError(identity.model, file);
      const differences = content ? loadDifferences(content, identity) : [];
      if (differences.length > 0) throw new OtherLoadError(file, differences);
      return new LoadLedger(file, identity, release, isResumed ? content : undefined);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Whether the table was empty before the load's first run. */
  get tableWasEmpty(): boolean {
    return this.#tableWasEmpty;
  }

  /** Notes what a load that begins finds. */
  foundTable(isEmpty: boolean): void {
    this.#tableWasEmpty = isEmpty;
  }

  /**
   * Writes how far the load has come.
   * @param rejects what of them the disk has, at least
   * @throws {LoadLedgerWriteError} then the file says what it said before.
   */
  async save(position: LoadPosition, rejects: RejectsPlace): Promise<void> {
    const content: LedgerContent = {
      version: LOAD_LEDGER_VERSION,
      ...this.#identity,
      startedAt: this.#startedAt,
      savedAt: new Date().toISOString(),
      tableWasEmpty: this.#tableWasEmpty,
      position: { ...position, open: [...position.open] },
      rejects,
    };
    try {
      await replaceFile(this.file, `${JSON.stringify(content)}\n`);
    } catch (error) {
      throw new LoadLedgerWriteError(this.file, error);
    }
  }

  /** The load has ended well: there is nothing to resume. */
  remove(): void {
    removeLedger(this.file);
  }
}
