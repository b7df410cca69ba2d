// What goes wrong while reading fetched bytes, as the errors that poll throws. The texts are Apache Kafka's,
// because people search for them.
import { errors } from "@ottla/protocol";
import type { TopicPartition } from "../../assignors/topic-partition.ts";
import { KafkaError } from "../../errors/kafka-error.ts";

/** `topic-partition`, as Kafka prints it. */
export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

/** A batch whose size or CRC is wrong. */
export function corruptBatch(partition: TopicPartition, offset: number, problem: string): KafkaError {
  return new KafkaError(
    errors.CORRUPT_MESSAGE,
    `Record batch for partition ${nameOf(partition)} at offset ${offset} is invalid, cause: ${problem}`,
  );
}

/** The record at `offset` cannot be read; a user may seek past it. */
export function unreadableRecord(partition: TopicPartition, offset: number, problem = ""): KafkaError {
  const detail = problem === "" ? "" : ` (${problem})`;
  return new KafkaError(
    errors.CORRUPT_MESSAGE,
    `Received exception when fetching the next record from ${nameOf(partition)}. If needed, please seek past ` +
      `the record to continue consumption. Offset ${offset}${detail}`,
  );
}
