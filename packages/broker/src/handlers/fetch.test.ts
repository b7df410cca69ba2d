import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodeZip } from "@ottla/ports";
import {
  batchEnd,
  decodeFetchResponse,
  errors,
  type FetchRequest,
  type FetchResponse,
  makeFetchRequest,
  makeFetchRequestFetchPartition,
  makeFetchRequestFetchTopic,
  makeFetchRequestForgottenTopic,
  makeFetchRequestReplicaState,
  Reader,
  readRecords,
  type Uuid,
  Writer,
} from "@ottla/protocol";
import type { RequestContext } from "../dispatch/request-context.ts";
import { type Asked, batchOf, DataPlaneBroker, topicIds } from "../testing/data-plane-broker.ts";
import { handleFetch } from "./fetch.ts";
import { encodeFetchReply, type FetchReply } from "./fetch-reply.ts";

/** What to fetch of a topic: partition index to offset. */
type Wanted = Readonly<Record<string, Readonly<Record<number, number>>>>;

function fetchRequest(
  wanted: Wanted,
  fields: Partial<FetchRequest> = {},
  perPartition: Partial<FetchRequest.FetchPartition> = {},
): FetchRequest {
  return makeFetchRequest({
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 1_000_000,
    sessionEpoch: -1,
    topics: Object.entries(wanted).map(([topic, offsets]) =>
      makeFetchRequestFetchTopic({
        topic,
        partitions: Object.entries(offsets).map(([partition, offset]) =>
          makeFetchRequestFetchPartition({
            partition: Number(partition),
            fetchOffset: BigInt(offset),
            partitionMaxBytes: 1_000_000,
            ...perPartition,
          }),
        ),
      }),
    ),
    ...fields,
  });
}

/** A Fetch under way, whose answer is taken off the wire as a client does. */
interface Poll {
  readonly asked: Asked<FetchReply>;
  /** The encoded answer; null: not yet. */
  bytes(): FetchResponse | null;
}

function fetch(
  on: DataPlaneBroker,
  request: FetchRequest,
  version = 12,
  context: Partial<RequestContext> = {},
): Poll {
  let written: FetchResponse | null = null;
  // Encoded within the reply, as dispatch does: the partitions belong to the next poll afterwards.
  const asked = on.ask<FetchRequest, FetchReply>(
    (broker, full, from, reply) =>
      handleFetch(broker, full, from, (response, sent) => {
        if (response !== null) written = onWire(response, version);
        reply(response, sent);
      }),
    version,
    request,
    context,
  );
  return { asked, bytes: () => written };
}

function onWire(reply: FetchReply, version: number): FetchResponse {
  const writer = new Writer();
  encodeFetchReply(writer, reply, version);
  return decodeFetchResponse(new Reader(writer.toBytes()), version);
}

function answered(on: DataPlaneBroker, poll: Poll): FetchResponse {
  on.answered(poll.asked);
  poll.asked.sent?.();
  const response = poll.bytes();
  assert.ok(response);
  return response;
}

function partitions(response: FetchResponse): FetchResponse.PartitionData[] {
  return response.responses.flatMap((topic) => topic.partitions);
}

function only(response: FetchResponse): FetchResponse.PartitionData {
  const all = partitions(response);
  assert.equal(all.length, 1);
  return all[0] as FetchResponse.PartitionData;
}

function values(partition: FetchResponse.PartitionData): string[] {
  const found: string[] = [];
  const bytes = partition.records ?? new Uint8Array(0);
  for (let at = 0, end: number; (end = batchEnd(bytes, at, bytes.length)) > 0; at = end) {
    for (const record of readRecords(bytes, at, createNodeZip())) {
      found.push(new TextDecoder().decode(record.value ?? undefined));
    }
  }
  return found;
}

function append(on: DataPlaneBroker, texts: readonly string[], topic = "t", index = 0): void {
  on.partition(topic, index).appendAsLeader(
    batchOf(texts),
    { origin: "client", requiredAcks: 1 },
    (outcome) => {
      assert.equal(outcome.kind, "appended");
    },
  );
}

function brokerWith(...batches: string[][]): DataPlaneBroker {
  const on = new DataPlaneBroker();
  on.createTopic("t", { partitions: 3 });
  for (const batch of batches) append(on, batch);
  on.settle();
  return on;
}

test("records below the high watermark are read at once, from the batch that holds the offset", () => {
  const on = brokerWith(["a", "b"], ["c"]);
  const answer = only(answered(on, fetch(on, fetchRequest({ t: { 0: 1 } }))));
  assert.deepEqual(values(answer), ["a", "b", "c"]);
  assert.equal(answer.highWatermark, 3n);
  assert.equal(answer.lastStableOffset, 3n);
  assert.equal(answer.logStartOffset, 0n);
  assert.equal(answer.abortedTransactions, null);
});

test("a reader of committed records gets a list of aborted transactions, empty when there are none", () => {
  const on = brokerWith(["a"]);
  const answer = only(answered(on, fetch(on, fetchRequest({ t: { 0: 0 } }, { isolationLevel: 1 }))));
  assert.deepEqual(answer.abortedTransactions, []);
  assert.deepEqual(values(answer), ["a"]);
});

test("a poll at the end waits and is answered by the next durable append, once", () => {
  const on = brokerWith(["a"]);
  const poll = fetch(on, fetchRequest({ t: { 0: 1, 1: 0 } }, { maxWaitMs: 30_000 }));
  on.settle();
  assert.equal(poll.asked.answer, undefined);
  append(on, ["b"]);
  assert.equal(poll.asked.answer, undefined);
  const response = answered(on, poll);
  assert.deepEqual(partitions(response).map(values), [["b"], []]);
  assert.equal(on.partition().waitingCount, 0);
  assert.equal(on.partition("t", 1).waitingCount, 0);
});

test("a poll without news is answered with nothing when its time is up", () => {
  const on = brokerWith(["a"]);
  const startMs = on.world.nowMs;
  const poll = fetch(on, fetchRequest({ t: { 0: 1 } }, { maxWaitMs: 500 }));
  const answer = only(answered(on, poll));
  assert.ok(on.world.nowMs - startMs >= 500 && on.world.nowMs - startMs < 520);
  assert.deepEqual(values(answer), []);
  assert.equal(answer.errorCode, 0);
  assert.equal(on.partition().waitingCount, 0);
});

test("a poll that does not want to wait is answered at once", () => {
  const on = brokerWith(["a"]);
  for (const fields of [{ maxWaitMs: 0 }, { minBytes: 0 }]) {
    assert.notEqual(fetch(on, fetchRequest({ t: { 0: 1 } }, fields)).asked.answer, undefined);
  }
});

test("a poll waits until the minimum of bytes is there over all its partitions", () => {
  const on = brokerWith();
  const size = batchOf(["x".repeat(100)]).length;
  const poll = fetch(on, fetchRequest({ t: { 0: 0, 1: 0 } }, { maxWaitMs: 30_000, minBytes: 2 * size }));
  append(on, ["x".repeat(100)]);
  on.settle();
  assert.equal(poll.asked.answer, undefined);
  append(on, ["y".repeat(100)], "t", 1);
  const response = answered(on, poll);
  assert.deepEqual(
    partitions(response).map((partition) => values(partition).length),
    [1, 1],
  );
});

test("the first batch comes whole even above every limit, and the others not at all", () => {
  const on = brokerWith(["x".repeat(500)]);
  append(on, ["y".repeat(500)], "t", 1);
  on.settle();
  const poll = fetch(on, fetchRequest({ t: { 0: 0, 1: 0 } }, { maxBytes: 10 }, { partitionMaxBytes: 5 }));
  const [first, second] = partitions(answered(on, poll));
  assert.deepEqual(values(first as never), ["x".repeat(500)]);
  assert.equal(second?.records?.length, 0);
});

test("the shared limit is used up in the order of the partitions", () => {
  const on = brokerWith(["x".repeat(500)]);
  for (const index of [1, 2]) append(on, ["y".repeat(500)], "t", index);
  on.settle();
  const size = batchOf(["x".repeat(500)]).length;
  const poll = fetch(on, fetchRequest({ t: { 0: 0, 1: 0, 2: 0 } }, { maxBytes: 2 * size }));
  const sizes = partitions(answered(on, poll)).map(({ records }) => records?.length);
  assert.deepEqual(sizes, [size, size, 0]);
});

test("an offset outside of the log is an error, one between high watermark and log end is not", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [1, 2] });
  append(on, ["a"]);
  on.settle();
  assert.equal(on.partition().log?.highWatermark, 0);
  const atEnd = only(answered(on, fetch(on, fetchRequest({ t: { 0: 1 } }, { maxWaitMs: 0 }))));
  assert.equal(atEnd.errorCode, 0);
  for (const offset of [2, -1]) {
    const answer = only(answered(on, fetch(on, fetchRequest({ t: { 0: offset } }))));
    assert.equal(answer.errorCode, errors.OFFSET_OUT_OF_RANGE.code);
    assert.equal(answer.highWatermark, -1n);
    assert.equal(answer.abortedTransactions, null);
  }
});

test("errors of a partition do not wait and do not hold up others", () => {
  const on = brokerWith(["a"]);
  const poll = fetch(on, fetchRequest({ t: { 0: 0, 9: 0 }, __proto__x: { 0: 0 } }, { minBytes: 1_000_000 }));
  const codes = partitions(answered(on, poll)).map(({ errorCode }) => errorCode);
  const unknown = errors.UNKNOWN_TOPIC_OR_PARTITION.code;
  // Refused partitions come last, as in Apache Kafka; this poll waits for its minimum first.
  assert.deepEqual(codes, [0, unknown, unknown]);
});

test("a reader in another leader epoch is fenced or told to wait", () => {
  const on = brokerWith(["a"]);
  on.changePartition("t", { leader: 1 });
  for (const [currentLeaderEpoch, error] of [
    [0, errors.FENCED_LEADER_EPOCH],
    [1, errors.NONE],
    [2, errors.UNKNOWN_LEADER_EPOCH],
  ] as const) {
    const response = answered(on, fetch(on, fetchRequest({ t: { 0: 0 } }, {}, { currentLeaderEpoch })));
    assert.equal(only(response).errorCode, error.code);
  }
});

test("before version 11 only the leader serves consumers, from then on a follower does too", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [2, 1], leader: 2 });
  const old = only(answered(on, fetch(on, fetchRequest({ t: { 0: 0 } }), 10)));
  assert.equal(old.errorCode, errors.NOT_LEADER_OR_FOLLOWER.code);
  const young = only(answered(on, fetch(on, fetchRequest({ t: { 0: 0 } }), 12)));
  assert.equal(young.errorCode, 0);
});

test("version 16 names the leader and its address", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [2, 1], leader: 2 });
  on.changePartition("t", { leader: 3 });
  const request = byId(fetchRequest({ t: { 0: 0 } }, {}, { currentLeaderEpoch: 0 }));
  const response = answered(on, fetch(on, request, 16));
  assert.equal(only(response).errorCode, errors.FENCED_LEADER_EPOCH.code);
  assert.deepEqual({ ...only(response).currentLeader }, { leaderId: 3, leaderEpoch: 1 });
  assert.deepEqual(
    response.nodeEndpoints.map(({ host }) => host),
    ["broker-3"],
  );
});

test("a follower that asks the wrong node is told the leader but no address", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [2, 1], leader: 2 });
  const replicaState = { replicaId: 3, replicaEpoch: 5n };
  const response = answered(on, fetch(on, byId(fetchRequest({ t: { 0: 0 } }, { replicaState })), 16));
  assert.equal(only(response).errorCode, errors.NOT_LEADER_OR_FOLLOWER.code);
  assert.equal(only(response).currentLeader.leaderId, 2);
  assert.deepEqual(response.nodeEndpoints, []);
});

test("a negative limit of bytes is an error, of a partition as of the whole answer", () => {
  const on = brokerWith(["a"]);
  for (const request of [
    fetchRequest({ t: { 0: 0 } }, { maxBytes: -1 }),
    fetchRequest({ t: { 0: 0 } }, {}, { partitionMaxBytes: -1 }),
  ]) {
    const partition = only(answered(on, fetch(on, request, 12)));
    assert.equal(partition.errorCode, errors.UNKNOWN_SERVER_ERROR.code);
    assert.equal(partition.abortedTransactions, null);
  }
});

test("topics are fetched by id; an unknown id and one of a topic made anew are told apart", () => {
  const on = brokerWith(["a"]);
  assert.deepEqual(values(only(answered(on, fetch(on, byId(fetchRequest({ t: { 0: 0 } })), 13)))), ["a"]);
  const unknown = byId(fetchRequest({ t: { 0: 0 } }), topicIds.u);
  assert.equal(only(answered(on, fetch(on, unknown, 13))).errorCode, errors.UNKNOWN_TOPIC_ID.code);
  const open = answered(
    on,
    fetch(on, { ...byId(fetchRequest({ t: { 0: 1 } }, { sessionEpoch: 0, maxWaitMs: 0 })) }, 13),
  );
  on.deleteTopic("t");
  on.createTopic("t", { id: topicIds.again as Uuid });
  const { sessionId } = open;
  const again = fetch(
    on,
    makeFetchRequest({ sessionId, sessionEpoch: 1, maxBytes: 1000, minBytes: 1, maxWaitMs: 500 }),
    13,
  );
  assert.equal(only(answered(on, again)).errorCode, errors.INCONSISTENT_TOPIC_ID.code);
});

test("within a session a poll names what changed only, and waits as any other", () => {
  const on = brokerWith(["a"]);
  const open = answered(
    on,
    fetch(on, fetchRequest({ t: { 0: 1, 1: 0, 2: 0 } }, { sessionEpoch: 0, maxWaitMs: 0 })),
  );
  assert.equal(partitions(open).length, 3);
  const { sessionId } = open;
  const poll = fetch(on, makeFetchRequest({ sessionId, sessionEpoch: 1, maxWaitMs: 30_000, minBytes: 1 }));
  on.settle();
  assert.equal(poll.asked.answer, undefined);
  append(on, ["x"], "t", 2);
  const response = answered(on, poll);
  assert.equal(response.sessionId, sessionId);
  assert.deepEqual(
    partitions(response).map(({ partitionIndex }) => partitionIndex),
    [2],
  );
  assert.deepEqual(values(only(response)), ["x"]);
  const quiet = answered(
    on,
    fetch(on, {
      ...fetchRequest({ t: { 2: 1 } }, { sessionId, sessionEpoch: 2, maxWaitMs: 0 }),
      forgottenTopicsData: [makeFetchRequestForgottenTopic({ topic: "t", partitions: [1] })],
    }),
  );
  assert.deepEqual(partitions(quiet), []);
});

test("a session's next request takes over a poll that still waits", () => {
  const on = brokerWith(["a"]);
  const { sessionId } = answered(
    on,
    fetch(on, fetchRequest({ t: { 0: 1 } }, { sessionEpoch: 0, maxWaitMs: 0 })),
  );
  const first = fetch(on, makeFetchRequest({ sessionId, sessionEpoch: 1, maxWaitMs: 30_000, minBytes: 1 }));
  const second = fetch(on, makeFetchRequest({ sessionId, sessionEpoch: 2, maxWaitMs: 30_000, minBytes: 1 }));
  assert.equal(answered(on, first).errorCode, errors.INVALID_FETCH_SESSION_EPOCH.code);
  append(on, ["b"]);
  assert.deepEqual(values(only(answered(on, second))), ["b"]);
});

test("an answer that is still being written is taken back when its session goes on without it", () => {
  const on = new DataPlaneBroker();
  const partitions = 1001;
  on.createTopic("t", { partitions });
  const wanted = { t: Object.fromEntries(Array.from({ length: partitions }, (_, index) => [index, 0])) };
  const opening = fetchRequest(wanted, { sessionEpoch: 0, maxWaitMs: 0 });
  const { sessionId } = on.answered(on.ask(handleFetch, 12, opening));
  // Every partition has news: its high watermark is no longer what was told.
  for (const partition of on.broker.fetchSessions.find(sessionId)?.partitions() ?? [])
    partition.sentHighWatermark = -2;
  const poll = (sessionEpoch: number): FetchRequest =>
    makeFetchRequest({ sessionId, sessionEpoch, maxWaitMs: 0 });
  const first: Asked<FetchReply> = on.ask(handleFetch, 12, poll(1), {
    takeBack: () => {
      first.answer = undefined;
      return true;
    },
  });
  assert.equal(on.answered(first).partitions.length, partitions);
  const second = on.ask<FetchRequest, FetchReply>(handleFetch, 12, poll(2));
  assert.equal(on.answered(first).errorCode, errors.INVALID_FETCH_SESSION_EPOCH.code);
  assert.equal(on.answered(second).errorCode, 0);
});

test("a reader that disconnects leaves nothing behind; its session lives on", () => {
  const on = brokerWith(["a"]);
  const loose = fetch(on, fetchRequest({ t: { 0: 1 } }, { maxWaitMs: 30_000 }));
  assert.equal(on.partition().waitingCount, 1);
  loose.asked.disconnect();
  assert.equal(on.partition().waitingCount, 0);
  const { sessionId } = answered(
    on,
    fetch(on, fetchRequest({ t: { 0: 1 } }, { sessionEpoch: 0, maxWaitMs: 0 })),
  );
  const poll = fetch(on, makeFetchRequest({ sessionId, sessionEpoch: 1, maxWaitMs: 30_000, minBytes: 1 }));
  poll.asked.disconnect();
  append(on, ["b"]);
  on.settle();
  assert.equal(poll.asked.answer, undefined);
  assert.equal(on.partition().waitingCount, 0);
  const next = fetch(on, makeFetchRequest({ sessionId, sessionEpoch: 2, maxBytes: 1000, maxWaitMs: 0 }));
  assert.deepEqual(values(only(answered(on, next))), ["b"]);
});

test("a poll that waits is told when the leader changes and when the topic is deleted", () => {
  const deleted = brokerWith(["a"]);
  const one = fetch(deleted, fetchRequest({ t: { 0: 1 } }, { maxWaitMs: 30_000 }));
  deleted.deleteTopic("t");
  deleted.settle();
  assert.equal(only(answered(deleted, one)).errorCode, errors.UNKNOWN_TOPIC_OR_PARTITION.code);
  const moved = new DataPlaneBroker();
  moved.createTopic("t", { replicas: [1, 2] });
  const two = fetch(moved, fetchRequest({ t: { 0: 0 } }, { maxWaitMs: 30_000 }, { currentLeaderEpoch: 0 }));
  moved.changePartition("t", { leader: 2 });
  moved.settle();
  assert.equal(only(answered(moved, two)).errorCode, errors.FENCED_LEADER_EPOCH.code);
});

test("a follower reads beyond the high watermark and moves it by fetching on", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [1, 2] });
  append(on, ["a", "b"]);
  on.settle();
  const follower = (offset: number, fields: Partial<FetchRequest> = {}): Poll =>
    fetch(
      on,
      fetchRequest(
        { t: { 0: offset } },
        { replicaId: 2, maxWaitMs: 100, ...fields },
        { currentLeaderEpoch: 0 },
      ),
    );
  assert.deepEqual(values(only(answered(on, follower(0)))), ["a", "b"]);
  assert.equal(on.partition().log?.highWatermark, 0);
  const consumer = fetch(on, fetchRequest({ t: { 0: 0 } }, { maxWaitMs: 30_000 }));
  answered(on, follower(2));
  assert.equal(on.partition().log?.highWatermark, 2);
  assert.deepEqual(values(only(answered(on, consumer))), ["a", "b"]);
});

test("a fetch of a node that is no replica does not count", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [1, 2] });
  for (const [currentLeaderEpoch, error] of [
    [0, errors.UNKNOWN_LEADER_EPOCH],
    [-1, errors.NOT_LEADER_OR_FOLLOWER],
  ] as const) {
    const poll = fetch(on, fetchRequest({ t: { 0: 0 } }, { replicaId: 3 }, { currentLeaderEpoch }));
    assert.equal(only(answered(on, poll)).errorCode, error.code);
  }
});

test("a follower is answered at once when it does not know the high watermark (v18)", () => {
  const on = brokerWith(["a"]);
  on.createTopic("u", { replicas: [1, 2] });
  append(on, ["a"], "u");
  on.settle();
  const replicaState = makeFetchRequestReplicaState({ replicaId: 2, replicaEpoch: 2n });
  const ask = (highWatermark: bigint): Poll =>
    fetch(
      on,
      byId(fetchRequest({ u: { 0: 1 } }, { replicaState, maxWaitMs: 30_000 }, { highWatermark }), topicIds.u),
      18,
    );
  const first = ask(0n);
  const answer = only(answered(on, first));
  assert.equal(answer.highWatermark, 1n);
  assert.ok(on.world.nowMs < 30_000);
});

test("a log that parted from the leader's is told where", () => {
  const on = brokerWith(["a"], ["b"]);
  on.changePartition("t", { leader: 1 });
  append(on, ["c"]);
  on.settle();
  const poll = fetch(on, fetchRequest({ t: { 0: 3 } }, {}, { currentLeaderEpoch: 1, lastFetchedEpoch: 0 }));
  const answer = only(answered(on, poll));
  assert.equal(answer.errorCode, 0);
  assert.deepEqual({ ...answer.divergingEpoch }, { epoch: 0, endOffset: 2n });
  assert.equal(answer.records?.length, 0);
  const well = fetch(on, fetchRequest({ t: { 0: 2 } }, {}, { currentLeaderEpoch: 1, lastFetchedEpoch: 0 }));
  assert.deepEqual(values(only(answered(on, well))), ["c"]);
});

test("topics that a client may not read are refused, and followers need the right of the cluster", () => {
  const on = new DataPlaneBroker({ authorizer: { isAllowed: ({ name }) => name === "u" } });
  on.createTopic("t");
  on.createTopic("u");
  const codes = partitions(
    answered(on, fetch(on, fetchRequest({ t: { 0: 0 }, u: { 0: 0 }, nowhere: { 0: 0 } }))),
  ).map(({ errorCode }) => errorCode);
  const refused = errors.TOPIC_AUTHORIZATION_FAILED.code;
  assert.deepEqual(codes, [0, refused, refused]);
  const follower = fetch(on, fetchRequest({ u: { 0: 0 } }, { replicaId: 2 }));
  assert.equal(only(answered(on, follower)).errorCode, refused);
});

function byId(request: FetchRequest, topicId: Uuid | undefined = topicIds.t): FetchRequest {
  for (const topic of request.topics) {
    topic.topic = "";
    topic.topicId = topicId as Uuid;
  }
  return { ...request, replicaId: -1 };
}
