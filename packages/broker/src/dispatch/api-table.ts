// Every API that is served, and nothing else: ApiVersions, the authorisation matrix, fuzzers and docs read it
// here. To add an API: its handler file, one row. Not here: what a row means (api-entry.ts).
import { apiCodecs, apiKeys } from "@ottla/protocol";
import {
  allocateProducerIdsErrorReply,
  handleAllocateProducerIds,
} from "../handlers/allocate-producer-ids.ts";
import { alterConfigsErrorReply, handleAlterConfigs } from "../handlers/alter-configs.ts";
import {
  alterPartitionReassignmentsErrorReply,
  handleAlterPartitionReassignments,
} from "../handlers/alter-partition-reassignments.ts";
import {
  alterReplicaLogDirsErrorReply,
  handleAlterReplicaLogDirs,
} from "../handlers/alter-replica-log-dirs.ts";
import { apiVersionsErrorReply, handleApiVersions } from "../handlers/api-versions.ts";
import {
  assignReplicasToDirsErrorReply,
  handleAssignReplicasToDirs,
} from "../handlers/assign-replicas-to-dirs.ts";
import { brokerHeartbeatErrorReply, handleBrokerHeartbeat } from "../handlers/broker-heartbeat.ts";
import { brokerRegistrationErrorReply, handleBrokerRegistration } from "../handlers/broker-registration.ts";
import { createPartitionsErrorReply, handleCreatePartitions } from "../handlers/create-partitions.ts";
import { createTopicsErrorReply, handleCreateTopics } from "../handlers/create-topics.ts";
import { deleteGroupsErrorReply, handleDeleteGroups } from "../handlers/delete-groups.ts";
import { deleteRecordsErrorReply, handleDeleteRecords } from "../handlers/delete-records.ts";
import { deleteTopicsErrorReply, handleDeleteTopics } from "../handlers/delete-topics.ts";
import { describeClusterErrorReply, handleDescribeCluster } from "../handlers/describe-cluster.ts";
import { describeConfigsErrorReply, handleDescribeConfigs } from "../handlers/describe-configs.ts";
import { describeGroupsErrorReply, handleDescribeGroups } from "../handlers/describe-groups.ts";
import { describeLogDirsErrorReply, handleDescribeLogDirs } from "../handlers/describe-log-dirs.ts";
import {
  describeTopicPartitionsErrorReply,
  handleDescribeTopicPartitions,
} from "../handlers/describe-topic-partitions.ts";
import { electLeadersErrorReply, handleElectLeaders } from "../handlers/elect-leaders.ts";
import { handleFetch } from "../handlers/fetch.ts";
import { encodeFetchReplyInPieces, fetchCodec, fetchErrorReply } from "../handlers/fetch-reply.ts";
import { findCoordinatorErrorReply, handleFindCoordinator } from "../handlers/find-coordinator.ts";
import { handleHeartbeat, heartbeatErrorReply } from "../handlers/heartbeat.ts";
import {
  handleIncrementalAlterConfigs,
  incrementalAlterConfigsErrorReply,
} from "../handlers/incremental-alter-configs.ts";
import { handleInitProducerId, initProducerIdErrorReply } from "../handlers/init-producer-id.ts";
import { handleJoinGroup, joinGroupErrorReply } from "../handlers/join-group.ts";
import { handleLeaveGroup, leaveGroupErrorReply } from "../handlers/leave-group.ts";
import {
  handleListConfigResources,
  listConfigResourcesErrorReply,
} from "../handlers/list-config-resources.ts";
import { handleListGroups, listGroupsErrorReply } from "../handlers/list-groups.ts";
import { handleListOffsets, listOffsetsErrorReply } from "../handlers/list-offsets.ts";
import {
  handleListPartitionReassignments,
  listPartitionReassignmentsErrorReply,
} from "../handlers/list-partition-reassignments.ts";
import { handleMetadata, metadataErrorReply } from "../handlers/metadata.ts";
import { handleOffsetCommit, offsetCommitErrorReply } from "../handlers/offset-commit.ts";
import { handleOffsetDelete, offsetDeleteErrorReply } from "../handlers/offset-delete.ts";
import { handleOffsetFetch, offsetFetchErrorReply } from "../handlers/offset-fetch.ts";
import {
  handleOffsetForLeaderEpoch,
  offsetForLeaderEpochErrorReply,
} from "../handlers/offset-for-leader-epoch.ts";
import { handleProduce, produceErrorReply } from "../handlers/produce.ts";
import { handleSyncGroup, syncGroupErrorReply } from "../handlers/sync-group.ts";
import { type AnyApiEntry, apiEntry, type ListenerRole } from "./api-entry.ts";

const onBroker: readonly ListenerRole[] = ["broker"];
const onController: readonly ListenerRole[] = ["controller"];
const onBoth: readonly ListenerRole[] = ["broker", "controller"];
const asCluster = { onCluster: "CLUSTER_ACTION" } as const;

/** By ascending key. */
export const apiTable: readonly AnyApiEntry[] = [
  apiEntry(apiKeys.Produce, apiCodecs[apiKeys.Produce], {
    handler: handleProduce,
    errorReply: produceErrorReply,
    authorise: "handler",
    quota: "produce",
    onBug: "halt",
    listeners: onBroker,
    // librdkafka takes a broker without it for one too old (KAFKA-18659).
    advertisedMin: 0,
  }),
  apiEntry(apiKeys.Fetch, fetchCodec, {
    handler: handleFetch,
    encodeInPieces: encodeFetchReplyInPieces,
    errorReply: fetchErrorReply,
    authorise: "handler",
    quota: "fetch",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.ListOffsets, apiCodecs[apiKeys.ListOffsets], {
    handler: handleListOffsets,
    errorReply: listOffsetsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.Metadata, apiCodecs[apiKeys.Metadata], {
    handler: handleMetadata,
    errorReply: metadataErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.OffsetCommit, apiCodecs[apiKeys.OffsetCommit], {
    handler: handleOffsetCommit,
    errorReply: offsetCommitErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "halt",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.OffsetFetch, apiCodecs[apiKeys.OffsetFetch], {
    handler: handleOffsetFetch,
    errorReply: offsetFetchErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.FindCoordinator, apiCodecs[apiKeys.FindCoordinator], {
    handler: handleFindCoordinator,
    errorReply: findCoordinatorErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.JoinGroup, apiCodecs[apiKeys.JoinGroup], {
    handler: handleJoinGroup,
    errorReply: joinGroupErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "halt",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.Heartbeat, apiCodecs[apiKeys.Heartbeat], {
    handler: handleHeartbeat,
    errorReply: heartbeatErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "halt",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.LeaveGroup, apiCodecs[apiKeys.LeaveGroup], {
    handler: handleLeaveGroup,
    errorReply: leaveGroupErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "halt",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.SyncGroup, apiCodecs[apiKeys.SyncGroup], {
    handler: handleSyncGroup,
    errorReply: syncGroupErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "halt",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.DescribeGroups, apiCodecs[apiKeys.DescribeGroups], {
    handler: handleDescribeGroups,
    errorReply: describeGroupsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.ListGroups, apiCodecs[apiKeys.ListGroups], {
    handler: handleListGroups,
    errorReply: listGroupsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.ApiVersions, apiCodecs[apiKeys.ApiVersions], {
    handler: handleApiVersions,
    errorReply: apiVersionsErrorReply,
    authorise: "none",
    quota: "request",
    onBug: "answer",
    listeners: onBoth,
    versions: { max: 4 },
  }),
  apiEntry(apiKeys.CreateTopics, apiCodecs[apiKeys.CreateTopics], {
    handler: handleCreateTopics,
    errorReply: createTopicsErrorReply,
    authorise: "handler",
    quota: "controller-mutation",
    onBug: "answer",
    listeners: onBoth,
    forward: true,
  }),
  apiEntry(apiKeys.DeleteTopics, apiCodecs[apiKeys.DeleteTopics], {
    handler: handleDeleteTopics,
    errorReply: deleteTopicsErrorReply,
    authorise: "handler",
    quota: "controller-mutation",
    onBug: "answer",
    listeners: onBoth,
    forward: true,
  }),
  apiEntry(apiKeys.DeleteRecords, apiCodecs[apiKeys.DeleteRecords], {
    handler: handleDeleteRecords,
    errorReply: deleteRecordsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "halt",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.InitProducerId, apiCodecs[apiKeys.InitProducerId], {
    handler: handleInitProducerId,
    errorReply: initProducerIdErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.OffsetForLeaderEpoch, apiCodecs[apiKeys.OffsetForLeaderEpoch], {
    handler: handleOffsetForLeaderEpoch,
    errorReply: offsetForLeaderEpochErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.DescribeConfigs, apiCodecs[apiKeys.DescribeConfigs], {
    handler: handleDescribeConfigs,
    errorReply: describeConfigsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBoth,
  }),
  apiEntry(apiKeys.AlterConfigs, apiCodecs[apiKeys.AlterConfigs], {
    handler: handleAlterConfigs,
    errorReply: alterConfigsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBoth,
    forward: true,
  }),
  apiEntry(apiKeys.AlterReplicaLogDirs, apiCodecs[apiKeys.AlterReplicaLogDirs], {
    handler: handleAlterReplicaLogDirs,
    errorReply: alterReplicaLogDirsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.DescribeLogDirs, apiCodecs[apiKeys.DescribeLogDirs], {
    handler: handleDescribeLogDirs,
    errorReply: describeLogDirsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.CreatePartitions, apiCodecs[apiKeys.CreatePartitions], {
    handler: handleCreatePartitions,
    errorReply: createPartitionsErrorReply,
    authorise: "handler",
    quota: "controller-mutation",
    onBug: "answer",
    listeners: onBoth,
    forward: true,
  }),
  apiEntry(apiKeys.DeleteGroups, apiCodecs[apiKeys.DeleteGroups], {
    handler: handleDeleteGroups,
    errorReply: deleteGroupsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "halt",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.ElectLeaders, apiCodecs[apiKeys.ElectLeaders], {
    handler: handleElectLeaders,
    errorReply: electLeadersErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBoth,
    forward: true,
  }),
  apiEntry(apiKeys.IncrementalAlterConfigs, apiCodecs[apiKeys.IncrementalAlterConfigs], {
    handler: handleIncrementalAlterConfigs,
    errorReply: incrementalAlterConfigsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBoth,
    forward: true,
  }),
  apiEntry(apiKeys.AlterPartitionReassignments, apiCodecs[apiKeys.AlterPartitionReassignments], {
    handler: handleAlterPartitionReassignments,
    errorReply: alterPartitionReassignmentsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBoth,
    forward: true,
  }),
  apiEntry(apiKeys.ListPartitionReassignments, apiCodecs[apiKeys.ListPartitionReassignments], {
    handler: handleListPartitionReassignments,
    errorReply: listPartitionReassignmentsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBoth,
    forward: true,
  }),
  apiEntry(apiKeys.OffsetDelete, apiCodecs[apiKeys.OffsetDelete], {
    handler: handleOffsetDelete,
    errorReply: offsetDeleteErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "halt",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.DescribeCluster, apiCodecs[apiKeys.DescribeCluster], {
    handler: handleDescribeCluster,
    errorReply: describeClusterErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBoth,
  }),
  apiEntry(apiKeys.BrokerRegistration, apiCodecs[apiKeys.BrokerRegistration], {
    handler: handleBrokerRegistration,
    errorReply: brokerRegistrationErrorReply,
    authorise: asCluster,
    quota: "exempt",
    onBug: "answer",
    listeners: onController,
  }),
  apiEntry(apiKeys.BrokerHeartbeat, apiCodecs[apiKeys.BrokerHeartbeat], {
    handler: handleBrokerHeartbeat,
    errorReply: brokerHeartbeatErrorReply,
    authorise: asCluster,
    quota: "exempt",
    onBug: "answer",
    listeners: onController,
  }),
  apiEntry(apiKeys.AllocateProducerIds, apiCodecs[apiKeys.AllocateProducerIds], {
    handler: handleAllocateProducerIds,
    errorReply: allocateProducerIdsErrorReply,
    authorise: asCluster,
    quota: "exempt",
    onBug: "answer",
    listeners: onController,
  }),
  apiEntry(apiKeys.AssignReplicasToDirs, apiCodecs[apiKeys.AssignReplicasToDirs], {
    handler: handleAssignReplicasToDirs,
    errorReply: assignReplicasToDirsErrorReply,
    authorise: asCluster,
    quota: "exempt",
    onBug: "answer",
    listeners: onController,
  }),
  apiEntry(apiKeys.ListConfigResources, apiCodecs[apiKeys.ListConfigResources], {
    handler: handleListConfigResources,
    errorReply: listConfigResourcesErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
  apiEntry(apiKeys.DescribeTopicPartitions, apiCodecs[apiKeys.DescribeTopicPartitions], {
    handler: handleDescribeTopicPartitions,
    errorReply: describeTopicPartitionsErrorReply,
    authorise: "handler",
    quota: "request",
    onBug: "answer",
    listeners: onBroker,
  }),
];

/** A served API as ApiVersions tells it. */
export interface AdvertisedApi {
  readonly key: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

const servedBy: Readonly<Record<ListenerRole, ReadonlyMap<number, AnyApiEntry>>> = {
  broker: byKey("broker"),
  controller: byKey("controller"),
};

function byKey(role: ListenerRole): ReadonlyMap<number, AnyApiEntry> {
  const served = apiTable.filter(({ listeners }) => listeners.includes(role));
  return new Map(served.map((entry) => [entry.key, entry]));
}

/** The API that a listener of this role serves under this key. */
export function findServedApi(key: number, role: ListenerRole): AnyApiEntry | undefined {
  return servedBy[role].get(key);
}

/** What a listener of this role advertises. */
export function advertisedApis(role: ListenerRole): AdvertisedApi[] {
  return apiTable
    .filter(({ listeners }) => listeners.includes(role))
    .map(({ key, minVersion, maxVersion, advertisedMin }) => ({
      key,
      minVersion: advertisedMin ?? minVersion,
      maxVersion,
    }));
}
