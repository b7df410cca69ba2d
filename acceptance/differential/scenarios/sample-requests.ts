// A small valid request of each API, for scenarios that spoil its bytes. The targets do not exist, so that
// nothing happens.
import { type ApiKey, apiKeys, findApiCodec, type Uuid, ZERO_UUID } from "@ottla/protocol";

const name = "d-sample";
const unknownId = "bm8tc3VjaC10b3BpYy0wMQ" as Uuid;

function fieldsOf(key: ApiKey, version: number): object {
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
