// A small valid request of each API, for scenarios that spoil its bytes. The targets do not exist, so that
// nothing happens.
import { type ApiKey, apiKeys, findApiCodec, type Uuid, ZERO_UUID } from "@ottla/protocol";

const name = "d-sample";
const unknownId = "bm8tc3VjaC10b3BpYy0wMQ" as Uuid;

/** Requests of the group APIs, of members that there are none of. */
function groupFieldsOf(key: ApiKey, version: number): object | null {
  const groupId = name;
  const memberId = "m";
  switch (key) {
    case apiKeys.FindCoordinator:
      return version >= 4 ? { coordinatorKeys: [groupId] } : { key: groupId };
    case apiKeys.JoinGroup: {
      const protocols = [{ name: "range", metadata: new Uint8Array(3) }];
      return { groupId, memberId, sessionTimeoutMs: 1, protocolType: "consumer", protocols };
    }
    case apiKeys.SyncGroup: {
      const protocol = version >= 5 ? { protocolType: "consumer", protocolName: "range" } : {};
      return { groupId, memberId, generationId: 1, ...protocol };
    }
    case apiKeys.Heartbeat:
      return { groupId, memberId, generationId: 1 };
    case apiKeys.LeaveGroup:
      if (version < 3) return { groupId, memberId };
      return { groupId, members: [{ memberId, groupInstanceId: null, reason: null }] };
    case apiKeys.OffsetFetch: {
      if (version >= 8) return { groups: [{ groupId, memberId: null, memberEpoch: -1, topics: [] }] };
      return { groupId, topics: [{ name, partitionIndexes: [0] }] };
    }
    case apiKeys.OffsetDelete:
      return { groupId, topics: [{ name, partitions: [{ partitionIndex: 0 }] }] };
    case apiKeys.DescribeGroups:
      return { groups: [groupId] };
    case apiKeys.OffsetCommit: {
      const topic = version >= 10 ? { name: "", topicId: unknownId } : { name, topicId: ZERO_UUID };
      const partition = { partitionIndex: 0, committedOffset: 1n, committedLeaderEpoch: -1 };
      return {
        groupId,
        generationIdOrMemberEpoch: -1,
        topics: [{ ...topic, partitions: [{ ...partition, committedMetadata: "" }] }],
      };
    }
    default:
      return null;
  }
}

/** Requests of the APIs that administer replicas, of a topic that there is none of. */
function replicaFieldsOf(key: ApiKey): object | null {
  const timeoutMs = 1000;
  switch (key) {
    case apiKeys.DeleteRecords:
      return { topics: [{ name, partitions: [{ partitionIndex: 0, offset: 0n }] }], timeoutMs };
    case apiKeys.AlterReplicaLogDirs:
      return { dirs: [{ path: "/nowhere", topics: [{ name, partitions: [0] }] }] };
    case apiKeys.DescribeLogDirs:
      return { topics: [{ topic: name, partitions: [0] }] };
    case apiKeys.ElectLeaders:
      return { topicPartitions: [{ topic: name, partitions: [0] }], timeoutMs };
    case apiKeys.AlterPartitionReassignments:
      return { topics: [{ name, partitions: [{ partitionIndex: 0, replicas: [1] }] }], timeoutMs };
    case apiKeys.ListPartitionReassignments:
      return { topics: [{ name, partitionIndexes: [0] }], timeoutMs };
    default:
      return null;
  }
}

function fieldsOf(key: ApiKey, version: number): object {
  const special = groupFieldsOf(key, version) ?? replicaFieldsOf(key);
  if (special !== null) return special;
  switch (key) {
    case apiKeys.Produce: {
      const partitionData = [{ index: 0, records: new Uint8Array(0) }];
      const topic = version >= 13 ? { name: "", topicId: unknownId } : { name, topicId: ZERO_UUID };
      return { acks: 1, timeoutMs: 100, topicData: [{ ...topic, partitionData }] };
    }
    case apiKeys.Fetch:
      return { sessionEpoch: -1 };
    case apiKeys.ListOffsets:
      return {
        replicaId: -1,
        topics: [{ name, partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1n }] }],
      };
    case apiKeys.Metadata:
      return { topics: [{ name: "a/b", topicId: ZERO_UUID }] };
    case apiKeys.ApiVersions:
      return version >= 3 ? { clientSoftwareName: "a", clientSoftwareVersion: "1" } : {};
    case apiKeys.CreateTopics:
      return {
        topics: [{ name: "a/b", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
        validateOnly: true,
      };
    case apiKeys.DeleteTopics:
      return version >= 6 ? { topics: [{ name, topicId: ZERO_UUID }] } : { topicNames: [name] };
    case apiKeys.InitProducerId:
      return { transactionalId: null };
    case apiKeys.OffsetForLeaderEpoch:
      return {
        topics: [{ topic: name, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }] }],
      };
    case apiKeys.DescribeConfigs:
      return { resources: [{ resourceType: 2, resourceName: name, configurationKeys: ["retention.ms"] }] };
    case apiKeys.AlterConfigs:
      return { resources: [{ resourceType: 2, resourceName: name, configs: [] }], validateOnly: true };
    case apiKeys.IncrementalAlterConfigs:
      return { resources: [{ resourceType: 2, resourceName: name, configs: [] }], validateOnly: true };
    case apiKeys.CreatePartitions:
      return { topics: [{ name, count: 2, assignments: null }], validateOnly: true };
    case apiKeys.DescribeTopicPartitions:
      return { topics: [{ name }] };
    default:
      return {};
  }
}

/** The request of this API and version. */
export function sampleRequest(key: ApiKey, version: number): unknown {
  return findApiCodec(key)?.makeRequest(fieldsOf(key, version) as Partial<unknown>);
}
