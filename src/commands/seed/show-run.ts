import type { PaceView } from "../../dynamo/pace/pacer.ts";
import type { WireSender } from "../../dynamo/wire/wire-client.ts";
import type { Log } from "../../log.ts";
import { LoadSampler } from "../../seed/events/load-sampler.ts";
import type { SeedEvents } from "../../seed/events/seed-events.ts";
import type { CheckReport } from "../../seed/file/check-seed-file.ts";
import type { Defect } from "../../seed/file/records.ts";
import type { LoadResult } from "../../seed/load/load-file.ts";
import type { LoadSoFar } from "../../seed/load/load-options.ts";
import { Tally } from "../../seed/load/tally.ts";
import {
  checkView,
  countView,
  deletionView,
  loadView,
  lookView,
  type ProgressView,
  proofView,
} from "../../seed/progress.ts";
import type { CountSoFar } from "../../seed/prove/count-indexes.ts";
import type { Proof } from "../../seed/prove/proof.ts";
import type { CheckHooks } from "./open-seed.ts";
import { ProgressDisplay } from "./show-progress.ts";

/** What a load is of, for those who look on. */
export interface LoadFacts {
  readonly table: string;
  /** Where it goes, in words. */
  readonly target: string;
  readonly items: number;
  readonly fileBytes: number;
  /** Items that the table had, about. */
  readonly tableItems: number;
  readonly concurrency: number;
  /** What earlier runs of a resumed load had settled. */
  readonly before?: Pick<LoadSoFar, "written" | "identical" | "rejected" | "superseded"> | undefined;
  readonly view: () => PaceView;
}

const NOTHING_YET: LoadSoFar = {
  ...new Tally().counts(),
  retriedItems: 0,
  requests: 0,
  consumedWriteUnits: 0,
};

/** Shows a run of `seed` to whoever looks on: people, by a bar or lines, and programs, by events. */
export class RunShow {
  readonly #display: ProgressDisplay;
  readonly #events: SeedEvents | undefined;
  #sampler: LoadSampler | undefined;

  /** @param events undefined: nobody wants any */
  constructor(log: Log, events: SeedEvents | undefined) {
    this.#display = new ProgressDisplay(log);
    this.#events = events;
  }

  /** The run's log, which makes room for what it says. */
  get log(): Log {
    return this.#display.log;
  }

  /** A sender that is measured, where somebody wants to know. */
  watch(sender: WireSender): WireSender {
    return this.#events ? this.#events.monitor.watch(sender) : sender;
  }

  readonly onThrottle = (reason: string): void => this.#events?.tell({ type: "throttled", reason });

  /** Shows the check of files of so many bytes. */
  async check(bytes: number, check: (hooks: CheckHooks) => Promise<CheckReport>): Promise<CheckReport> {
    const startedAt = performance.now();
    let read = 0;
    const onReport = ({ items, itemBytes, writeUnits, superseded, defectCount: defects }: CheckReport) => {
      const seconds = (performance.now() - startedAt) / 1000;
      const counts = { items, itemBytes, writeUnits, superseded: superseded.count, defects };
      this.#events?.tell({ type: "checkFinished", ...counts, seconds });
    };
    this.#events?.tell({ type: "checkBegun", bytes });
    this.#display.begin((seconds) => checkView(read, bytes, seconds));
    try {
      const onBytes = (soFar: number) => {
        read = soFar;
      };
      return await check({ onBytes, onReport });
    } finally {
      this.#display.end();
    }
  }

  /** Hears of a load and of its proof. `loadOptions` are for the loader, the others for the run. */
  loadHooks({ view, ...facts }: LoadFacts) {
    const events = this.#events;
    const before: LoadSoFar = { ...NOTHING_YET, ...facts.before };
    let soFar = before;
    const onProgress = (latest: LoadSoFar) => {
      soFar = latest;
      this.#sampler?.progress(latest);
    };
    const onRejected = (defects: readonly Defect[]) => {
      const [first] = defects;
      const reason = defects.map((defect) => defect.reason).join("; ");
      if (first) events?.tell({ type: "rejected", ...first, reason });
    };
    const onLoad = () => {
      const { table, target, items, concurrency } = facts;
      events?.tell({ type: "loadBegun", table, target, items, concurrency });
      this.#sampler =
        events &&
        new LoadSampler({ monitor: events.monitor, before, view, tell: (event) => events.tell(event) });
      this.#display.begin((seconds) => loadView(soFar, before, { items, seconds, pace: view() }));
    };
    const looked = this.#figure((items, seconds) => lookView(items, facts.items, seconds));
    const deleted = this.#figure(deletionView);
    const onLoaded = (result: LoadResult) => {
      this.#display.end();
      this.#sampler?.stop();
      const { itemsPerSecond, rejects, listedRejects, stop, ...counts } = result;
      events?.tell({ type: "loadFinished", ...counts, stopped: stop?.kind });
    };
    return {
      loadOptions: { onProgress, onRejected },
      onLoad,
      onLoaded,
      onLookForCounts: looked.begin,
      onLooked: looked.tell,
      onDelete: deleted.begin,
      onDeleted: deleted.tell,
      ...this.proofHooks(facts),
    };
  }

  /** Shows a part of the run of which one figure is told. */
  #figure(view: (soFar: number, seconds: number) => ProgressView) {
    let figure = 0;
    return {
      begin: () => this.#display.begin((seconds) => view(figure, seconds)),
      tell: (soFar: number) => {
        figure = soFar;
      },
    };
  }

  /** Hears of a proof. */
  proofHooks({
    items,
    fileBytes: totalBytes,
    tableItems,
  }: Pick<LoadFacts, "items" | "fileBytes" | "tableItems">) {
    const events = this.#events;
    const totalItems = Math.max(items, tableItems);
    let read = 0;
    let scanned = 0;
    let begunAt = 0;
    let counted: CountSoFar | undefined;
    return {
      onProof: () => {
        begunAt = performance.now();
        events?.tell({ type: "proofBegun" });
        this.#display.begin((seconds) => proofView({ read, totalBytes, scanned, totalItems }, seconds));
      },
      onProofBytes: (bytes: number) => {
        read = bytes;
      },
      onProofScanned: (soFar: number) => {
        scanned = soFar;
      },
      onCounted: (count: CountSoFar) => {
        const isFirst = counted?.index !== count.index;
        counted = count;
        if (isFirst) this.#display.begin((seconds) => countView(counted ?? count, seconds));
      },
      onProved: ({ status, scope, missing, extra, different, readUnits }: Proof) => {
        this.#display.end();
        const seconds = (performance.now() - begunAt) / 1000;
        const counts = { status, scope, missing, extra, different, readUnits };
        events?.tell({ type: "proofFinished", ...counts, seconds });
      },
    };
  }

  /** Takes the bar away, and ends the samples of a load that threw. */
  end(): void {
    this.#sampler?.stop();
    this.#display.end();
  }
}
