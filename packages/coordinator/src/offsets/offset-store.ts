// The durable offsets of one coordinator partition: committed ones, and those that wait for the end of a
// producer's transaction. Changed by replay alone. Not here: who may commit (commit-offsets.ts), when offsets
// expire (expire-offsets.ts).
import type { OffsetCommitKey, OffsetCommitValue } from "@ottla/protocol";
import { type SnapshotRegistry, TimelineMap, TimelineSet } from "@ottla/timeline";
import type { ReplayContext } from "../runtime/coordinator-shard.ts";
import { offsetFromRecord } from "./offset-and-metadata.ts";
import { OffsetTable } from "./offset-table.ts";

const NO_PRODUCER = -1;

export class OffsetStore {
  readonly committed: OffsetTable;
  readonly #registry: SnapshotRegistry;
  readonly #pending: TimelineMap<number, OffsetTable>;
  /** Producers with pending offsets in a group. */
  readonly #openTransactions: TimelineMap<string, TimelineSet<number>>;

  constructor(registry: SnapshotRegistry) {
    this.#registry = registry;
    this.committed = new OffsetTable(registry);
    this.#pending = new TimelineMap(registry);
    this.#openTransactions = new TimelineMap(registry);
  }

  hasOpenTransaction(groupId: string): boolean {
    return this.#openTransactions.has(groupId);
  }

  /** Whether a transaction that has not ended has an offset for the partition. */
  hasPending(groupId: string, topic: string, partition: number): boolean {
    for (const pending of this.pendingTables(groupId)) {
      if (pending.get(groupId, topic, partition) !== undefined) return true;
    }
    return false;
  }

  /** Pending offsets of the group, by transaction. */
  *pendingTables(groupId: string): IterableIterator<OffsetTable> {
    const producers = this.#openTransactions.get(groupId);
    if (producers === undefined) return;
    for (const producerId of producers) {
      const pending = this.#pending.get(producerId);
      if (pending !== undefined) yield pending;
    }
  }

  /** Groups with committed or pending offsets; one may come more than once. */
  *groupIds(): IterableIterator<string> {
    yield* this.committed.groupIds();
    yield* this.#openTransactions.keys();
  }

  replay(
    key: Readonly<OffsetCommitKey>,
    value: Readonly<OffsetCommitValue> | null,
    context: ReplayContext,
  ): void {
    const { group, topic, partition } = key;
    if (value === null) {
      this.committed.remove(group, topic, partition);
      for (const pending of this.pendingTables(group)) pending.remove(group, topic, partition);
      return;
    }
    const offset = offsetFromRecord(value, context.offset);
    if (context.producerId === NO_PRODUCER) return this.committed.put(group, topic, partition, offset);
    this.#pendingOf(context.producerId).put(group, topic, partition, offset);
    this.#openTransactionsOf(group).add(context.producerId);
  }

  /**
   * Pending offsets of the producer become committed ones, where nothing newer was committed, or are dropped.
   */
  replayEndTransaction(producerId: number, isCommit: boolean): void {
    const pending = this.#pending.get(producerId);
    if (pending === undefined) return;
    this.#pending.delete(producerId);
    for (const [groupId, producers] of [...this.#openTransactions]) {
      if (producers.delete(producerId) && producers.size === 0) this.#openTransactions.delete(groupId);
    }
    if (!isCommit) return;
    for (const groupId of pending.groupIds()) {
      for (const { topic, partitions } of pending.topics(groupId)) {
        for (const [partition, offset] of partitions) {
          const existing = this.committed.get(groupId, topic, partition);
          if (existing !== undefined && existing.recordOffset > offset.recordOffset) continue;
          this.committed.put(groupId, topic, partition, offset);
        }
      }
    }
  }

  #pendingOf(producerId: number): OffsetTable {
    let table = this.#pending.get(producerId);
    if (table === undefined) {
      table = new OffsetTable(this.#registry);
      this.#pending.set(producerId, table);
    }
    return table;
  }

  #openTransactionsOf(groupId: string): TimelineSet<number> {
    let producers = this.#openTransactions.get(groupId);
    if (producers === undefined) {
      producers = new TimelineSet(this.#registry);
      this.#openTransactions.set(groupId, producers);
    }
    return producers;
  }
}
