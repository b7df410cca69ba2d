// Groups that are bombs: very many members, groups, offsets, bytes. Kafka's errors, bounded memory, others
// served meanwhile.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type ApiKey,
  apiCodecs,
  apiKeys,
  decodeResponseHeader,
  errors,
  Reader,
  responseHeaderVersion,
} from "@ottla/protocol";
import { requestFrame, type WireClient } from "../broker-process.ts";
import { createTopic, HealthyClient, ObservedBroker } from "./observed-broker.ts";

const mib = 1_048_576;
const topic = "t";
let broker: ObservedBroker;
let healthy: HealthyClient;
let client: WireClient;

before(async () => {
  broker = await ObservedBroker.start({
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "group.initial.rebalance.delay.ms": "100",
    "max.connections.per.ip": "3000",
    "max.connection.creation.rate": "5000",
  });
  client = await broker.connect();
  await createTopic(client, topic, 3);
  healthy = await HealthyClient.start(broker);
  await coordinatorIsReady();
});

after(async () => {
  await broker.remove();
});

/** The topic of offsets is made by the first question for a coordinator. */
async function coordinatorIsReady(): Promise<void> {
  for (let index = 0; index < 40; index++) {
    let error = -1;
    for (let tries = 0; tries < 500 && error !== 0; tries++) {
      if (tries > 0) await new Promise((wake) => setTimeout(wake, 20));
      const coordinatorKeys = [`ready-${index}`];
      await client.ask(apiKeys.FindCoordinator, 4, { keyType: 0, coordinatorKeys });
      error = (await commit(`ready-${index}`, [0]))[0] ?? -1;
    }
    assert.equal(error, 0);
  }
}

type Answer<Key extends ApiKey> = ReturnType<(typeof apiCodecs)[Key]["decodeResponse"]>;

/** Sends `count` requests on some connections, each not waiting for answers before the next. */
async function flood<Key extends ApiKey>(
  { key, version, count }: { readonly key: Key; readonly version: number; readonly count: number },
  fields: (index: number) => unknown,
  seen: (response: Answer<Key>) => void,
): Promise<void> {
  const peers = await Promise.all(Array.from({ length: 100 }, () => broker.connect()));
  let sent = 0;
  const run = async (peer: WireClient): Promise<void> => {
    while (sent < count) {
      const from = sent;
      sent = Math.min(count, from + 100);
      const frames = Array.from({ length: sent - from }, (_, at) =>
        requestFrame(key, version, fields(from + at)),
      );
      peer.socket.write(Buffer.concat(frames));
      for (let left = frames.length; left > 0; left--) {
        const frame = await peer.receive();
        assert.ok(frame !== null);
        const reader = new Reader(frame);
        decodeResponseHeader(reader, responseHeaderVersion(key, version));
        seen(apiCodecs[key].decodeResponse(reader, version) as Answer<Key>);
      }
    }
    peer.socket.destroy();
  };
  await Promise.all(peers.map(run));
}

async function bounded(
  context: { diagnostic(message: string): void },
  mibMax: number,
  attack: () => Promise<void>,
): Promise<void> {
  const startMs = performance.now();
  const grown = await broker.boundsMemory(mibMax * mib, async () => {
    await Promise.all([attack(), healthy.goesOn()]);
  });
  const { metrics, heldBytes } = await broker.report();
  const longest = metrics.filter((line) => /longest_step.*(Group|Offset)/.test(line)).join("; ");
  const took = Math.round(performance.now() - startMs);
  context.diagnostic(
    `${took} ms, grew by ${Math.round(grown / mib)} MiB, holds ${Math.round(heldBytes / mib)}; ${longest}`,
  );
}

/** Counts by error. */
class Tally {
  readonly counts = new Map<number, number>();
  add(errorCode: number): void {
    this.counts.set(errorCode, (this.counts.get(errorCode) ?? 0) + 1);
  }
  of(errorCode: number): number {
    return this.counts.get(errorCode) ?? 0;
  }
  get text(): string {
    return JSON.stringify([...this.counts]);
  }
}

function join(groupId: string, memberId = "", metadata = new Uint8Array(0)): object {
  return {
    groupId,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    memberId,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata }],
  };
}

function committed(partitionIndex: number, committedOffset: bigint, committedMetadata = ""): object {
  return { partitionIndex, committedOffset, committedLeaderEpoch: -1, committedMetadata };
}

/** Commits offset 1; answers the errors by partition. */
async function commit(groupId: string, partitions: readonly number[], metadata = ""): Promise<number[]> {
  const answer = await client.ask(apiKeys.OffsetCommit, 8, {
    groupId,
    generationIdOrMemberEpoch: -1,
    topics: [
      {
        name: topic,
        partitions: partitions.map((index) => committed(index, 1n, metadata)) as never,
      },
    ],
  });
  return answer.topics[0]?.partitions.map(({ errorCode }) => errorCode) ?? [];
}

test("20,000 joins of one group get ids up to a limit, then GROUP_MAX_SIZE_REACHED", async (context) => {
  await bounded(context, 144, async () => {
    const tally = new Tally();
    await flood(
      { key: apiKeys.JoinGroup, version: 5, count: 20_000 },
      () => join("crowd"),
      ({ errorCode }) => tally.add(errorCode),
    );
    assert.equal(tally.of(errors.MEMBER_ID_REQUIRED.code), 10_000, tally.text);
    assert.equal(tally.of(errors.GROUP_MAX_SIZE_REACHED.code), 10_000, tally.text);
  });
  const other = await client.ask(apiKeys.JoinGroup, 5, join("not-crowded") as never);
  assert.equal(other.errorCode, errors.MEMBER_ID_REQUIRED.code);
});

test("joins of 10,000 groups are all answered", async (context) => {
  await bounded(context, 192, async () => {
    const tally = new Tally();
    await flood(
      { key: apiKeys.JoinGroup, version: 5, count: 10_000 },
      (index) => join(`crowd-${index}`),
      ({ errorCode }) => tally.add(errorCode),
    );
    assert.equal(tally.of(errors.MEMBER_ID_REQUIRED.code), 10_000, tally.text);
  });
});

test("10,000 groups with offsets are kept, listed and fetched", async (context) => {
  await bounded(context, 176, async () => {
    const tally = new Tally();
    await flood(
      { key: apiKeys.OffsetCommit, version: 8, count: 10_000 },
      (index) => ({
        groupId: `kept-${index}`,
        generationIdOrMemberEpoch: -1,
        topics: [{ name: topic, partitions: [committed(0, BigInt(index))] }],
      }),
      (answer) => tally.add(answer.topics[0]?.partitions[0]?.errorCode ?? -1),
    );
    assert.equal(tally.of(0), 10_000, tally.text);
    const listed = await client.ask(apiKeys.ListGroups, 4, {});
    assert.ok(listed.groups.length >= 10_000);
    const groups = Array.from({ length: 10_000 }, (_, index) => ({ groupId: `kept-${index}`, topics: null }));
    const fetched = await client.ask(apiKeys.OffsetFetch, 8, { groups });
    assert.equal(fetched.groups[7]?.topics[0]?.partitions[0]?.committedOffset, 7n);
    const groupIds = groups.map(({ groupId }) => groupId);
    const described = await client.ask(apiKeys.DescribeGroups, 5, { groups: groupIds });
    assert.equal(described.groups.length, 10_000);
    const deleted = await client.ask(apiKeys.DeleteGroups, 2, { groupsNames: groupIds });
    assert.ok(deleted.results.every(({ errorCode }) => errorCode === 0));
  });
});

test("a million partitions in commits, fetches and deletions are answered one by one", async (context) => {
  const partitions = Array.from({ length: 250_000 }, (_, index) => index);
  await bounded(context, 320, async () => {
    const tally = new Tally();
    for (const code of await commit("wide", partitions)) tally.add(code);
    assert.equal(tally.of(0), 3, tally.text);
    assert.equal(tally.of(errors.UNKNOWN_TOPIC_OR_PARTITION.code), partitions.length - 3, tally.text);
    const topics = [{ name: topic, partitionIndexes: partitions }];
    const fetched = await client.ask(apiKeys.OffsetFetch, 8, { groups: [{ groupId: "wide", topics }] });
    const answered = fetched.groups[0]?.topics[0]?.partitions ?? [];
    assert.equal(answered.length, partitions.length);
    assert.equal(answered.filter(({ committedOffset }) => committedOffset === 1n).length, 3);
    const again = await client.ask(apiKeys.OffsetFetch, 7, { groupId: "wide", topics });
    assert.equal(again.topics[0]?.partitions.length, partitions.length);
    const named = partitions.map((partitionIndex) => ({ partitionIndex }));
    const removed = await client.ask(apiKeys.OffsetDelete, 0, {
      groupId: "wide",
      topics: [{ name: topic, partitions: named }],
    });
    assert.equal(removed.topics[0]?.partitions.length, partitions.length);
  });
});

test("metadata of a commit above offset.metadata.max.bytes is refused for its partition alone", async () => {
  for (const [length, code] of [
    [4096, 0],
    [4097, errors.OFFSET_METADATA_TOO_LARGE.code],
    [30_000, errors.OFFSET_METADATA_TOO_LARGE.code],
  ] as const) {
    assert.deepEqual(await commit("talkative", [0], "x".repeat(length)), [code]);
  }
  const partitions = [committed(0, 5n, "x".repeat(5000)), committed(1, 6n, "short")];
  const answer = await client.ask(apiKeys.OffsetCommit, 8, {
    groupId: "talkative",
    generationIdOrMemberEpoch: -1,
    topics: [{ name: topic, partitions: partitions as never }],
  });
  assert.deepEqual(
    answer.topics[0]?.partitions.map(({ errorCode }) => errorCode),
    [errors.OFFSET_METADATA_TOO_LARGE.code, 0],
  );
});

/** A member that nobody waits for: below version 4 a join needs no id. Answers the error, if any, at once. */
async function abandonedJoin(groupId: string, metadata: Uint8Array): Promise<number | null> {
  const peer = await broker.connect();
  peer.socket.write(requestFrame(apiKeys.JoinGroup, 3, join(groupId, "", metadata)));
  const answer = await Promise.race([peer.receive(), healthy.goesOn(1).then(() => null)]);
  peer.socket.destroy();
  if (answer === null) return null;
  const reader = new Reader(answer);
  decodeResponseHeader(reader, responseHeaderVersion(apiKeys.JoinGroup, 3));
  return apiCodecs[apiKeys.JoinGroup].decodeResponse(reader, 3).errorCode;
}

test("members of 1 MiB each are taken up to what a group may hold", async (context) => {
  await bounded(context, 160, async () => {
    const tally = new Tally();
    const metadata = new Uint8Array(mib).fill(1);
    for (let index = 0; index < 80; index++) tally.add((await abandonedJoin("heavy", metadata)) ?? 0);
    assert.ok(tally.of(errors.GROUP_MAX_SIZE_REACHED.code) > 0, tally.text);
    assert.equal(await abandonedJoin("heavy", metadata), errors.GROUP_MAX_SIZE_REACHED.code);
  });
  const other = await client.ask(apiKeys.JoinGroup, 5, join("light") as never);
  assert.equal(other.errorCode, errors.MEMBER_ID_REQUIRED.code);
});

test("an assignment too large for the log is refused, and its group goes on", async () => {
  const first = await client.ask(apiKeys.JoinGroup, 5, join("assigned") as never);
  const joined = await client.ask(apiKeys.JoinGroup, 5, join("assigned", first.memberId) as never);
  assert.equal(joined.errorCode, 0);
  const sync = (bytes: number) => ({
    groupId: "assigned",
    generationId: joined.generationId,
    memberId: joined.memberId,
    assignments: [{ memberId: joined.memberId, assignment: new Uint8Array(bytes) }],
  });
  await healthy.goesOn(1);
  const large = await client.ask(apiKeys.SyncGroup, 3, sync(8 * mib));
  assert.equal(large.errorCode, errors.UNKNOWN_SERVER_ERROR.code);
  const again = await client.ask(apiKeys.JoinGroup, 5, join("assigned", first.memberId) as never);
  assert.equal(again.errorCode, 0);
  const small = await client.ask(apiKeys.SyncGroup, 3, { ...sync(10), generationId: again.generationId });
  assert.deepEqual([small.errorCode, small.assignment.length], [0, 10]);
});

test("names of the language are group ids, member ids and topics like any other", async () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    await createTopic(client, name, 1);
    const unknown = await client.ask(apiKeys.Heartbeat, 3, {
      groupId: name,
      generationId: 1,
      memberId: name,
    });
    assert.equal(unknown.errorCode, errors.UNKNOWN_MEMBER_ID.code);
    const stranger = await client.ask(apiKeys.JoinGroup, 5, join(name, name) as never);
    assert.equal(stranger.errorCode, errors.UNKNOWN_MEMBER_ID.code);
    const fixed = {
      ...join(name),
      groupInstanceId: name,
      protocolType: name,
      protocols: [{ name, metadata: new Uint8Array(1) }],
    };
    const joined = await client.ask(apiKeys.JoinGroup, 5, fixed as never);
    assert.deepEqual([joined.errorCode, joined.protocolName], [0, name]);
    const { generationId, memberId } = joined;
    const assignments = [{ memberId, assignment: Uint8Array.of(7) }];
    const synced = await client.ask(apiKeys.SyncGroup, 3, {
      groupId: name,
      generationId,
      memberId,
      groupInstanceId: name,
      assignments,
    });
    assert.deepEqual([synced.errorCode, [...synced.assignment]], [0, [7]]);
    const committing = await client.ask(apiKeys.OffsetCommit, 8, {
      groupId: name,
      generationIdOrMemberEpoch: generationId,
      memberId,
      groupInstanceId: name,
      topics: [{ name, partitions: [committed(0, 3n, name)] as never }],
    });
    assert.equal(committing.topics[0]?.partitions[0]?.errorCode, 0);
    const fetched = await client.ask(apiKeys.OffsetFetch, 8, { groups: [{ groupId: name, topics: null }] });
    const offset = fetched.groups[0]?.topics[0]?.partitions[0];
    assert.deepEqual([offset?.committedOffset, offset?.metadata], [3n, name]);
    const described = await client.ask(apiKeys.DescribeGroups, 5, { groups: [name] });
    assert.equal(described.groups[0]?.members[0]?.groupInstanceId, name);
    const left = await client.ask(apiKeys.LeaveGroup, 4, {
      groupId: name,
      members: [{ memberId: "", groupInstanceId: name }],
    });
    assert.equal(left.members[0]?.errorCode, 0);
    const deleted = await client.ask(apiKeys.DeleteGroups, 2, { groupsNames: [name] });
    assert.equal(deleted.results[0]?.errorCode, 0);
  }
});

test("group ids that are none are INVALID_GROUP_ID; long ones and odd ones are ids", async () => {
  const invalid = errors.INVALID_GROUP_ID.code;
  assert.equal((await client.ask(apiKeys.JoinGroup, 5, join("") as never)).errorCode, invalid);
  assert.equal((await client.ask(apiKeys.SyncGroup, 3, { groupId: "" })).errorCode, invalid);
  assert.equal((await client.ask(apiKeys.Heartbeat, 3, { groupId: "" })).errorCode, invalid);
  assert.equal((await client.ask(apiKeys.LeaveGroup, 4, { groupId: "" })).errorCode, invalid);
  for (const groupId of ["g".repeat(32_000), "../../up", "a\u0000b", "\ud83d\ude00", " ", "a/b"]) {
    assert.deepEqual(await commit(groupId, [0]), [0], groupId.slice(0, 20));
  }
});

test("a group of group.max.size is full", async () => {
  const small = await ObservedBroker.start({
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "group.max.size": "2",
    "group.initial.rebalance.delay.ms": "500",
  });
  try {
    const peers = await Promise.all(Array.from({ length: 3 }, () => small.connect()));
    const [first, second, third] = peers as [WireClient, WireClient, WireClient];
    await first.ask(apiKeys.FindCoordinator, 4, { keyType: 0, coordinatorKeys: ["full"] });
    const ids: string[] = [];
    for (const peer of [first, second]) {
      let answer = await peer.ask(apiKeys.JoinGroup, 5, join("full") as never);
      for (let tries = 0; tries < 500 && answer.errorCode !== errors.MEMBER_ID_REQUIRED.code; tries++) {
        await new Promise((wake) => setTimeout(wake, 20));
        answer = await peer.ask(apiKeys.JoinGroup, 5, join("full") as never);
      }
      ids.push(answer.memberId);
    }
    const joined = await Promise.all(
      [first, second].map((peer, index) => peer.ask(apiKeys.JoinGroup, 5, join("full", ids[index]) as never)),
    );
    assert.deepEqual(
      joined.map(({ errorCode, generationId }) => [errorCode, generationId]),
      [
        [0, 1],
        [0, 1],
      ],
    );
    const refused = await third.ask(apiKeys.JoinGroup, 5, join("full") as never);
    assert.equal(refused.errorCode, errors.GROUP_MAX_SIZE_REACHED.code);
  } finally {
    await small.remove();
  }
});

test("the healthy client lost nothing, and no handler failed", async (context) => {
  context.diagnostic(`p99 of ${healthy.produced} round trips: ${Math.round(await healthy.stop())} ms`);
  assert.equal((await broker.report()).bugs, 0);
});
