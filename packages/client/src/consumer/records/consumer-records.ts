// What one `poll` gives: records by partition, each partition's in order of offset.
import type { TopicPartition } from "../../assignors/topic-partition.ts";
import type { ConsumerRecord } from "./consumer-record.ts";

/** The records of one partition in one poll. */
export interface PartitionRecords extends TopicPartition {
  readonly records: readonly ConsumerRecord[];
  /** Where reading goes on; may lie past the last record, behind markers and compacted records. */
  readonly nextOffset: number;
  /** Epoch of the last record read; null when unknown. */
  readonly nextLeaderEpoch: number | null;
}

/** The result of `poll`. */
export class ConsumerRecords {
  static readonly empty: ConsumerRecords = new ConsumerRecords([]);
  /** Partitions with records, or with a position that moved over what holds none. */
  readonly partitions: readonly PartitionRecords[];
  /** Number of records. */
  readonly count: number;

  constructor(partitions: readonly PartitionRecords[]) {
    this.partitions = partitions;
    let count = 0;
    for (const { records } of partitions) count += records.length;
    this.count = count;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** The records of one partition; none when it gave none. */
  recordsOf({ topic, partition }: TopicPartition): readonly ConsumerRecord[] {
    return this.partitions.find((one) => one.topic === topic && one.partition === partition)?.records ?? [];
  }

  *[Symbol.iterator](): Iterator<ConsumerRecord> {
    for (const { records } of this.partitions) yield* records;
  }
}
