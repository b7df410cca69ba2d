// One partition's replica on this broker: its role and leader epoch, who may append and read, and its high
// watermark. Producers, fetches and the metadata publisher meet here; records lie in package log. Invariants:
// only the leader appends for clients, in its own epoch; acks and watching fetches learn of every change of
// role; all of it is synchronous, completions come from the log in later turns. Not here: reading
// (read-partition.ts), arithmetic of the high watermark (high-watermark.ts), which partitions exist
// (partition-registry.ts).
import type { AppendOrigin, AppendOutcome, LogListener, PartitionLog } from "@ottla/log";
import type { PartitionRegistration } from "@ottla/metadata";
import type { Clock, DiskError } from "@ottla/ports";
import {
  type ErrorSpec,
  errors,
  type LeaderEpoch,
  type NodeId,
  type Offset,
  type Uuid,
} from "@ottla/protocol";
import { AckQueue, type AckWait } from "../waiting/ack-wait.ts";
import { LinkedList } from "../waiting/linked-list.ts";
import { nextHighWatermark } from "./high-watermark.ts";
import { InSyncReplicas } from "./in-sync-replicas.ts";
import type { PartitionFetch, ReaderKind } from "./partition-fetch.ts";
import { isAwakened } from "./partition-watch.ts";

/** What a replica is at the moment. */
export type PartitionRole = "leader" | "follower" | "deleted";

/** What a partition needs of the broker around it. */
export interface PartitionOwner {
  readonly nodeId: NodeId;
  readonly clock: Clock;
  /** The partition has to be settled in this turn. Idempotent within a turn. */
  markDirty(partition: Partition): void;
  /** The end of the turn is due although nothing was appended in it. */
  requestTurnEnd(): void;
}

/** Whoever keeps state of its own in the partition's records. */
export interface PartitionListener {
  /** In phase "partitions" of a turn. */
  highWatermarkMoved(highWatermark: Offset): void;
  /** What the log had not written is gone. */
  logFailed(): void;
}

/** What a follower tells by fetching. */
export interface FollowerFetch {
  readonly replicaId: number;
  readonly fetchOffset: Offset;
  readonly logStartOffset: number;
}

/** One partition on this broker. */
export class Partition implements LogListener {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: number;
  /** Set by the registry alone: already among those to settle in this turn. */
  isDirty = false;
  /** Set by the coordinator of an internal topic alone. */
  listener: PartitionListener | null = null;
  readonly #owner: PartitionOwner;
  readonly #replicas: InSyncReplicas;
  readonly #acks = new AckQueue();
  readonly #watching = new LinkedList<PartitionFetch>();
  #log: PartitionLog | null;
  #role: PartitionRole = "follower";
  #leader = -1;
  #leaderEpoch = -1;
  /** How often the log failed and dropped what was not written. */
  #logFailures = 0;
  #partitionEpoch = -1;
  #epochStartOffset = 0;

  constructor(
    owner: PartitionOwner,
    where: { topic: string; topicId: Uuid; index: number },
    log: PartitionLog | null,
  ) {
    this.topic = where.topic;
    this.topicId = where.topicId;
    this.index = where.index;
    this.#owner = owner;
    this.#replicas = new InSyncReplicas(owner.nodeId);
    this.#log = log;
    if (log !== null) log.listener = this;
  }

  /** Null while its log directory is offline. */
  get log(): PartitionLog | null {
    return this.#log;
  }

  get role(): PartitionRole {
    return this.#role;
  }

  get isLeader(): boolean {
    return this.#role === "leader";
  }

  /** -1: none known. */
  get leader(): number {
    return this.#leader;
  }

  get logFailures(): number {
    return this.#logFailures;
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }

  get partitionEpoch(): number {
    return this.#partitionEpoch;
  }

  /** Log end at which this broker became leader of the present epoch. */
  get epochStartOffset(): number {
    return this.#epochStartOffset;
  }

  get replicas(): InSyncReplicas {
    return this.#replicas;
  }

  /** -1 while offline. */
  get logStartOffset(): number {
    return this.#log?.logStartOffset ?? -1;
  }

  /**
   * Lowest log start over the replicas that must be in sync: below it no record can come back. -1 while
   * offline, or while a follower has not told its own.
   */
  get lowWatermark(): number {
    let lowest = this.logStartOffset;
    for (const id of this.#replicas.maximal()) {
      if (id !== this.#owner.nodeId)
        lowest = Math.min(lowest, this.#replicas.follower(id)?.logStartOffset ?? -1);
    }
    return lowest;
  }

  /** Requests that wait here, of producers and of fetches. */
  get waitingCount(): number {
    return this.#acks.size + this.#watching.size;
  }

  /** `min.insync.replicas`, as far as there are replicas at all. */
  get minInSync(): number {
    return Math.min(this.#log?.config.minInsyncReplicas ?? 1, Math.max(1, this.#replicas.replicaCount));
  }

  /**
   * The controller made this broker the leader, or changed the replicas of the epoch it leads. Older news
   * change nothing.
   */
  becomeLeader(state: PartitionRegistration): void {
    if (this.#isOldNews(state)) return;
    const isNewEpoch = state.leaderEpoch > this.#leaderEpoch || this.#role !== "leader";
    this.#partitionEpoch = state.partitionEpoch;
    if (isNewEpoch) {
      this.#changeRole("leader", this.#owner.nodeId, state.leaderEpoch);
      this.#replicas.startEpoch(state.replicas, state.isr);
      if (this.#log !== null) {
        this.#epochStartOffset = this.#log.logEndOffset;
        this.#log.assignEpochStart(state.leaderEpoch, this.#log.logEndOffset);
      }
    } else this.#replicas.update(state.replicas, state.isr);
    this.#wake();
  }

  /** The controller made another broker the leader, or none (-1). Older news change nothing. */
  becomeFollower(state: PartitionRegistration): void {
    if (this.#isOldNews(state)) return;
    this.#partitionEpoch = state.partitionEpoch;
    const isNewEpoch = state.leaderEpoch > this.#leaderEpoch || this.#role !== "follower";
    if (isNewEpoch) {
      this.#changeRole("follower", state.leader, state.leaderEpoch);
      this.#acks.fail(errors.NOT_LEADER_OR_FOLLOWER);
    }
    this.#leader = state.leader;
    this.#replicas.update(state.replicas, state.isr);
    this.#wake();
  }

  /** The topic was deleted, or this broker is no replica any more. Whoever waits is told. */
  delete(): void {
    if (this.#log !== null) this.#log.listener = { written() {}, durable() {}, failed() {} };
    this.#changeRole("deleted", -1, this.#leaderEpoch);
    this.#acks.fail(errors.UNKNOWN_TOPIC_OR_PARTITION);
    this.#log = null;
    this.#wake();
  }

  /** Followers only: cuts what the leader does not have. */
  truncateTo(offset: Offset): void {
    if (this.#role === "leader") throw new Error(`a leader does not truncate: ${this.topic}-${this.index}`);
    this.#log?.truncateTo(offset);
    this.#wake();
  }

  /**
   * Appends one batch of a producer. `done` runs before the return, or in a later turn when the batch had to
   * be opened off the loop; `records` is valid during the call.
   */
  appendAsLeader(
    records: Uint8Array,
    options: { readonly origin: AppendOrigin; readonly requiredAcks: number },
    done: (outcome: AppendOutcome) => void,
  ): void {
    const refusal = this.#appendRefusal(options.requiredAcks);
    if (refusal !== null) {
      done({ kind: "refused", error: refusal, message: null, recordErrors: [] });
      return;
    }
    const log = this.#log as PartitionLog;
    log.appendAsLeader(
      records,
      { origin: options.origin, leaderEpoch: this.#leaderEpoch as LeaderEpoch },
      done,
    );
  }

  /**
   * Has the wait settled when the records below its offset are safe: at once, when they are already. A leader
   * that changed since the append settles it as NOT_LEADER_OR_FOLLOWER, a log that failed since then, and may
   * hold others at that offset by now, as KAFKA_STORAGE_ERROR.
   */
  awaitAck(
    requiredAcks: number,
    appended: { readonly leaderEpoch: number; readonly logFailures: number },
    wait: AckWait,
  ): void {
    if (this.#role === "deleted") wait.settled(errors.UNKNOWN_TOPIC_OR_PARTITION);
    else if (this.#role !== "leader" || this.#leaderEpoch !== appended.leaderEpoch)
      wait.settled(errors.NOT_LEADER_OR_FOLLOWER);
    else if (this.#logFailures !== appended.logFailures) wait.settled(errors.KAFKA_STORAGE_ERROR);
    else if (this.#log === null) wait.settled(errors.KAFKA_STORAGE_ERROR);
    else if (requiredAcks === 1) {
      if (this.#log.writtenEndOffset >= wait.requiredOffset) wait.settled(errors.NONE);
      else this.#acks.add("written", wait);
    } else if (this.#log.highWatermark >= wait.requiredOffset) wait.settled(this.#replicatedError());
    else this.#acks.add("replicated", wait);
  }

  /**
   * Moves the log start up to `offset`, -1 standing for the high watermark. Answers the offset that the low
   * watermark has to reach, or why nothing was done.
   */
  deleteRecordsBefore(offset: number): Offset | ErrorSpec {
    if (this.#role === "deleted") return errors.UNKNOWN_TOPIC_OR_PARTITION;
    if (this.#role !== "leader") return errors.NOT_LEADER_OR_FOLLOWER;
    if (this.#log === null) return errors.KAFKA_STORAGE_ERROR;
    if (!this.#log.config.cleanupDelete && this.#log.config.cleanupCompact) return errors.POLICY_VIOLATION;
    const wanted = (offset === -1 ? this.#log.highWatermark : offset) as Offset;
    if (wanted < 0 || !this.#log.deleteRecordsBelow(wanted)) return errors.OFFSET_OUT_OF_RANGE;
    this.#wake();
    return wanted;
  }

  /** Has the wait settled when no replica can bring back records below its offset: at once, when it is so. */
  awaitDeleted(wait: AckWait): void {
    if (this.#role !== "leader" || this.#log === null) wait.settled(errors.NOT_LEADER_OR_FOLLOWER);
    else if (this.lowWatermark >= wait.requiredOffset) wait.settled(errors.NONE);
    else this.#acks.add("deleted", wait);
  }

  /** NONE, or why a request that names `currentLeaderEpoch` (-1: none) may not use this replica (KIP-320). */
  checkAccess(currentLeaderEpoch: number, requireLeader: boolean): ErrorSpec {
    if (this.#role === "deleted") return errors.UNKNOWN_TOPIC_OR_PARTITION;
    if (currentLeaderEpoch !== -1 && currentLeaderEpoch < this.#leaderEpoch)
      return errors.FENCED_LEADER_EPOCH;
    if (currentLeaderEpoch > this.#leaderEpoch) return errors.UNKNOWN_LEADER_EPOCH;
    if (requireLeader && this.#role !== "leader") return errors.NOT_LEADER_OR_FOLLOWER;
    if (this.#log === null) return errors.KAFKA_STORAGE_ERROR;
    return errors.NONE;
  }

  /** Exclusive bound of what a reader may see. */
  endFor(reader: ReaderKind): number {
    if (this.#log === null) return -1;
    if (reader === "follower") return this.#log.writtenEndOffset;
    return reader === "read-committed" ? this.#log.lastStableOffset : this.#log.highWatermark;
  }

  /**
   * A follower of this epoch has everything below `fetchOffset` on its disk. False: it is no follower of this
   * partition.
   */
  followerFetched(fetch: FollowerFetch): boolean {
    const progress = this.#replicas.follower(fetch.replicaId);
    if (progress === null || this.#log === null) return false;
    const nowMs = this.#owner.clock.monotonicMs();
    const logEnd = this.#log.logEndOffset;
    if (fetch.fetchOffset >= logEnd) progress.caughtUpMs = nowMs;
    else if (fetch.fetchOffset >= progress.lastFetchLogEnd && progress.lastFetchMs > 0) {
      progress.caughtUpMs = Math.max(progress.caughtUpMs ?? 0, progress.lastFetchMs);
    }
    progress.lastFetchLogEnd = logEnd;
    progress.lastFetchMs = nowMs;
    progress.logStartOffset = fetch.logStartOffset;
    progress.durableEnd = fetch.fetchOffset;
    this.#owner.markDirty(this);
    this.#owner.requestTurnEnd();
    return true;
  }

  /** The fetch is told of news until it stops watching. What came since its last read counts as news. */
  watch(fetch: PartitionFetch): void {
    if (fetch.list === null) this.#watching.append(fetch);
    if (isAwakened(fetch, this)) fetch.watcher?.partitionMoved(fetch);
  }

  /** Phase "partitions" of a turn: the ends moved. */
  settle(): void {
    const log = this.#log;
    if (log === null || this.#role !== "leader") return;
    const current = log.highWatermark;
    const next = nextHighWatermark(this.#replicas, {
      self: this.#owner.nodeId,
      current,
      ownDurableEnd: log.durableEndOffset,
      minInSync: this.minInSync,
    });
    if (next <= current) return;
    log.updateHighWatermark(next);
    this.listener?.highWatermarkMoved(next);
  }

  /** Phase "waiting" of a turn: whoever waits is answered or stays. */
  notifyWaiting(): void {
    const log = this.#log;
    if (log !== null && this.#role === "leader" && this.#acks.size > 0) {
      this.#acks.advance(log.writtenEndOffset, log.highWatermark, this.#replicatedError());
      this.#acks.advanceLow(this.lowWatermark);
    }
    for (let fetch = this.#watching.first; fetch !== null; ) {
      const next: PartitionFetch | null = fetch.next;
      if (fetch.watcher === null) fetch.unlink();
      else if (isAwakened(fetch, this)) fetch.watcher.partitionMoved(fetch);
      fetch = next;
    }
  }

  // The log writes in phase "logs" of a turn, so the phases that follow see the partition without a further
  // turn.
  written(): void {
    this.#owner.markDirty(this);
  }

  durable(): void {
    this.#wake();
  }

  failed(_log: PartitionLog, _error: DiskError): void {
    this.#logFailures += 1;
    this.#acks.fail(errors.KAFKA_STORAGE_ERROR);
    this.listener?.logFailed();
    this.#wake();
  }

  /** The log, for which there was no room at first, is there. */
  logMade(log: PartitionLog): void {
    if (this.#role === "deleted" || this.#log !== null) return;
    this.#log = log;
    log.listener = this;
    if (this.#role === "leader") {
      this.#epochStartOffset = log.logEndOffset;
      log.assignEpochStart(this.#leaderEpoch as LeaderEpoch, log.logEndOffset);
    }
    this.#wake();
  }

  replaced(_log: PartitionLog, by: PartitionLog): void {
    this.#log = by;
    this.#wake();
  }

  #appendRefusal(requiredAcks: number): ErrorSpec | null {
    if (this.#role === "deleted") return errors.UNKNOWN_TOPIC_OR_PARTITION;
    if (this.#role !== "leader") return errors.NOT_LEADER_OR_FOLLOWER;
    if (this.#log === null) return errors.KAFKA_STORAGE_ERROR;
    if (requiredAcks === -1 && this.#replicas.committed.size < this.minInSync)
      return errors.NOT_ENOUGH_REPLICAS;
    return null;
  }

  #replicatedError(): ErrorSpec {
    return this.#replicas.committed.size < this.minInSync
      ? errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND
      : errors.NONE;
  }

  #isOldNews(state: PartitionRegistration): boolean {
    return (
      this.#role === "deleted" ||
      state.leaderEpoch < this.#leaderEpoch ||
      state.partitionEpoch < this.#partitionEpoch
    );
  }

  #changeRole(role: PartitionRole, leader: number, leaderEpoch: number): void {
    // Acks of the epoch before: those records may be cut by the next leader.
    if (leaderEpoch !== this.#leaderEpoch) this.#acks.fail(errors.NOT_LEADER_OR_FOLLOWER);
    this.#role = role;
    this.#leader = leader;
    this.#leaderEpoch = leaderEpoch;
  }

  #wake(): void {
    this.#owner.markDirty(this);
    this.#owner.requestTurnEnd();
  }
}
