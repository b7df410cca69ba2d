// What goes wrong for a consumer's user and is no plain answer of a broker. Texts are Apache Kafka's.
import { errors } from "@ottla/protocol";
import type { TopicPartition } from "../assignors/topic-partition.ts";
import { KafkaError } from "../errors/kafka-error.ts";
import { partitionKey } from "./topic-partition-map.ts";

/** `wakeup` ended a call. */
export class WakeupError extends Error {
  override readonly name: string = "WakeupError";
  constructor() {
    super("the call was ended by wakeup()");
  }
}

/** A partition has neither a position, nor a committed offset, nor a reset policy. */
export class NoOffsetForPartitionError extends KafkaError {
  readonly partitions: readonly TopicPartition[];
  constructor(partitions: readonly TopicPartition[]) {
    const names = partitions.map(partitionKey).join(", ");
    super(errors.OFFSET_OUT_OF_RANGE, `Undefined offset with no reset policy for partitions: [${names}]`);
    this.partitions = partitions;
  }
}

/** Positions lie outside their partitions' logs, and there is no reset policy. */
export class OffsetOutOfRangeError extends KafkaError {
  readonly partition: TopicPartition;
  readonly offset: number;
  constructor(partition: TopicPartition, offset: number) {
    const text = `Fetch position ${offset} is out of range for partition ${partitionKey(partition)}`;
    super(errors.OFFSET_OUT_OF_RANGE, `${text}, and no reset policy is configured`);
    this.partition = partition;
    this.offset = offset;
  }
}

/** What was read is no longer in the log: another leader has other records at these offsets (KIP-320). */
export class LogTruncationError extends KafkaError {
  readonly partition: TopicPartition;
  /** Where the logs part; null when the leader cannot tell. */
  readonly divergentOffset: number | null;
  constructor(partition: TopicPartition, position: number, divergentOffset: number | null) {
    const text = `Truncated partition ${partitionKey(partition)} with fetch offset ${position}, and no reset policy`;
    super(errors.OFFSET_OUT_OF_RANGE, text);
    this.partition = partition;
    this.divergentOffset = divergentOffset;
  }
}

/** The group has moved on without this member; its partitions may belong to others by now. */
export class CommitFailedError extends KafkaError {
  constructor(message: string = COMMIT_FAILED) {
    super(errors.ILLEGAL_GENERATION, message);
  }
}

const COMMIT_FAILED =
  "Offset commit cannot be completed since the consumer is not part of an active group for auto partition " +
  "assignment; it is likely that the consumer was kicked out of the group.";

/** A rebalance is under way: commit again after the next poll. */
export class RebalanceInProgressError extends KafkaError {
  constructor(message: string) {
    super(errors.REBALANCE_IN_PROGRESS, message);
  }
}
