// Every scenario, in the order in which they run.
import type { Scenario } from "../scenario.ts";
import { allocateProducerIdsScenarios } from "./allocate-producer-ids.ts";
import { alterConfigsScenarios } from "./alter-configs.ts";
import { alterReplicaLogDirsScenarios } from "./alter-replica-log-dirs.ts";
import { apiVersionsScenarios } from "./api-versions.ts";
import { brokerRegistrationScenarios } from "./broker-registration.ts";
import { checkedConfigScenarios } from "./checked-configs.ts";
import { createPartitionsScenarios } from "./create-partitions.ts";
import { createTopicsScenarios } from "./create-topics.ts";
import { deleteRecordsScenarios } from "./delete-records.ts";
import { deleteTopicsScenarios } from "./delete-topics.ts";
import { describeClusterScenarios } from "./describe-cluster.ts";
import { describeConfigsScenarios } from "./describe-configs.ts";
import { describeLogDirsScenarios } from "./describe-log-dirs.ts";
import { describeTopicPartitionsScenarios } from "./describe-topic-partitions.ts";
import { electLeadersScenarios } from "./elect-leaders.ts";
import { fetchScenarios } from "./fetch.ts";
import { fetchSessionScenarios } from "./fetch-sessions.ts";
import { findCoordinatorScenarios } from "./find-coordinator.ts";
import { frameScenarios } from "./frames.ts";
import { groupAdministrationScenarios } from "./group-administration.ts";
import { heartbeatScenarios } from "./heartbeat.ts";
import { incrementalAlterConfigsScenarios } from "./incremental-alter-configs.ts";
import { initProducerIdScenarios } from "./init-producer-id.ts";
import { joinGroupScenarios } from "./join-group.ts";
import { leaveGroupScenarios } from "./leave-group.ts";
import { listConfigResourcesScenarios } from "./list-config-resources.ts";
import { listOffsetsScenarios } from "./list-offsets.ts";
import { metadataScenarios } from "./metadata.ts";
import { offsetCommitScenarios } from "./offset-commit.ts";
import { offsetFetchScenarios } from "./offset-fetch.ts";
import { offsetForLeaderEpochScenarios } from "./offset-for-leader-epoch.ts";
import { partitionReassignmentScenarios } from "./partition-reassignments.ts";
import { produceScenarios } from "./produce.ts";
import { produceBadBatchScenarios } from "./produce-bad-batches.ts";
import { syncGroupScenarios } from "./sync-group.ts";

export const allScenarios: readonly Scenario[] = [
  ...apiVersionsScenarios,
  ...produceScenarios,
  ...produceBadBatchScenarios,
  ...fetchScenarios,
  ...fetchSessionScenarios,
  ...listOffsetsScenarios,
  ...metadataScenarios,
  ...offsetForLeaderEpochScenarios,
  ...initProducerIdScenarios,
  ...createTopicsScenarios,
  ...deleteTopicsScenarios,
  ...createPartitionsScenarios,
  ...describeConfigsScenarios,
  ...incrementalAlterConfigsScenarios,
  ...checkedConfigScenarios,
  ...alterConfigsScenarios,
  ...describeClusterScenarios,
  ...describeTopicPartitionsScenarios,
  ...brokerRegistrationScenarios,
  ...deleteRecordsScenarios,
  ...describeLogDirsScenarios,
  ...alterReplicaLogDirsScenarios,
  ...listConfigResourcesScenarios,
  ...electLeadersScenarios,
  ...partitionReassignmentScenarios,
  ...allocateProducerIdsScenarios,
  ...findCoordinatorScenarios,
  ...joinGroupScenarios,
  ...syncGroupScenarios,
  ...heartbeatScenarios,
  ...leaveGroupScenarios,
  ...offsetCommitScenarios,
  ...offsetFetchScenarios,
  ...groupAdministrationScenarios,
  ...frameScenarios,
];
