// What a user may do when partitions come and go. Callbacks run inside `poll`, `unsubscribe` and `close`,
// which wait for them.
import type { TopicPartition } from "../../assignors/topic-partition.ts";

type MaybePromise = void | Promise<void>;

export interface RebalanceListener {
  /** Before the partitions may go to others: the place to commit. */
  onPartitionsRevoked?(partitions: readonly TopicPartition[]): MaybePromise;
  /** After a rebalance, with what is new; before any of it is read. */
  onPartitionsAssigned?(partitions: readonly TopicPartition[]): MaybePromise;
  /** The partitions may already be with others. Default: as revoked. */
  onPartitionsLost?(partitions: readonly TopicPartition[]): MaybePromise;
}
