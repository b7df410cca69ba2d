// Who is in sync with the leader of one partition, and how far each follower is. Followers report by
// fetching: a fetch offset is the follower's durable end. Invariant: the maximal set holds the committed one
// and whoever was asked to join, so that no answer of the controller can make an acknowledged record unsafe
// (KIP-966). Not here: the high watermark itself (high-watermark.ts).
import type { NodeId, Offset } from "@ottla/protocol";

/** What the leader knows of a follower in the present leader epoch. */
export interface FollowerProgress {
  /** Everything below is durable there; null before its first fetch of this epoch. */
  durableEnd: Offset | null;
  logStartOffset: number;
  /** Monotonic time at which it last had everything the leader had; null: not in this epoch. */
  caughtUpMs: number | null;
  /** Leader's log end and time at the fetch before, to tell a follower that keeps up under load. */
  lastFetchLogEnd: number;
  lastFetchMs: number;
}

/** Replicas of one partition as its leader sees them. */
export class InSyncReplicas {
  readonly #self: number;
  #replicas: readonly NodeId[] = [];
  #committed: ReadonlySet<NodeId> = new Set();
  #joining: ReadonlySet<NodeId> = new Set();
  readonly #followers = new Map<number, FollowerProgress>();

  constructor(self: number) {
    this.#self = self;
  }

  /** A new leader epoch: what followers said before does not count any more. */
  startEpoch(replicas: readonly NodeId[], isr: readonly NodeId[]): void {
    this.#followers.clear();
    this.update(replicas, isr);
  }

  /** The controller's newest decision within the epoch. */
  update(replicas: readonly NodeId[], isr: readonly NodeId[]): void {
    this.#replicas = replicas;
    this.#committed = new Set(isr);
    this.#joining = new Set();
    for (const id of this.#followers.keys()) if (!replicas.includes(id as NodeId)) this.#followers.delete(id);
    for (const id of replicas)
      if (id !== this.#self && !this.#followers.has(id)) this.#followers.set(id, unheard());
  }

  /** Followers that the controller was asked to add; they hold back the high watermark from now on. */
  propose(joining: readonly NodeId[]): void {
    this.#joining = new Set(joining);
  }

  get replicaCount(): number {
    return this.#replicas.length;
  }

  /** As the controller knows it. */
  get committed(): ReadonlySet<NodeId> {
    return this.#committed;
  }

  /** True when acknowledged records need no other replica than this one. */
  get isAlone(): boolean {
    for (const id of this.maximal()) if (id !== this.#self) return false;
    return true;
  }

  /** Committed members and those that may be. */
  *maximal(): Iterable<NodeId> {
    yield* this.#committed;
    for (const id of this.#joining) if (!this.#committed.has(id)) yield id;
  }

  /** Null for a node that is no follower of this partition. */
  follower(id: number): FollowerProgress | null {
    return this.#followers.get(id) ?? null;
  }
}

function unheard(): FollowerProgress {
  return { durableEnd: null, logStartOffset: -1, caughtUpMs: null, lastFetchLogEnd: 0, lastFetchMs: 0 };
}
