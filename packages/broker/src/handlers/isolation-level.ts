// The isolation level of Fetch and ListOffsets: 0 read uncommitted, 1 read committed (KIP-98).
import { errors, KafkaError } from "@ottla/protocol";

/** Throws UNKNOWN_SERVER_ERROR for any other level: what Apache Kafka answers, which has no code for it. */
export function checkIsolationLevel(level: number): void {
  if (level !== 0 && level !== 1)
    throw new KafkaError(errors.UNKNOWN_SERVER_ERROR, `there is no isolation level ${level}`);
}
