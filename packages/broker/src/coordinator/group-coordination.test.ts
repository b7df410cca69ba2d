// Groups on a whole node: what a client sees from the first FindCoordinator to a committed offset, and what
// is left of it after a crash.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  apiKeys,
  makeOffsetCommitRequestOffsetCommitRequestPartition as commitPartition,
  type DescribeConfigsResponse,
  type ErrorSpec,
  errorForCode,
  errors,
  type FindCoordinatorResponse,
  type HeartbeatResponse,
  type JoinGroupResponse,
  type ListGroupsResponse,
  type MetadataResponse,
  type OffsetCommitResponse,
  type OffsetFetchResponse,
  makeJoinGroupRequestJoinGroupRequestProtocol as protocolOf,
  type SyncGroupResponse,
  ZERO_UUID,
} from "@ottla/protocol";
import { type FakeClient, requestFrame } from "../testing/fake-client.ts";
import { type WholeBroker, wholeBroker } from "../testing/whole-broker.ts";

const groupId = "g";
const topic = "t";

function serving(seed: number, settings: Readonly<Record<string, string>> = {}): WholeBroker {
  return wholeBroker({
    seed,
    topics: [topic],
    settings: {
      "offsets.topic.num.partitions": "3",
      "offsets.topic.replication.factor": "1",
      "group.initial.rebalance.delay.ms": "0",
      ...settings,
    },
  });
}

/** Asks again, as clients do, until the coordinator has the group. */
function until<Response>(
  { world }: WholeBroker,
  ask: () => Response,
  errorOf: (response: Response) => number,
): Response {
  const passing: readonly ErrorSpec[] = [
    errors.COORDINATOR_NOT_AVAILABLE,
    errors.COORDINATOR_LOAD_IN_PROGRESS,
  ];
  for (let tries = 0; tries < 100; tries++) {
    const response = ask();
    if (!passing.includes(errorForCode(errorOf(response)))) return response;
    world.run({ ms: 50 });
  }
  throw new Error("there is no coordinator");
}

function find(on: WholeBroker, client: FakeClient): FindCoordinatorResponse {
  const ask = () => client.ask(apiKeys.FindCoordinator, 3, { key: groupId }) as FindCoordinatorResponse;
  return until(on, ask, ({ errorCode }) => errorCode);
}

function join(on: WholeBroker, client: FakeClient): JoinGroupResponse {
  const protocols = [protocolOf({ name: "range" })];
  const request = {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 5000,
    protocolType: "consumer",
    protocols,
  };
  const ask = () => client.ask(apiKeys.JoinGroup, 3, request) as JoinGroupResponse;
  return until(on, ask, ({ errorCode }) => errorCode);
}

function sync(client: FakeClient, { generationId, memberId }: JoinGroupResponse): SyncGroupResponse {
  const assignments = [{ memberId, assignment: Uint8Array.of(1, 2, 3) }];
  return client.ask(apiKeys.SyncGroup, 3, {
    groupId,
    generationId,
    memberId,
    assignments,
  }) as SyncGroupResponse;
}

function commit(
  client: FakeClient,
  offset: bigint,
  member: Pick<JoinGroupResponse, "generationId" | "memberId"> = { generationId: -1, memberId: "" },
): number | undefined {
  const partitions = [commitPartition({ committedOffset: offset })];
  const response = client.ask(apiKeys.OffsetCommit, 8, {
    groupId,
    generationIdOrMemberEpoch: member.generationId,
    memberId: member.memberId,
    topics: [{ name: topic, topicId: ZERO_UUID, partitions }],
  }) as OffsetCommitResponse;
  return response.topics[0]?.partitions[0]?.errorCode;
}

function committed(on: WholeBroker, client: FakeClient): bigint | undefined {
  const request = { groupId, topics: [{ name: topic, partitionIndexes: [0] }] };
  const ask = () => client.ask(apiKeys.OffsetFetch, 7, request) as OffsetFetchResponse;
  const response = until(on, ask, ({ errorCode }) => errorCode);
  return response.topics[0]?.partitions[0]?.committedOffset;
}

test("the first group brings about the topic of offsets, once, with the settings it needs", () => {
  const on = serving(1);
  const clients = [on.connect(), on.connect(), on.connect()];
  for (const client of clients) client.send(requestFrame(apiKeys.FindCoordinator, 3, { key: groupId }));
  for (const client of clients) assert.notEqual(client.receive(), null);
  const [client] = clients as [FakeClient];
  const { errorCode, nodeId, host, port } = find(on, client);
  assert.deepEqual([errorCode, nodeId, host, port], [0, 1, "broker-1", 9092]);
  const name = "__consumer_offsets";
  const { topics } = client.ask(apiKeys.Metadata, 12, {
    topics: [{ name, topicId: ZERO_UUID }],
  }) as MetadataResponse;
  assert.equal(topics[0]?.partitions.length, 3);
  const { results } = client.ask(apiKeys.DescribeConfigs, 4, {
    resources: [
      { resourceType: 2, resourceName: name, configurationKeys: ["cleanup.policy", "compression.type"] },
    ],
  }) as DescribeConfigsResponse;
  assert.deepEqual(results[0]?.configs.map(({ value }) => value).toSorted(), ["compact", "producer"]);
  assert.deepEqual(on.errorsLogged, []);
});

test("a member joins, gets its assignment, is alive and commits", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const on = serving(seed);
    const client = on.connect();
    find(on, client);
    const member = join(on, client);
    assert.deepEqual([member.errorCode, member.generationId, member.leader], [0, 1, member.memberId]);
    const { errorCode, assignment } = sync(client, member);
    assert.deepEqual([errorCode, [...assignment]], [0, [1, 2, 3]]);
    const { generationId, memberId } = member;
    const beat = client.ask(apiKeys.Heartbeat, 3, { groupId, generationId, memberId }) as HeartbeatResponse;
    assert.equal(beat.errorCode, 0);
    assert.equal(commit(client, 42n, member), 0);
    assert.equal(committed(on, client), 42n);
    assert.equal(on.world.halts.length, 0);
  }
});

test("a committed offset and a stable group are there after a crash", () => {
  for (const how of ["power", "kill"] as const) {
    const on = serving(3);
    const before = on.connect();
    find(on, before);
    const member = join(on, before);
    sync(before, member);
    assert.equal(commit(before, 7n, member), 0);
    on.crashAndRestart(how);
    const client = on.connect();
    assert.equal(find(on, client).nodeId, 1);
    assert.equal(committed(on, client), 7n, how);
    const { generationId, memberId } = member;
    const beat = client.ask(apiKeys.Heartbeat, 3, { groupId, generationId, memberId }) as HeartbeatResponse;
    assert.equal(beat.errorCode, 0, "the member did not notice");
    const { groups } = client.ask(apiKeys.ListGroups, 4, {}) as ListGroupsResponse;
    assert.deepEqual(
      groups.map(({ groupState }) => groupState),
      ["Stable"],
    );
  }
});

test("offsets of a deleted topic go with it", () => {
  const on = serving(4);
  const client = on.connect();
  find(on, client);
  until(
    on,
    () => commit(client, 5n),
    (code) => code ?? 0,
  );
  assert.equal(committed(on, client), 5n);
  client.ask(apiKeys.DeleteTopics, 5, { topicNames: [topic], timeoutMs: 5000 });
  on.world.run({ ms: 1000 });
  assert.equal(committed(on, client), -1n);
});

test("whoever waits in a group is told before a broker closes", () => {
  const on = serving(5, { "group.initial.rebalance.delay.ms": "60000" });
  const client = on.connect();
  find(on, client);
  const protocols = [protocolOf({ name: "range" })];
  const request = {
    groupId,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 300_000,
    protocolType: "consumer",
    protocols,
  };
  on.world.run({ ms: 1000 });
  client.send(requestFrame(apiKeys.JoinGroup, 3, request));
  on.world.run({ ms: 1000 });
  let isClosed = false;
  const beganMs = on.world.nowMs;
  on.broker.close(() => {
    isClosed = true;
  });
  assert.notEqual(client.receive(), null);
  on.world.run({ ms: 60_000, until: () => isClosed });
  assert.ok(isClosed && on.world.nowMs - beganMs < 5000);
});
