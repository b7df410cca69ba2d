// The authorisation matrix: every served API in every version, asked by somebody who may do nothing. A new
// API needs a row in `requests`.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  errors,
  makeFetchRequestFetchPartition,
  makeListGroupsResponse,
  makeListGroupsResponseListedGroup,
  makeOffsetCommitRequestOffsetCommitRequestPartition,
  makeOffsetFetchRequestOffsetFetchRequestGroup,
  makeOffsetFetchRequestOffsetFetchRequestTopics,
  type Uuid,
  ZERO_UUID,
} from "@ottla/protocol";
import { denyAll } from "../authorizer/authorizer.ts";
import { RequestServer } from "../request-server.ts";
import { controlPlaneBroker } from "../testing/control-plane-broker.ts";
import { FakeClient } from "../testing/fake-client.ts";
import { testTopic } from "../testing/test-topic.ts";
import { apiTable } from "./api-table.ts";

const existing = "secret-topic";
// As long as the existing one, so that answers may be compared byte for byte.
const absent = "absent-topic";
const secretId = "SSSSSSSSSSSSSSSSSSSSSA" as Uuid;

type Fields = Readonly<Record<string, unknown>>;

interface Asked {
  readonly fields: (topic: string, version: number) => Fields;
  /** What a denied client gets, besides NONE. */
  readonly errors: readonly number[] | ((version: number) => readonly number[]);
}

const topicDenied = [errors.TOPIC_AUTHORIZATION_FAILED.code];
const clusterDenied = [errors.CLUSTER_AUTHORIZATION_FAILED.code];
const groupDenied = [errors.GROUP_AUTHORIZATION_FAILED.code];
const configResources = [2, 4, 8, 16, 32];

/** Row by row what to ask; `null`: an API that anybody may use. */
const requests = new Map<number, Asked | null>([
  [
    apiKeys.Produce,
    {
      errors: topicDenied,
      fields: (topic, version) => ({
        acks: 1,
        timeoutMs: 1000,
        topicData: [
          {
            name: version < 13 ? topic : "",
            topicId: version < 13 ? ZERO_UUID : secretId,
            partitionData: [{ index: 0, records: null }],
          },
        ],
      }),
    },
  ],
  [
    apiKeys.Fetch,
    {
      errors: topicDenied,
      fields: (topic, version) => ({
        maxWaitMs: 0,
        minBytes: 0,
        topics: [
          {
            topic: version < 13 ? topic : "",
            topicId: version < 13 ? ZERO_UUID : secretId,
            partitions: [makeFetchRequestFetchPartition()],
          },
        ],
      }),
    },
  ],
  [
    apiKeys.ListOffsets,
    {
      errors: topicDenied,
      fields: (name) => ({
        replicaId: -1,
        topics: [{ name, partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1n }] }],
      }),
    },
  ],
  [apiKeys.Metadata, { errors: topicDenied, fields: (name) => ({ topics: [{ name, topicId: ZERO_UUID }] }) }],
  [
    apiKeys.OffsetCommit,
    {
      errors: groupDenied,
      fields: (groupId, version) => ({
        groupId,
        topics: [
          {
            name: version < 10 ? groupId : "",
            topicId: version < 10 ? ZERO_UUID : secretId,
            partitions: [makeOffsetCommitRequestOffsetCommitRequestPartition()],
          },
        ],
      }),
    },
  ],
  [apiKeys.OffsetFetch, { errors: groupDenied, fields: offsetFetch }],
  [
    apiKeys.FindCoordinator,
    {
      errors: groupDenied,
      fields: (key, version) => (version < 4 ? { key } : { coordinatorKeys: [key] }),
    },
  ],
  [apiKeys.JoinGroup, { errors: groupDenied, fields: (groupId) => ({ groupId }) }],
  [apiKeys.Heartbeat, { errors: groupDenied, fields: (groupId) => ({ groupId }) }],
  [apiKeys.LeaveGroup, { errors: groupDenied, fields: (groupId) => ({ groupId }) }],
  [
    apiKeys.SyncGroup,
    {
      errors: groupDenied,
      fields: (groupId, version) => ({
        groupId,
        ...(version < 5 ? {} : { protocolType: "consumer", protocolName: "range" }),
      }),
    },
  ],
  [apiKeys.DescribeGroups, { errors: groupDenied, fields: (name) => ({ groups: [name] }) }],
  [apiKeys.ListGroups, { errors: [], fields: () => ({}) }],
  [apiKeys.ApiVersions, null],
  [
    apiKeys.CreateTopics,
    {
      errors: topicDenied,
      fields: (name) => ({
        topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      }),
    },
  ],
  [
    apiKeys.DeleteTopics,
    {
      errors: topicDenied,
      fields: (name, version) =>
        version < 6 ? { topicNames: [name] } : { topics: [{ name, topicId: ZERO_UUID }] },
    },
  ],
  [
    apiKeys.DeleteRecords,
    {
      errors: topicDenied,
      fields: (name) => ({ topics: [{ name, partitions: [{ partitionIndex: 0, offset: 0n }] }] }),
    },
  ],
  [
    apiKeys.InitProducerId,
    { errors: clusterDenied, fields: () => ({ transactionalId: null, transactionTimeoutMs: 1000 }) },
  ],
  [
    apiKeys.OffsetForLeaderEpoch,
    {
      errors: topicDenied,
      fields: (topic) => ({
        replicaId: -1,
        topics: [{ topic, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }] }],
      }),
    },
  ],
  [
    apiKeys.DescribeConfigs,
    {
      errors: [...topicDenied, ...clusterDenied, errors.GROUP_AUTHORIZATION_FAILED.code],
      fields: (topic) => ({
        resources: configResources.map((resourceType) => ({
          resourceType,
          resourceName: resourceType === 2 ? topic : "1",
          configurationKeys: null,
        })),
      }),
    },
  ],
  [apiKeys.AlterConfigs, alterConfigs(false)],
  [
    apiKeys.AlterReplicaLogDirs,
    {
      errors: clusterDenied,
      fields: (name) => ({ dirs: [{ path: "/data", topics: [{ name, partitions: [0] }] }] }),
    },
  ],
  [
    apiKeys.DescribeLogDirs,
    {
      // Before version 3 there is no place for an error, only a list that is empty.
      errors: (version) => (version < 3 ? [] : clusterDenied),
      fields: (topic) => ({ topics: [{ topic, partitions: [0] }] }),
    },
  ],
  [
    apiKeys.CreatePartitions,
    { errors: topicDenied, fields: (name) => ({ topics: [{ name, count: 3, assignments: null }] }) },
  ],
  [apiKeys.DeleteGroups, { errors: groupDenied, fields: (name) => ({ groupsNames: [name] }) }],
  [
    apiKeys.ElectLeaders,
    {
      errors: clusterDenied,
      fields: (topic, version) => ({
        topicPartitions: [{ topic, partitions: [0] }],
        ...(version === 0 ? { electionType: 0 } : {}),
      }),
    },
  ],
  [apiKeys.IncrementalAlterConfigs, alterConfigs(true)],
  [
    apiKeys.AlterPartitionReassignments,
    {
      errors: clusterDenied,
      fields: (name) => ({ topics: [{ name, partitions: [{ partitionIndex: 0, replicas: [1] }] }] }),
    },
  ],
  [
    apiKeys.ListPartitionReassignments,
    { errors: clusterDenied, fields: (name) => ({ topics: [{ name, partitionIndexes: [0] }] }) },
  ],
  [
    apiKeys.OffsetDelete,
    {
      errors: groupDenied,
      fields: (groupId) => ({ groupId, topics: [{ name: groupId, partitions: [{ partitionIndex: 0 }] }] }),
    },
  ],
  [apiKeys.DescribeCluster, null],
  [apiKeys.BrokerRegistration, { errors: clusterDenied, fields: () => ({ brokerId: 9 }) }],
  [apiKeys.BrokerHeartbeat, { errors: clusterDenied, fields: () => ({ brokerId: 9 }) }],
  [apiKeys.AllocateProducerIds, { errors: clusterDenied, fields: () => ({ brokerId: 9 }) }],
  [apiKeys.AssignReplicasToDirs, { errors: clusterDenied, fields: () => ({ brokerId: 9, directories: [] }) }],
  [apiKeys.ListConfigResources, { errors: clusterDenied, fields: () => ({}) }],
  [
    apiKeys.DescribeTopicPartitions,
    { errors: topicDenied, fields: (name) => ({ topics: [{ name }], responsePartitionLimit: 10 }) },
  ],
]);

function offsetFetch(groupId: string, version: number): Fields {
  if (version < 8) return { groupId, topics: [{ name: groupId, partitionIndexes: [0] }] };
  const topic = makeOffsetFetchRequestOffsetFetchRequestTopics({ topicId: secretId, partitionIndexes: [0] });
  const byName = makeOffsetFetchRequestOffsetFetchRequestTopics({ name: groupId, partitionIndexes: [0] });
  const topics = [version < 10 ? byName : topic];
  return { groups: [makeOffsetFetchRequestOffsetFetchRequestGroup({ groupId, topics })] };
}

function alterConfigs(isIncremental: boolean): Asked {
  const configs = isIncremental
    ? [{ name: "retention.ms", configOperation: 0, value: "1" }]
    : [{ name: "retention.ms", value: "1" }];
  return {
    errors: [...topicDenied, ...clusterDenied, errors.GROUP_AUTHORIZATION_FAILED.code],
    fields: (topic) => ({
      resources: configResources.map((resourceType) => ({
        resourceType,
        resourceName: resourceType === 2 ? topic : "1",
        configs,
      })),
    }),
  };
}

function deniedBroker() {
  const control = controlPlaneBroker({
    authorizer: denyAll,
    topics: [testTopic(existing, secretId)],
    // Of all groups alone a coordinator is asked before names are hidden.
    groups: {
      listGroups: () =>
        makeListGroupsResponse({ groups: [makeListGroupsResponseListedGroup({ groupId: existing })] }),
    },
    settings: { listeners: "PLAINTEXT://broker-1:9092,CONTROLLER://broker-1:9093" },
  });
  const server = new RequestServer(control.broker);
  server.listen(control.broker.config.listeners, () => server.startAccepting());
  const clientNode = control.world.node("client");
  return { ...control, clientNode };
}

function errorCodesIn(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(errorCodesIn);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === "errorCode" && typeof child === "number" ? [child] : errorCodesIn(child),
  );
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, child: unknown) => (typeof child === "bigint" ? String(child) : child));
}

test("the matrix has a row for every served API", () => {
  assert.deepEqual(
    apiTable.map(({ key }) => key),
    [...requests.keys()],
  );
});

for (const entry of apiTable) {
  test(`${entry.name}: who may do nothing gets nothing but the error, and learns nothing of what exists`, () => {
    const { world, clientNode, asked, broker } = deniedBroker();
    const row = requests.get(entry.key);
    const port = entry.listeners.includes("broker") ? 9092 : 9093;
    for (let version = entry.minVersion; version <= entry.maxVersion; version++) {
      const where = `${entry.name} v${version}`;
      const client = FakeClient.connect(world, clientNode, "broker-1", port);
      const ofExisting = client.ask(
        entry.key,
        version,
        row?.fields(existing, version) ?? softwareFields(version),
      );
      assert.notEqual(ofExisting, null, `${where} is answered`);
      if (row === null || row === undefined) continue;
      const codes = errorCodesIn(ofExisting).filter((code) => code !== 0);
      const expected = typeof row.errors === "function" ? row.errors(version) : row.errors;
      assert.deepEqual([...new Set(codes)].sort(), [...expected].sort(), where);
      const ofAbsent = client.ask(entry.key, version, row.fields(absent, version));
      assert.equal(textOf(ofAbsent).replaceAll(absent, existing), textOf(ofExisting), where);
      client.end();
    }
    assert.deepEqual(asked, [], "nothing reaches the controller");
    assert.equal(broker.metrics.requests.api(entry.key, entry.name).bugs.value, 0);
    assert.equal(world.halts.length, 0);
  });
}

/** What even an unguarded request needs to be well-formed. */
function softwareFields(version: number): Fields {
  return version >= 3 ? { clientSoftwareName: "test", clientSoftwareVersion: "1" } : {};
}

test("a list of all topics has none of those that may not be described", () => {
  const { world, clientNode } = deniedBroker();
  const client = FakeClient.connect(world, clientNode, "broker-1", 9092);
  const metadata = client.ask(apiKeys.Metadata, 12, { topics: null, includeTopicAuthorizedOperations: true });
  const partitions = client.ask(apiKeys.DescribeTopicPartitions, 0, {
    topics: [],
    responsePartitionLimit: 10,
  });
  for (const answer of [metadata, partitions]) assert.deepEqual((answer as { topics: unknown }).topics, []);
});

test("a list of all groups has none of those that may not be described", () => {
  const { world, clientNode } = deniedBroker();
  const client = FakeClient.connect(world, clientNode, "broker-1", 9092);
  assert.deepEqual((client.ask(apiKeys.ListGroups, 5, {}) as { groups: unknown }).groups, []);
});

test("a topic id gives no name away", () => {
  const { world, clientNode } = deniedBroker();
  const client = FakeClient.connect(world, clientNode, "broker-1", 9092);
  const answers = [
    client.ask(apiKeys.Metadata, 12, { topics: [{ name: null, topicId: secretId }] }),
    client.ask(apiKeys.DeleteTopics, 6, { topics: [{ name: null, topicId: secretId }] }),
  ];
  for (const answer of answers) {
    assert.ok(!textOf(answer).includes(existing));
    assert.deepEqual(
      errorCodesIn(answer).filter((code) => code !== 0),
      topicDenied,
    );
  }
});
