import type { Clock } from "../clock.ts";
import { systemClock } from "../clock.ts";
import { Admission, type Need } from "./admission.ts";
import type { Direction, PerDirection } from "./direction.ts";
import { PacedBucket } from "./paced-bucket.ts";
import type { Ceilings } from "./rate-limit.ts";
import type { PacedRequest } from "./request.ts";
import { type Answer, type Cost, RequestCosts, TABLE } from "./request-cost.ts";
import { describeThrottle, type Throttle } from "./throttle.ts";

/** How a pacer is made. */
export interface PacerOptions {
  /** The physical table. */
  readonly table: string;
  /** Its partition key attribute. */
  readonly partitionKey: string;
  readonly ceilings: Ceilings;
  readonly clock?: Clock | undefined;
  /** Hears why requests are throttled: when they begin to be, and when the reason is another one. */
  readonly onThrottle?: ((reason: string) => void) | undefined;
  /** For an engine that misreports what a transaction costs. Default false. */
  readonly computeTransactions?: boolean | undefined;
}

/** What went through a pacer since it was made. */
export interface PaceTotals {
  readonly requests: number;
  /** Capacity units of the table and its indexes. */
  readonly units: PerDirection<number>;
  /** Items that pages went over. */
  readonly scanned: number;
  /** Items that they came back with, after the filter. */
  readonly matched: number;
  readonly throttles: number;
}

/** How fast it goes in one direction, on the table itself. */
export interface PaceOf {
  /** Units a second lately. */
  readonly unitsPerSecond: number;
  /** Units a second allowed now; undefined where there is no limit. */
  readonly limit: number | undefined;
}

/** What a pacer is doing, and what slows it. */
export interface PaceView extends PerDirection<PaceOf> {
  /** Why nothing is let in at all. */
  readonly paused: string | undefined;
  /** Why the last throttle was, while it still slows. */
  readonly throttled: string | undefined;
  /** The limit that requests wait for. */
  readonly waitingFor: string | undefined;
}

/** A request that was let in. */
export interface Ticket {
  readonly request: PacedRequest;
  /** What it was thought to cost. */
  readonly taken: readonly PacedNeed[];
  /** When it was let in, in milliseconds. */
  readonly sentAt: number;
}

/** When requests to a hot key may go. */
export interface HotKeyTurn {
  /** Until one item may go, in milliseconds. */
  readonly waitMs: number;
  /** How many may go by then, at least one. */
  readonly items: number;
}

interface PacedNeed extends Need {
  /** The table or index that the bucket stands for; undefined for a hot key's. */
  readonly resource: string | undefined;
}

const DIRECTIONS = ["read", "write"] as const;
/** A page is no larger than what can be written of it in so many seconds: a run stops at the end of a page. */
const PAGE_SECONDS = 5;
/** Smaller pages would cost more in requests than they save. */
export const MIN_PAGE_ITEMS = 50;
/** How much of an average stands when a new figure comes. */
const MEMORY = 0.7;
/** A throttle is shown for so long after it. */
const SHOW_THROTTLE_MS = 10_000;
/** What somebody waited for is shown for so long: they come and go many times a second. */
const SHOW_WAIT_MS = 1_000;
/** A key that was hot is forgotten after so long without a throttle. */
const FORGET_KEY_MS = 60_000;
/**
 * Units a second that a table or index without a limit gives back each second after a throttle, at least: it takes
 * 4,000 write units from its first day (on-demand-capacity-mode, "Initial throughput"), so a throttle of a run that
 * has hardly begun says little.
 */
const ON_DEMAND_INCREASE = 20;
const MAX_HOT_KEYS = 1_000;

/** DynamoDB said that the table, index or account has no more: no throttle by chance. */
const isNamed = ({ limit }: Throttle) => limit !== "unknown" && limit !== "keyRange";

/** True where one partition is too hot, and the request says which keys may be. */
const isKey = ({ limit, index }: Throttle, { groups }: PacedRequest) =>
  limit === "keyRange" && index === undefined && groups.length > 0;

const bucketName = (direction: Direction, resource: string) => `${direction} ${resource}`;

/**
 * Keeps the requests to one table within its limits: a token bucket for the table and for each index, reads
 * and writes apart. A throttle slows what it names: a hot key the requests with that key, an index its
 * writers, the account all.
 */
export class Pacer {
  readonly table: string;
  readonly partitionKey: string;
  readonly clock: Clock;
  readonly #costs: RequestCosts;
  readonly #admission: Admission;
  readonly #onThrottle: (reason: string) => void;
  readonly #buckets = new Map<string, PacedBucket>();
  readonly #hotKeys = new Map<string, PacedBucket>();
  readonly #units = { read: 0, write: 0 };
  #ceilings: Ceilings;
  #requests = 0;
  #scanned = 0;
  #matched = 0;
  /** The share of the items of a page that come back to be written, on average. */
  #matchShare = 1;
  #throttles = 0;
  #lastThrottle: { text: string; at: number } | undefined;
  #paused: string | undefined;

  constructor({
    table,
    partitionKey,
    ceilings,
    clock = systemClock,
    computeTransactions = false,
    onThrottle = () => {},
  }: PacerOptions) {
    this.#onThrottle = onThrottle;
    this.table = table;
    this.partitionKey = partitionKey;
    this.clock = clock;
    this.#ceilings = ceilings;
    this.#costs = new RequestCosts(table, { computeTransactions });
    this.#admission = new Admission(clock);
    for (const direction of DIRECTIONS) this.#bucket(direction, TABLE);
  }

  get totals(): PaceTotals {
    return {
      requests: this.#requests,
      units: { ...this.#units },
      scanned: this.#scanned,
      matched: this.#matched,
      throttles: this.#throttles,
    };
  }

  /** Takes other limits from now on. */
  setCeilings(ceilings: Ceilings): void {
    this.#ceilings = ceilings;
    const now = this.clock.now();
    for (const [name, bucket] of this.#buckets) {
      const [direction = "read", ...resource] = name.split(" ");
      bucket.setCeiling(this.#ceilingOf(direction as Direction, resource.join(" ")), now);
    }
    this.#admission.review();
  }

  /** Lets nothing in until {@link resume}. @param why for people, such as "paused by ada on laptop" */
  pause(why: string): void {
    this.#paused = why;
    this.#admission.hold();
  }

  resume(): void {
    this.#paused = undefined;
    this.#admission.release();
  }

  /**
   * Lets no new work begin, such as another page: it gets `reason` thrown. The writes of the pages under way
   * still go through, so that the work ends where it can go on later.
   */
  stop(reason: unknown): void {
    this.#admission.stop(reason);
  }

  /**
   * Waits for a request's turn.
   * @param request undefined where it uses no capacity of the table: only a pause holds it
   * @param begins whether it begins new work
   * @throws the signal's reason, or that of {@link stop}.
   */
  async enter(
    request: PacedRequest | undefined,
    begins: boolean,
    signal?: AbortSignal,
  ): Promise<Ticket | undefined> {
    let taken: readonly PacedNeed[] = [];
    const needs = () => {
      taken = request ? this.#needsOf(request) : [];
      return taken;
    };
    await this.#admission.enter(needs, begins, signal);
    return request && { request, taken, sentAt: this.clock.now() };
  }

  /**
   * When a request's keys let it in; undefined where none of them is known as hot.
   * @param request of one item
   */
  hotKeyTurn(request: PacedRequest): HotKeyTurn | undefined {
    if (this.#hotKeys.size === 0) return undefined;
    const now = this.clock.now();
    const [need] = this.#needsOf(request).filter(({ resource }) => resource === undefined);
    if (!need) return undefined;
    const { bucket, units } = need;
    const items = Math.floor(bucket.level(now) / Math.max(units, Number.MIN_VALUE));
    return { waitMs: bucket.waitFor(units, now), items: Math.max(1, items) };
  }

  /**
   * How many items a scan should go over in one page, so that what it finds is written in some seconds;
   * undefined where nothing says how fast that goes.
   * @param segments scans that go on at the same time
   */
  pageItems(segments: number): number | undefined {
    const now = this.clock.now();
    const bucket = this.#bucket("write", TABLE);
    const recent = bucket.recent(now);
    const rate = Math.min(bucket.allowed(now), recent > 0 ? recent : Number.POSITIVE_INFINITY);
    const items = (rate * PAGE_SECONDS) / segments / this.#matchShare;
    return Number.isFinite(items) ? Math.max(MIN_PAGE_ITEMS, Math.ceil(items)) : undefined;
  }

  /**
   * Settles what a request has really cost, by its answer.
   * @param back how many of its actions a batch left over: throttled, for a reason that nobody is told
   */
  answered(ticket: Ticket, answer: Answer, back = 0): void {
    const { request } = ticket;
    this.#requests += 1;
    if (request.isPage) {
      this.#scanned += answer.ScannedCount ?? 0;
      this.#matched += answer.Count ?? 0;
      const share = answer.ScannedCount ? (answer.Count ?? 0) / answer.ScannedCount : this.#matchShare;
      this.#matchShare = this.#matchShare * MEMORY + share * (1 - MEMORY);
    }
    if (back > 0) {
      this.#noteThrottle(
        describeThrottle({ limit: "unknown", direction: request.direction }),
        this.clock.now(),
      );
    }
    const done = request.actions - back;
    const cost = this.#costs.learn({ ...request, actions: done }, answer);
    this.#settle(ticket, cost ?? this.#thought(ticket, done / request.actions), back / request.actions);
  }

  /** Slows down for the throttles of a request that failed: it has used nothing. */
  throttled(ticket: Ticket, throttles: readonly Throttle[]): void {
    const { request, taken, sentAt } = ticket;
    this.#requests += 1;
    this.#throttles += 1;
    const now = this.clock.now();
    const slowed = throttles.flatMap((throttle) => this.#slowedBy(throttle, request));
    for (const { bucket, units } of taken) {
      const refused = slowed.includes(bucket) ? units : 0;
      bucket.settle(units, { accepted: 0, refused, isNamed: throttles.some(isNamed), sentAt }, now);
    }
    for (const throttle of throttles) {
      this.#noteThrottle(describeThrottle(throttle), now);
      if (isKey(throttle, request)) this.#slowKeys(request, now);
    }
    // What is short beside what it took from: an index that it was not known to write to, the account.
    for (const bucket of slowed) if (!taken.some((need) => need.bucket === bucket)) bucket.throttled(now);
    this.#admission.review();
  }

  /** A request that failed for another reason: one whose condition did not hold has cost as much as a write. */
  failed(ticket: Ticket): void {
    this.#requests += 1;
    this.#settle(ticket, this.#thought(ticket, 1), 0);
  }

  #slowedBy(throttle: Throttle, request: PacedRequest): PacedBucket[] {
    const { limit, direction, index } = throttle;
    if (limit === "account") return [...this.#buckets.values()];
    return isKey(throttle, request) ? [] : [this.#bucket(direction, index ?? request.index ?? TABLE)];
  }

  #noteThrottle(text: string, at: number): void {
    const last = this.#lastThrottle;
    const isNew = last?.text !== text || at - last.at >= SHOW_THROTTLE_MS;
    this.#lastThrottle = { text, at };
    if (isNew) this.#onThrottle(text);
  }

  /** What it is doing now. */
  view(): PaceView {
    const now = this.clock.now();
    const recent = this.#lastThrottle && now - this.#lastThrottle.at < SHOW_THROTTLE_MS;
    return {
      read: this.#paceOf("read", now),
      write: this.#paceOf("write", now),
      paused: this.#paused,
      throttled: recent ? this.#lastThrottle?.text : undefined,
      waitingFor: this.#waitingFor(now),
    };
  }

  #paceOf(direction: Direction, now: number): PaceOf {
    const bucket = this.#bucket(direction, TABLE);
    const allowed = bucket.allowed(now);
    return {
      unitsPerSecond: Math.max(0, bucket.recent(now)),
      limit: allowed === Number.POSITIVE_INFINITY ? undefined : allowed,
    };
  }

  #waitingFor(now: number): string | undefined {
    const isShort = ({ shortAt }: PacedBucket) => now - shortAt < SHOW_WAIT_MS;
    for (const [name, bucket] of this.#buckets) {
      if (!isShort(bucket)) continue;
      const [direction, ...resource] = name.split(" ");
      return resource.join(" ") === TABLE
        ? `${direction} limit`
        : `${direction} limit of ${resource.join(" ")}`;
    }
    return [...this.#hotKeys.values()].some(isShort) ? "a hot key" : undefined;
  }

  #ceilingOf(direction: Direction, resource: string): number {
    if (resource === TABLE) return this.#ceilings.table[direction];
    return (this.#ceilings.indexes.get(resource) ?? this.#ceilings.otherIndexes)[direction];
  }

  #bucket(direction: Direction, resource: string): PacedBucket {
    const name = bucketName(direction, resource);
    const known = this.#buckets.get(name);
    if (known) return known;
    const made = new PacedBucket(this.#ceilingOf(direction, resource), this.clock.now(), ON_DEMAND_INCREASE);
    this.#buckets.set(name, made);
    return made;
  }

  #needsOf(request: PacedRequest): PacedNeed[] {
    const { direction, groups } = request;
    const needs = [...this.#costs.estimate(request)].map(([resource, units]) => {
      return { bucket: this.#bucket(direction, resource), units, resource };
    });
    if (this.#hotKeys.size === 0) return needs;
    this.#forgetKeys();
    const units = Math.max(0, ...needs.map((need) => need.units)) / Math.max(1, groups.length);
    const hot = groups.flatMap((group) => this.#hotKeys.get(bucketName(direction, group)) ?? []);
    return [...needs, ...hot.map((bucket) => ({ bucket, units, resource: undefined }))];
  }

  #slowKeys({ direction, groups }: PacedRequest, now: number): void {
    for (const group of groups) {
      const name = bucketName(direction, group);
      const known = this.#hotKeys.get(name);
      const bucket = known ?? new PacedBucket(Number.POSITIVE_INFINITY, now);
      this.#hotKeys.delete(name);
      this.#hotKeys.set(name, bucket);
      // How much of the table's rate went to this key is not known at first: all of it at most.
      if (known) bucket.throttled(now);
      else bucket.throttled(now, this.#bucket(direction, TABLE).recent(now));
    }
    for (const name of this.#hotKeys.keys()) {
      if (this.#hotKeys.size <= MAX_HOT_KEYS) break;
      this.#hotKeys.delete(name);
    }
  }

  #forgetKeys(): void {
    const now = this.clock.now();
    for (const [name, bucket] of this.#hotKeys) {
      if (now - bucket.throttledAt > FORGET_KEY_MS) this.#hotKeys.delete(name);
    }
  }

  /** What a request was thought to cost, or a share of it. */
  #thought({ taken }: Ticket, share: number): Cost {
    const known = taken.filter(({ resource }) => resource !== undefined);
    return new Map(known.map(({ resource, units }) => [resource as string, units * share]));
  }

  /** Counts what a request has cost, and takes what that is beyond what it was thought to, or gives back what it has not. */
  #settle({ request, taken, sentAt }: Ticket, cost: Cost, refusedShare: number): void {
    const now = this.clock.now();
    for (const units of cost.values()) this.#units[request.direction] += units;
    const open = new Map(cost);
    // What comes back of a request with no other key is put down to that key, where it is known as hot.
    const isKeyAlone = request.groups.length === 1 && taken.some(({ resource }) => resource === undefined);
    const shortOf = isKeyAlone ? undefined : TABLE;
    for (const { bucket, units, resource } of taken) {
      // A key's own cost is not told.
      const accepted = resource === undefined ? units * (1 - refusedShare) : (open.get(resource) ?? 0);
      const refused = resource === shortOf ? units * refusedShare : 0;
      bucket.settle(units, { accepted, refused, isNamed: false, sentAt }, now);
      if (resource !== undefined) open.delete(resource);
    }
    for (const [resource, units] of open) this.#bucket(request.direction, resource).charge(units, now);
    this.#admission.review();
  }
}
