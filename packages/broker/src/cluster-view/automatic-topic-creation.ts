// How a topic comes to be that a client asked about without creating it: the broker's own topics have
// settings that their owners need, all others the broker's defaults.
import type { BrokerConfig } from "@ottla/config";
import { internalTopics } from "@ottla/protocol";

/** How a topic is created when a client asks for metadata of one that is not there. */
export interface TopicCreation {
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configs: readonly { readonly name: string; readonly value: string }[];
}

/** Partitions, replicas and settings of a topic that nobody described. */
export function automaticTopicCreation(name: string, config: BrokerConfig): TopicCreation {
  if (name === internalTopics.consumerOffsets) {
    return {
      numPartitions: config.offsetsTopicNumPartitions,
      replicationFactor: config.offsetsTopicReplicationFactor,
      configs: [
        { name: "cleanup.policy", value: "compact" },
        { name: "segment.bytes", value: String(config.offsetsTopicSegmentBytes) },
        { name: "compression.type", value: "producer" },
      ],
    };
  }
  if (name === internalTopics.transactionState) {
    return {
      numPartitions: config.transactionStateLogNumPartitions,
      replicationFactor: config.transactionStateLogReplicationFactor,
      configs: [
        { name: "unclean.leader.election.enable", value: "false" },
        { name: "compression.type", value: "uncompressed" },
        { name: "cleanup.policy", value: "compact" },
        { name: "min.insync.replicas", value: String(config.transactionStateLogMinIsr) },
        { name: "segment.bytes", value: String(config.transactionStateLogSegmentBytes) },
      ],
    };
  }
  if (name === internalTopics.shareGroupState) {
    return {
      numPartitions: config.shareStateTopicNumPartitions,
      replicationFactor: config.shareStateTopicReplicationFactor,
      configs: [
        // Its coordinator prunes it, as it knows what is superseded.
        { name: "cleanup.policy", value: "delete" },
        { name: "compression.type", value: "producer" },
        { name: "min.insync.replicas", value: String(config.shareStateTopicMinIsr) },
        { name: "segment.bytes", value: String(config.shareStateTopicSegmentBytes) },
        { name: "retention.ms", value: "-1" },
      ],
    };
  }
  return {
    numPartitions: config.numPartitions,
    replicationFactor: config.defaultReplicationFactor,
    configs: [],
  };
}
