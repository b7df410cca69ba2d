// Which APIs the two peers have in common: the one list of it.
import { type ApiKey, apiKeys } from "@ottla/protocol";

/** What must be served, by API key; the rest of Kafka's APIs may still be missing. */
export const servedByBoth: ReadonlySet<number> = new Set<ApiKey>([
  apiKeys.Produce,
  apiKeys.Fetch,
  apiKeys.ListOffsets,
  apiKeys.Metadata,
  apiKeys.ApiVersions,
  apiKeys.CreateTopics,
  apiKeys.DeleteTopics,
  apiKeys.InitProducerId,
  apiKeys.OffsetForLeaderEpoch,
  apiKeys.DescribeConfigs,
  apiKeys.AlterConfigs,
  apiKeys.CreatePartitions,
  apiKeys.IncrementalAlterConfigs,
  apiKeys.DescribeCluster,
  apiKeys.BrokerRegistration,
  apiKeys.BrokerHeartbeat,
  apiKeys.AllocateProducerIds,
  apiKeys.DescribeTopicPartitions,
  apiKeys.DeleteRecords,
  apiKeys.AlterReplicaLogDirs,
  apiKeys.DescribeLogDirs,
  apiKeys.ListConfigResources,
  apiKeys.ElectLeaders,
  apiKeys.AlterPartitionReassignments,
  apiKeys.ListPartitionReassignments,
  apiKeys.FindCoordinator,
  apiKeys.JoinGroup,
  apiKeys.SyncGroup,
  apiKeys.Heartbeat,
  apiKeys.LeaveGroup,
  apiKeys.OffsetCommit,
  apiKeys.OffsetFetch,
  apiKeys.OffsetDelete,
  apiKeys.DescribeGroups,
  apiKeys.ListGroups,
  apiKeys.DeleteGroups,
]);

/** APIs that got one more version between the two releases, by key: error messages in DeleteGroups. */
export const newerIn44: ReadonlySet<number> = new Set<ApiKey>([apiKeys.DeleteGroups]);
