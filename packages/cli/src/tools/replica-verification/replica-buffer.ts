// What the replicas of all partitions answered in one round, and the comparison of it: batch by batch, up to
// the high watermark, offsets and checksums must be the same. Not here: fetching (replica-fetcher.ts).
import { batchCrc, batchEnd, batchLastOffset, batchMagic, legacyCrc, MAGIC_V2 } from "@ottla/protocol";
import { javaHashOrder, javaPartitionHash } from "../../options/kafka-words/java-hash-order.ts";

/** A partition and where its replicas are. */
export interface VerifiedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Broker ids. */
  readonly replicas: readonly number[];
}

/** What one replica answered. */
export interface ReplicaAnswer {
  /** -1 where there was no answer. */
  readonly highWatermark: number;
  readonly records: Uint8Array;
}

/** The partition that is furthest behind. */
export interface MaxLag {
  readonly lag: number;
  /** `topic-partition`; null: there is none. */
  readonly partition: string | null;
  readonly offset: number;
}

/** How a round ends. */
export interface VerifiedRound {
  /** Without the time, in order. */
  readonly complaints: readonly string[];
  /** Replicas hold different batches: there is no going on. */
  readonly isOver: boolean;
  readonly maxLag: MaxLag;
}

interface Tracked {
  readonly name: string;
  readonly partition: VerifiedPartition;
  readonly answers: Map<number, ReplicaAnswer>;
  offset: number;
}

/** All partitions that are compared. */
export class ReplicaBuffer {
  /** In the order that Apache Kafka's map has. */
  readonly #tracked: readonly Tracked[];
  readonly #byName: ReadonlyMap<string, Tracked>;
  /** As the last one that was larger: a round without any keeps them. */
  #maxLag: MaxLag = { lag: -1, partition: null, offset: -1 };

  constructor(partitions: readonly VerifiedPartition[], offsetOf: (partition: VerifiedPartition) => number) {
    this.#tracked = javaHashOrder(partitions, javaPartitionHash).map((partition) => ({
      name: `${partition.topic}-${partition.partition}`,
      partition,
      answers: new Map<number, ReplicaAnswer>(),
      offset: offsetOf(partition),
    }));
    this.#byName = new Map(this.#tracked.map((tracked) => [tracked.name, tracked]));
  }

  get count(): number {
    return this.#tracked.length;
  }

  /** From where the replicas of `topic-partition` are asked next. */
  offset(name: string): number {
    return this.#byName.get(name)?.offset ?? 0;
  }

  answered(name: string, replica: number, answer: ReplicaAnswer): void {
    this.#byName.get(name)?.answers.set(replica, answer);
  }

  /** Compares what came since the last call, and forgets it. */
  verify(): VerifiedRound {
    const complaints: string[] = [];
    this.#maxLag = { ...this.#maxLag, lag: -1 };
    for (const tracked of this.#tracked) {
      const isSame = comparesTo(tracked, complaints);
      if (!isSame) return { complaints, isOver: true, maxLag: this.#maxLag };
      let highWatermark = -1;
      for (const answer of tracked.answers.values()) {
        highWatermark = Math.max(highWatermark, answer.highWatermark);
      }
      const lag = highWatermark - tracked.offset;
      if (lag > this.#maxLag.lag) this.#maxLag = { lag, partition: tracked.name, offset: tracked.offset };
      tracked.answers.clear();
    }
    return { complaints, isOver: false, maxLag: this.#maxLag };
  }
}

/** A replica's batches, one after the other. */
class BatchWalk {
  readonly replica: number;
  readonly highWatermark: number;
  readonly #records: Uint8Array;
  #at = 0;
  lastOffset = -1;
  checksum = 0;

  constructor(replica: number, { records, highWatermark }: ReplicaAnswer) {
    this.replica = replica;
    this.highWatermark = highWatermark;
    this.#records = records;
  }

  /** False at the end, and before the high watermark's batch. */
  step(): boolean {
    const end = batchEnd(this.#records, this.#at, this.#records.length);
    if (end <= 0) return false;
    this.lastOffset = batchLastOffset(this.#records, this.#at);
    const isV2 = batchMagic(this.#records, this.#at) >= MAGIC_V2;
    this.checksum = isV2 ? batchCrc(this.#records, this.#at) : legacyCrc(this.#records, this.#at);
    this.#at = end;
    return this.lastOffset < this.highWatermark;
  }
}

/** Moves `tracked.offset` behind what all replicas have. False where they hold different batches. */
function comparesTo(tracked: Tracked, complaints: string[]): boolean {
  const ids = [...tracked.answers.keys()].toSorted((left, right) => left - right);
  const walks = ids.map((id) => new BatchWalk(id, tracked.answers.get(id) as ReplicaAnswer));
  if (walks.length === 0) return true;
  for (;;) {
    let isInAll = true;
    let first: BatchWalk | null = null;
    for (const walk of walks) {
      if (!walk.step()) {
        isInAll = false;
        continue;
      }
      if (first === null) {
        first = walk;
        continue;
      }
      if (first.lastOffset !== walk.lastOffset) {
        complaints.push(
          `partition ${tracked.name}: replica ${first.replica}'s offset ${first.lastOffset} doesn't match replica ` +
            `${walk.replica}'s offset ${walk.lastOffset}`,
        );
        return false;
      }
      if (first.checksum !== walk.checksum) {
        complaints.push(
          `partition ${tracked.name} has unmatched checksum at offset ${walk.lastOffset}; replica ${first.replica}'s ` +
            `checksum ${first.checksum}; replica ${walk.replica}'s checksum ${walk.checksum}`,
        );
      }
    }
    if (!isInAll || first === null) return true;
    tracked.offset = first.lastOffset + 1;
  }
}
