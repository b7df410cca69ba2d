// Offsets by group, topic and partition, with snapshots. Invariant: no group or topic without offsets is
// kept.
import { type SnapshotRegistry, TimelineMap } from "@ottla/timeline";
import type { OffsetAndMetadata } from "./offset-and-metadata.ts";

type Partitions = TimelineMap<number, OffsetAndMetadata>;
type Topics = TimelineMap<string, Partitions>;

/** One topic's offsets. */
export interface TopicOffsets {
  readonly topic: string;
  readonly partitions: Iterable<readonly [number, OffsetAndMetadata]>;
}

/** `at` is a committed or newer snapshot; without it, the newest state. */
export class OffsetTable {
  readonly #registry: SnapshotRegistry;
  readonly #groups: TimelineMap<string, Topics>;

  constructor(registry: SnapshotRegistry) {
    this.#registry = registry;
    this.#groups = new TimelineMap(registry);
  }

  get(groupId: string, topic: string, partition: number, at?: number): OffsetAndMetadata | undefined {
    return this.#groups.get(groupId, at)?.get(topic, at)?.get(partition, at);
  }

  hasGroup(groupId: string): boolean {
    return this.#groups.has(groupId);
  }

  groupIds(): IterableIterator<string> {
    return this.#groups.keys();
  }

  *topics(groupId: string, at?: number): IterableIterator<TopicOffsets> {
    const topics = this.#groups.get(groupId, at);
    if (topics === undefined) return;
    for (const [topic, partitions] of topics.entries(at)) yield { topic, partitions: partitions.entries(at) };
  }

  /** Partitions of a topic with an offset. */
  *partitions(groupId: string, topic: string): IterableIterator<number> {
    const partitions = this.#groups.get(groupId)?.get(topic);
    if (partitions !== undefined) yield* partitions.keys();
  }

  put(groupId: string, topic: string, partition: number, offset: OffsetAndMetadata): void {
    let topics = this.#groups.get(groupId);
    if (topics === undefined) {
      topics = new TimelineMap(this.#registry);
      this.#groups.set(groupId, topics);
    }
    let partitions = topics.get(topic);
    if (partitions === undefined) {
      partitions = new TimelineMap(this.#registry);
      topics.set(topic, partitions);
    }
    partitions.set(partition, offset);
  }

  remove(groupId: string, topic: string, partition: number): void {
    const topics = this.#groups.get(groupId);
    const partitions = topics?.get(topic);
    if (topics === undefined || partitions === undefined) return;
    partitions.delete(partition);
    if (partitions.size > 0) return;
    topics.delete(topic);
    if (topics.size === 0) this.#groups.delete(groupId);
  }
}
