// The fetch sessions of a broker, as many as `max.incremental.fetch.session.cache.slots`. When all slots are
// taken, a newcomer takes the place of a session that was not used for two minutes, else of one of less
// worth: followers before consumers, more partitions before fewer, and none within its first two minutes
// unless by a follower. Invariant: sessions and their partitions are bounded in number.
import type { Clock, Random } from "@ottla/ports";
import { fetchSessionLimits } from "../limits.ts";
import type { PartitionFetch } from "../partition/partition-fetch.ts";
import { FetchSession } from "./fetch-session.ts";

/** What a newcomer is worth. */
export interface NewSession {
  readonly isPrivileged: boolean;
  readonly usesTopicIds: boolean;
  readonly partitions: Map<string, PartitionFetch>;
}

/** All sessions, by id. */
export class FetchSessionCache {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #slots: number;
  /** Least recently used first. */
  readonly #sessions = new Map<number, FetchSession>();
  #partitionCount = 0;
  #evictions = 0;

  constructor(options: { readonly clock: Clock; readonly random: Random; readonly slots: number }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#slots = options.slots;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get partitionCount(): number {
    return this.#partitionCount;
  }

  /** Sessions that gave way to others. */
  get evictions(): number {
    return this.#evictions;
  }

  find(id: number): FetchSession | null {
    return this.#sessions.get(id) ?? null;
  }

  remove(session: FetchSession): void {
    if (this.#sessions.get(session.id) !== session) return;
    this.#sessions.delete(session.id);
    this.#partitionCount -= session.countedSize;
    session.close();
  }

  /** Notes the use of a session and what became of its size. False: it grew beyond bounds and is gone. */
  use(session: FetchSession): boolean {
    this.#partitionCount += session.size - session.countedSize;
    session.countedSize = session.size;
    if (
      session.size > fetchSessionLimits.partitionsMax ||
      this.#partitionCount > fetchSessionLimits.allPartitionsMax
    ) {
      this.remove(session);
      return false;
    }
    session.lastUsedMs = this.#clock.monotonicMs();
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
    return true;
  }

  /** Null: no place, and the reader goes on without a session. */
  create(wanted: NewSession): FetchSession | null {
    const { size } = wanted.partitions;
    if (size > fetchSessionLimits.partitionsMax) return null;
    const nowMs = this.#clock.monotonicMs();
    if (this.#sessions.size >= this.#slots && !this.#evict(wanted.isPrivileged, size, nowMs)) return null;
    if (this.#partitionCount + size > fetchSessionLimits.allPartitionsMax) return null;
    const session = new FetchSession({ ...wanted, id: this.#freeId(), nowMs });
    session.countedSize = size;
    this.#sessions.set(session.id, session);
    this.#partitionCount += size;
    return session;
  }

  #evict(isPrivileged: boolean, size: number, nowMs: number): boolean {
    let worst: FetchSession | null = null;
    for (const session of this.#sessions.values()) {
      // The first one is the least recently used: when it is not stale, none is.
      if (worst === null && nowMs - session.lastUsedMs > fetchSessionLimits.evictionMs) {
        worst = session;
        break;
      }
      const isOld = nowMs - session.createdMs > fetchSessionLimits.evictionMs;
      const mayGo = isOld || (isPrivileged && !session.isPrivileged);
      if (mayGo && (worst === null || compareWorth(session, worst) < 0)) worst = session;
    }
    if (worst === null) return false;
    const isStale = nowMs - worst.lastUsedMs > fetchSessionLimits.evictionMs;
    if (!isStale && compareWorth({ isPrivileged, size }, worst) < 0) return false;
    this.#evictions += 1;
    this.remove(worst);
    return true;
  }

  #freeId(): number {
    for (;;) {
      const id = this.#random.uint32() & 0x7fffffff;
      if (id !== 0 && !this.#sessions.has(id)) return id;
    }
  }
}

interface Worth {
  readonly isPrivileged: boolean;
  readonly size: number;
}

function compareWorth(left: Worth, right: Worth): number {
  if (left.isPrivileged !== right.isPrivileged) return left.isPrivileged ? 1 : -1;
  return left.size - right.size;
}
