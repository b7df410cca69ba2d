// Topics and their partitions as committed. Immutable; a changed topic is a new TopicImage, all others are
// shared. Not here: how records change it (topics-delta.ts), who is alive (cluster-image.ts), settings
// (configs-image.ts).
import type { LeaderEpoch, NodeId, Uuid } from "@ottla/protocol";
import { type MetadataRecord, metadataRecord } from "../records/metadata-record.ts";
import { PersistentMap } from "./persistent-map.ts";
import type { SnapshotVersions } from "./snapshot-versions.ts";

/** No leader. */
export const NO_LEADER: NodeId = -1 as NodeId;

/** Whether a leader that was elected unclean has still to find its end: Kafka's LeaderRecoveryState. */
export const LEADER_RECOVERED = 0;
export const LEADER_RECOVERING = 1;

/** State of one partition. Arrays of `replicas` and `directories` have equal lengths. */
export interface PartitionRegistration {
  readonly replicas: readonly NodeId[];
  /** Log directory of each replica: an id, or one of the reserved ones in directory-id.ts. */
  readonly directories: readonly Uuid[];
  readonly isr: readonly NodeId[];
  /** Eligible leader replicas (KIP-966): not in sync, but known to hold all that was committed. */
  readonly elr: readonly NodeId[];
  readonly lastKnownElr: readonly NodeId[];
  readonly removingReplicas: readonly NodeId[];
  readonly addingReplicas: readonly NodeId[];
  /** -1: none. */
  readonly leader: NodeId;
  readonly leaderRecoveryState: number;
  /** Grows with each election. */
  readonly leaderEpoch: LeaderEpoch;
  /** Grows with each change. */
  readonly partitionEpoch: number;
}

export interface TopicImage {
  readonly name: string;
  readonly id: Uuid;
  /** By partition index, without holes. */
  readonly partitions: readonly PartitionRegistration[];
}

/** All topics. */
export class TopicsImage {
  static readonly empty: TopicsImage = new TopicsImage(PersistentMap.empty(), PersistentMap.empty());

  readonly #byName: PersistentMap<string, TopicImage>;
  readonly #byId: PersistentMap<Uuid, TopicImage>;

  constructor(byName: PersistentMap<string, TopicImage>, byId: PersistentMap<Uuid, TopicImage>) {
    this.#byName = byName;
    this.#byId = byId;
  }

  get size(): number {
    return this.#byName.size;
  }

  byName(name: string): TopicImage | null {
    return this.#byName.get(name) ?? null;
  }

  byId(id: Uuid): TopicImage | null {
    return this.#byId.get(id) ?? null;
  }

  partition(id: Uuid, index: number): PartitionRegistration | null {
    return this.#byId.get(id)?.partitions[index] ?? null;
  }

  names(): Iterable<string> {
    return this.#byName.keys();
  }

  topics(): Iterable<TopicImage> {
    return this.#byName.values();
  }

  with(topic: TopicImage): TopicsImage {
    return new TopicsImage(this.#byName.with(topic.name, topic), this.#byId.with(topic.id, topic));
  }

  without(topic: TopicImage): TopicsImage {
    const sameName = this.#byName.get(topic.name)?.id === topic.id;
    return new TopicsImage(
      sameName ? this.#byName.without(topic.name) : this.#byName,
      this.#byId.without(topic.id),
    );
  }

  /** Records that make these topics from nothing. */
  *records(versions: SnapshotVersions): Iterable<MetadataRecord> {
    for (const topic of this.topics()) {
      yield metadataRecord("TopicRecord", 0, { name: topic.name, topicId: topic.id });
      for (const [index, partition] of topic.partitions.entries()) {
        yield partitionRecord(topic.id, index, partition, versions.partitionRecordVersion);
      }
    }
  }
}

/** The record that registers a partition in this state, in `version` of PartitionRecord. */
export function partitionRecord(
  topicId: Uuid,
  index: number,
  partition: PartitionRegistration,
  version: number,
): MetadataRecord {
  const hasElr = version >= 2;
  return metadataRecord("PartitionRecord", version, {
    partitionId: index,
    topicId,
    replicas: [...partition.replicas],
    isr: [...partition.isr],
    removingReplicas: [...partition.removingReplicas],
    addingReplicas: [...partition.addingReplicas],
    leader: partition.leader,
    leaderRecoveryState: partition.leaderRecoveryState,
    leaderEpoch: partition.leaderEpoch,
    partitionEpoch: partition.partitionEpoch,
    directories: version >= 1 ? [...partition.directories] : [],
    // Null, not empty: an empty list would be written as a tag, which Kafka leaves out.
    eligibleLeaderReplicas: hasElr && partition.elr.length > 0 ? [...partition.elr] : null,
    lastKnownElr: hasElr && partition.lastKnownElr.length > 0 ? [...partition.lastKnownElr] : null,
  });
}
