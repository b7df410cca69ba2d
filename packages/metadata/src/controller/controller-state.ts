// The controller's durable state: an image of the metadata, speculative up to the last decision, with a
// snapshot per appended offset to go back to. The image itself is the state, so that a record means the same
// to the controller and to every broker. Beside it: who shares a name but for "." and "_", and which topics a
// broker has replicas of. Only `replay` changes anything.
import { endsPiece, type Pieces, runWhole } from "@ottla/ports";
import type { Offset, Uuid } from "@ottla/protocol";
import { SnapshotRegistry, TimelineCell, TimelineMap } from "@ottla/timeline";
import { MetadataDelta } from "../image/metadata-delta.ts";
import type { MetadataImage } from "../image/metadata-image.ts";
import { PersistentMap } from "../image/persistent-map.ts";
import type { PartitionRegistration, TopicImage } from "../image/topics-image.ts";
import type { MetadataRecord } from "../records/metadata-record.ts";

/** A partition with its place. */
export interface PlacedPartition {
  readonly topic: TopicImage;
  readonly index: number;
  readonly partition: PartitionRegistration;
}

/** A state that may come next, and how it differs. */
export interface NextState {
  readonly delta: MetadataDelta;
  readonly image: MetadataImage;
}

type TopicsOfBroker = PersistentMap<Uuid, number>;

/** Newest state for writes; the committed one is what the log's followers have. */
export class ControllerState {
  readonly #registry: SnapshotRegistry;
  readonly #image: TimelineCell<MetadataImage>;
  /** Names by collision key, for those that have one. */
  readonly #namesByCollisionKey: TimelineMap<string, readonly string[]>;
  /** How many partitions of each topic have a replica on the broker. */
  readonly #topicsByBroker: TimelineMap<number, TopicsOfBroker>;

  /** `image` is committed. */
  constructor(image: MetadataImage) {
    // What the constructor fills in belongs to the committed snapshot.
    this.#registry = new SnapshotRegistry(image.offset - 1);
    this.#image = new TimelineCell(this.#registry, image);
    this.#namesByCollisionKey = new TimelineMap(this.#registry);
    this.#topicsByBroker = new TimelineMap(this.#registry);
    for (const topic of image.topics.topics()) {
      this.#noteName(topic.name);
      const counts = new ReplicaCounts();
      for (const partition of topic.partitions) counts.add(partition.replicas, 1);
      this.#noteReplicas(topic.id, counts);
    }
    this.#registry.snapshot(image.offset);
    this.#registry.commit(image.offset);
  }

  /** With every decision so far. */
  get image(): MetadataImage {
    return this.#image.get();
  }

  /** Where the next record will stand, when nothing fails. */
  get nextOffset(): Offset {
    return (this.image.offset + 1) as Offset;
  }

  /** An existing topic that the name collides with in metrics; null when there is none. */
  collidingName(name: string): string | null {
    const key = collisionKey(name);
    if (key === null) return null;
    return this.#namesByCollisionKey.get(key)?.find((other) => other !== name) ?? null;
  }

  /** Partitions with a replica on the broker. */
  *partitionsOf(brokerId: number): Iterable<PlacedPartition> {
    for (const topicId of this.#topicsByBroker.get(brokerId)?.keys() ?? []) {
      const topic = this.image.topics.byId(topicId);
      if (topic === null) continue;
      for (const [index, partition] of topic.partitions.entries()) {
        if ((partition.replicas as readonly number[]).includes(brokerId)) yield { topic, index, partition };
      }
    }
  }

  /**
   * Applies records that will stand from `nextOffset` on, and keeps a snapshot behind them. @throws
   * MetadataError
   */
  replay(records: readonly MetadataRecord[], epoch: number, timestampMs: number): void {
    this.adopt(runWhole(this.tryOut(records, epoch, timestampMs)));
  }

  /** What the records make of the state as it is now; they take effect with `adopt`. @throws MetadataError */
  *tryOut(records: readonly MetadataRecord[], epoch: number, timestampMs: number): Pieces<NextState> {
    const image = this.image;
    const delta = new MetadataDelta(image);
    let items = 0;
    for (const record of records) {
      // A transaction that begins and ends within one decision has no effect of its own.
      if (!isTransactionMarker(record)) delta.replay(record);
      if (endsPiece(++items)) yield;
    }
    const offset = (image.offset + records.length) as Offset;
    return { delta, image: yield* delta.applyInPieces({ offset, epoch, timestampMs }) };
  }

  /** The state that was tried out; nothing else was replayed since. */
  adopt({ delta, image }: NextState): void {
    if (delta.previous !== this.image) throw new Error("the controller's state has moved on");
    this.#image.set(image);
    for (const topic of delta.topics.deleted.values()) {
      this.#forgetName(topic.name);
      const counts = new ReplicaCounts();
      for (const partition of topic.partitions) counts.add(partition.replicas, -1);
      this.#noteReplicas(topic.id, counts);
    }
    for (const change of delta.topics.changed.values()) {
      if (change.previous === null) this.#noteName(change.name);
      const counts = new ReplicaCounts();
      for (const [index, partition] of change.partitionChanges) {
        const before = change.previous?.partitions[index];
        if (before !== undefined) counts.add(before.replicas, -1);
        counts.add(partition.replicas, 1);
      }
      this.#noteReplicas(change.id, counts);
    }
    this.#registry.snapshot(image.offset);
  }

  /** Everything up to `offset` is in the log. */
  commit(offset: Offset): void {
    this.#registry.commit(offset);
  }

  /** Takes back every decision that is not committed. */
  revert(): void {
    this.#registry.revertTo(this.#registry.committedOffset);
  }

  #noteName(name: string): void {
    const key = collisionKey(name);
    if (key === null) return;
    const names = this.#namesByCollisionKey.get(key) ?? [];
    if (!names.includes(name)) this.#namesByCollisionKey.set(key, [...names, name]);
  }

  #forgetName(name: string): void {
    const key = collisionKey(name);
    if (key === null) return;
    const names = (this.#namesByCollisionKey.get(key) ?? []).filter((other) => other !== name);
    if (names.length === 0) this.#namesByCollisionKey.delete(key);
    else this.#namesByCollisionKey.set(key, names);
  }

  #noteReplicas(topicId: Uuid, counts: ReplicaCounts): void {
    for (const [broker, by] of counts.byBroker) {
      if (by === 0) continue;
      const topics = this.#topicsByBroker.get(broker) ?? PersistentMap.empty<Uuid, number>();
      const count = (topics.get(topicId) ?? 0) + by;
      this.#topicsByBroker.set(broker, count === 0 ? topics.without(topicId) : topics.with(topicId, count));
    }
  }
}

/** What a change of one topic does to the number of replicas on each broker: noted once, however many. */
class ReplicaCounts {
  readonly byBroker = new Map<number, number>();

  add(replicas: readonly number[], by: 1 | -1): void {
    for (const broker of replicas) this.byBroker.set(broker, (this.byBroker.get(broker) ?? 0) + by);
  }
}

function isTransactionMarker({ name }: MetadataRecord): boolean {
  return (
    name === "BeginTransactionRecord" || name === "EndTransactionRecord" || name === "AbortTransactionRecord"
  );
}

/** Metrics write "." and "_" alike; names without either collide with nothing. */
function collisionKey(name: string): string | null {
  return /[._]/.test(name) ? name.replaceAll(".", "_") : null;
}
