// What a run of records changed in topics and partitions. It collects changes in mutable topics of its own
// and turns them into shared, immutable ones once, in `apply`: a topic of many partitions is copied once per
// run, not once per record.
import { endsPiece, type Pieces } from "@ottla/ports";
import type { LeaderEpoch, NodeId, Uuid } from "@ottla/protocol";
import { DIRECTORY_MIGRATING } from "../directory-id.ts";
import { PARTITIONS_PER_TOPIC_MAX } from "../limits.ts";
import { MetadataError } from "../metadata-error.ts";
import type { MetadataRecord } from "../records/metadata-record.ts";
import type { PartitionRegistration, TopicImage, TopicsImage } from "./topics-image.ts";

/** What changed in one topic. */
export interface TopicDelta {
  readonly name: string;
  readonly id: Uuid;
  /** Null: the topic is new. */
  readonly previous: TopicImage | null;
  /** New state of each partition that is new or changed, by index. */
  readonly partitionChanges: ReadonlyMap<number, PartitionRegistration>;
}

type RecordOf<Name extends MetadataRecord["name"]> = Extract<MetadataRecord, { name: Name }>["data"];

interface OpenTopicDelta extends TopicDelta {
  readonly partitionChanges: Map<number, PartitionRegistration>;
}

/** Changes of topics since `previous`. */
export class TopicsDelta {
  readonly previous: TopicsImage;
  readonly #changed = new Map<Uuid, OpenTopicDelta>();
  readonly #createdNames = new Map<string, Uuid>();
  readonly #deleted = new Map<Uuid, TopicImage>();

  constructor(previous: TopicsImage) {
    this.previous = previous;
  }

  /** New and changed topics, by id. */
  get changed(): ReadonlyMap<Uuid, TopicDelta> {
    return this.#changed;
  }

  /** Topics of `previous` that are gone, by id. A topic that came and went is in neither map. */
  get deleted(): ReadonlyMap<Uuid, TopicImage> {
    return this.#deleted;
  }

  get isEmpty(): boolean {
    return this.#changed.size === 0 && this.#deleted.size === 0;
  }

  createTopic(record: RecordOf<"TopicRecord">): void {
    const { name, topicId: id } = record;
    const holder = this.previous.byName(name);
    const taken = this.#createdNames.has(name) || (holder !== null && !this.#deleted.has(holder.id));
    if (taken || this.#changed.has(id) || this.previous.byId(id) !== null) {
      throw new MetadataError(`TopicRecord: topic ${name} (${id}) exists already`);
    }
    this.#createdNames.set(name, id);
    this.#changed.set(id, { name, id, previous: null, partitionChanges: new Map() });
  }

  /** Returns the name of the topic that is gone. */
  removeTopic(record: RecordOf<"RemoveTopicRecord">): string {
    const { topicId: id } = record;
    const topic = this.#open("RemoveTopicRecord", id);
    this.#changed.delete(id);
    if (topic.previous !== null) this.#deleted.set(id, topic.previous);
    else this.#createdNames.delete(topic.name);
    return topic.name;
  }

  setPartition(record: RecordOf<"PartitionRecord">): void {
    const { partitionId } = record;
    if (partitionId < 0 || partitionId >= PARTITIONS_PER_TOPIC_MAX) {
      throw new MetadataError(
        `PartitionRecord: partition ${partitionId} of topic ${record.topicId} is out of range`,
      );
    }
    this.#open("PartitionRecord", record.topicId).partitionChanges.set(partitionId, {
      replicas: record.replicas as NodeId[],
      directories: checkedDirectories(record.directories, record.replicas.length),
      isr: record.isr as NodeId[],
      elr: (record.eligibleLeaderReplicas ?? []) as NodeId[],
      lastKnownElr: (record.lastKnownElr ?? []) as NodeId[],
      removingReplicas: record.removingReplicas as NodeId[],
      addingReplicas: record.addingReplicas as NodeId[],
      leader: record.leader as NodeId,
      leaderRecoveryState: record.leaderRecoveryState,
      leaderEpoch: record.leaderEpoch as LeaderEpoch,
      partitionEpoch: record.partitionEpoch,
    });
  }

  changePartition(record: RecordOf<"PartitionChangeRecord">): void {
    const topic = this.#open("PartitionChangeRecord", record.topicId);
    const partition =
      topic.partitionChanges.get(record.partitionId) ?? topic.previous?.partitions[record.partitionId];
    if (partition === undefined) {
      throw new MetadataError(
        `PartitionChangeRecord: topic ${topic.name} has no partition ${record.partitionId}`,
      );
    }
    topic.partitionChanges.set(record.partitionId, mergedPartition(partition, record));
  }

  /** An empty name clears the eligible leader replicas of every topic. */
  clearElr(record: RecordOf<"ClearElrRecord">): void {
    if (record.topicName === "") {
      for (const id of [...this.#changed.keys()]) this.#clearElrOf(this.#open("ClearElrRecord", id));
      for (const topic of this.previous.topics()) {
        if (!this.#deleted.has(topic.id) && hasElr(topic))
          this.#clearElrOf(this.#open("ClearElrRecord", topic.id));
      }
      return;
    }
    const created = this.#createdNames.get(record.topicName);
    const id = created ?? this.previous.byName(record.topicName)?.id;
    if (id === undefined) throw new MetadataError(`ClearElrRecord: no topic ${record.topicName}`);
    this.#clearElrOf(this.#open("ClearElrRecord", id));
  }

  /** The image after all records replayed. A topic with very many partitions is one piece. */
  *applyInPieces(): Pieces<TopicsImage> {
    let image = this.previous;
    let items = 0;
    for (const topic of this.#deleted.values()) {
      image = image.without(topic);
      if (endsPiece(++items)) yield;
    }
    for (const delta of this.#changed.values()) {
      if (delta.previous !== null && delta.partitionChanges.size === 0) continue;
      image = image.with(appliedTopic(delta));
      if (delta.partitionChanges.size > largeTopicPartitions || endsPiece(++items)) yield;
    }
    return image;
  }

  #clearElrOf(topic: OpenTopicDelta): void {
    const indexes = new Set([...topic.partitionChanges.keys(), ...(topic.previous?.partitions.keys() ?? [])]);
    for (const index of indexes) {
      const partition = topic.partitionChanges.get(index) ?? topic.previous?.partitions[index];
      if (partition === undefined || (partition.elr.length === 0 && partition.lastKnownElr.length === 0))
        continue;
      topic.partitionChanges.set(index, { ...partition, elr: [], lastKnownElr: [] });
    }
  }

  #open(recordName: string, id: Uuid): OpenTopicDelta {
    const open = this.#changed.get(id);
    if (open !== undefined) return open;
    const previous = this.previous.byId(id);
    if (previous === null || this.#deleted.has(id))
      throw new MetadataError(`${recordName}: no topic with id ${id}`);
    const delta: OpenTopicDelta = { name: previous.name, id, previous, partitionChanges: new Map() };
    this.#changed.set(id, delta);
    return delta;
  }
}

/** The partition after a change record; absent fields keep their value. */
export function mergedPartition(
  partition: PartitionRegistration,
  record: RecordOf<"PartitionChangeRecord">,
): PartitionRegistration {
  const keepsLeader = record.leader === NO_LEADER_CHANGE;
  const replicas = (record.replicas ?? partition.replicas) as readonly NodeId[];
  return {
    replicas,
    directories: checkedDirectories(record.directories ?? partition.directories, replicas.length),
    isr: (record.isr ?? partition.isr) as readonly NodeId[],
    elr: (record.eligibleLeaderReplicas ?? partition.elr) as readonly NodeId[],
    lastKnownElr: (record.lastKnownElr ?? partition.lastKnownElr) as readonly NodeId[],
    removingReplicas: (record.removingReplicas ?? partition.removingReplicas) as readonly NodeId[],
    addingReplicas: (record.addingReplicas ?? partition.addingReplicas) as readonly NodeId[],
    leader: keepsLeader ? partition.leader : (record.leader as NodeId),
    leaderRecoveryState:
      record.leaderRecoveryState === -1 ? partition.leaderRecoveryState : record.leaderRecoveryState,
    leaderEpoch: (keepsLeader ? partition.leaderEpoch : partition.leaderEpoch + 1) as LeaderEpoch,
    partitionEpoch: partition.partitionEpoch + 1,
  };
}

/** To apply more changes of one topic takes a piece. */
const largeTopicPartitions = 256;

/** In PartitionChangeRecord: the leader stays, and so does its epoch. */
export const NO_LEADER_CHANGE = -2;

// Records from before directories were assigned have none.
function checkedDirectories(directories: readonly Uuid[], replicas: number): readonly Uuid[] {
  if (directories.length === replicas) return directories;
  return new Array<Uuid>(replicas).fill(DIRECTORY_MIGRATING);
}

function hasElr(topic: TopicImage): boolean {
  return topic.partitions.some((partition) => partition.elr.length > 0 || partition.lastKnownElr.length > 0);
}

function appliedTopic(delta: OpenTopicDelta): TopicImage {
  const partitions = delta.previous === null ? [] : delta.previous.partitions.slice();
  const indexes = [...delta.partitionChanges.keys()].sort((left, right) => left - right);
  for (const index of indexes) {
    if (index > partitions.length) {
      throw new MetadataError(`topic ${delta.name} has partition ${index} but not ${partitions.length}`);
    }
    partitions[index] = delta.partitionChanges.get(index) as PartitionRegistration;
  }
  return { name: delta.name, id: delta.id, partitions };
}
