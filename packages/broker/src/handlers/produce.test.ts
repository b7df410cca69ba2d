import assert from "node:assert/strict";
import { test } from "node:test";
import {
  COMPRESSION_GZIP,
  crc32c,
  errors,
  makeProduceRequest,
  makeProduceRequestPartitionProduceData,
  makeProduceRequestTopicProduceData,
  type ProduceRequest,
  type ProduceResponse,
  type Uuid,
} from "@ottla/protocol";
import type { RequestContext } from "../dispatch/request-context.ts";
import { type Asked, batchOf, DataPlaneBroker, topicIds } from "../testing/data-plane-broker.ts";
import { handleProduce } from "./produce.ts";

function produceRequest(
  batches: readonly { topic?: string; topicId?: Uuid; index?: number; records: Uint8Array | null }[],
  fields: Partial<ProduceRequest> = {},
): ProduceRequest {
  return makeProduceRequest({
    acks: -1,
    timeoutMs: 5000,
    topicData: batches.map(({ topic, topicId, index, records }) =>
      makeProduceRequestTopicProduceData({
        ...(topicId === undefined ? { name: topic ?? "t" } : { topicId }),
        partitionData: [makeProduceRequestPartitionProduceData({ index: index ?? 0, records })],
      }),
    ),
    ...fields,
  });
}

function produce(
  on: DataPlaneBroker,
  request: ProduceRequest,
  version = 12,
  context: Partial<RequestContext> = {},
): Asked<ProduceResponse> {
  return on.ask(handleProduce, version, request, context);
}

function only(response: ProduceResponse): ProduceResponse.PartitionProduceResponse {
  assert.equal(response.responses.length, 1);
  const partition = response.responses[0]?.partitionResponses[0];
  assert.ok(partition);
  return partition;
}

/** The code that one partition of a fresh topic t answers. */
function codeOf(request: ProduceRequest, version?: number, context?: Partial<RequestContext>): number {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  return only(on.answered(produce(on, request, version, context))).errorCode;
}

test("acks=all is answered with the offset once the records are on disk", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  on.settle();
  const first = produce(on, produceRequest([{ records: batchOf(["a", "b"]) }]));
  assert.equal(first.isAppended, true);
  assert.equal(first.answer, undefined);
  const second = produce(on, produceRequest([{ records: batchOf(["c"]) }]));
  const answer = only(on.answered(first));
  assert.equal(answer.errorCode, 0);
  assert.equal(answer.baseOffset, 0n);
  assert.equal(answer.logAppendTimeMs, -1n);
  assert.equal(answer.logStartOffset, 0n);
  assert.equal(only(on.answered(second)).baseOffset, 2n);
  const { log } = on.partition();
  assert.equal(log?.highWatermark, 3);
  assert.equal(log?.durableEndOffset, 3);
});

test("acks=1 is answered once the records are written, before they are durable", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  on.settle();
  const asked = produce(on, produceRequest([{ records: batchOf(["a"]) }], { acks: 1 }));
  assert.equal(asked.answer, undefined);
  on.world.run({ until: () => asked.answer !== undefined });
  assert.equal(on.partition().log?.writtenEndOffset, 1);
  assert.equal(on.partition().log?.durableEndOffset, 0);
});

test("acks=0 is never answered and an error ends the connection", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  const well = produce(on, produceRequest([{ records: batchOf(["a"]) }], { acks: 0 }));
  assert.equal(well.answer, null);
  assert.equal(well.closeReason, null);
  const bad = produce(on, produceRequest([{ topic: "nowhere", records: batchOf(["a"]) }], { acks: 0 }));
  assert.equal(bad.answer, null);
  assert.notEqual(bad.closeReason, null);
});

test("each partition is answered for itself", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { partitions: 2 });
  const request = produceRequest([
    { index: 0, records: batchOf(["a"]) },
    { index: 5, records: batchOf(["a"]) },
    { topic: "__proto__", records: batchOf(["a"]) },
    { index: 1, records: batchOf(["a"]).subarray(0, 30) },
  ]);
  const { responses } = on.answered(produce(on, request));
  assert.deepEqual(
    responses.map(({ name, partitionResponses }) => [
      name,
      ...partitionResponses.map(({ errorCode }) => errorCode),
    ]),
    [
      ["t", 0, errors.UNKNOWN_TOPIC_OR_PARTITION.code, errors.INVALID_RECORD.code],
      ["__proto__", errors.UNKNOWN_TOPIC_OR_PARTITION.code],
    ],
  );
});

test("what is wrong with a request is told as Apache Kafka does", () => {
  const corrupt = batchOf(["a"]);
  corrupt[corrupt.length - 1] = (corrupt.at(-1) as number) ^ 1;
  const two = new Uint8Array([...batchOf(["a"]), ...batchOf(["b"])]);
  assert.equal(codeOf(produceRequest([{ records: corrupt }])), errors.CORRUPT_MESSAGE.code);
  assert.equal(codeOf(produceRequest([{ records: two }])), errors.INVALID_RECORD.code);
  assert.equal(codeOf(produceRequest([{ records: null }])), errors.INVALID_RECORD.code);
  assert.equal(
    codeOf(produceRequest([{ records: batchOf(["a"]) }], { acks: 2 })),
    errors.INVALID_REQUIRED_ACKS.code,
  );
  const zstd = batchOf(["a"], { compression: 4 });
  assert.equal(codeOf(produceRequest([{ records: zstd }]), 6), errors.UNSUPPORTED_COMPRESSION_TYPE.code);
  assert.equal(codeOf(produceRequest([{ records: zstd }]), 7), 0);
  const transactional = batchOf(["a"], {
    producerId: 5,
    producerEpoch: 0,
    baseSequence: 0,
    isTransactional: true,
  });
  assert.equal(
    codeOf(produceRequest([{ records: transactional }])),
    errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code,
  );
  assert.equal(
    codeOf(produceRequest([{ records: transactional }], { transactionalId: "x" })),
    errors.INVALID_PRODUCER_ID_MAPPING.code,
  );
});

test("a codec that is none is an error; before version 7 it says nothing of the log", () => {
  for (const [version, logStartOffset] of [
    [6, -1n],
    [7, 0n],
  ] as const) {
    const on = new DataPlaneBroker();
    on.createTopic("t");
    const records = batchOf(["a"]);
    // Attributes are bytes 21 and 22, the CRC-32C before them covers what follows.
    records[22] = 5;
    new DataView(records.buffer, records.byteOffset).setUint32(17, crc32c(records, 21, records.length));
    const answer = only(on.answered(produce(on, produceRequest([{ records }]), version)));
    assert.equal(answer.errorCode, errors.UNKNOWN_SERVER_ERROR.code);
    assert.equal(answer.logStartOffset, logStartOffset);
  }
});

test("a batch over the topic's limit is refused and names no log start", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  on.setTopicConfig("t", "max.message.bytes", "100");
  const answer = only(on.answered(produce(on, produceRequest([{ records: batchOf(["x".repeat(200)]) }]))));
  assert.equal(answer.errorCode, errors.MESSAGE_TOO_LARGE.code);
  assert.equal(answer.logStartOffset, -1n);
});

test("internal topics take records from the broker's own tools alone", () => {
  const on = new DataPlaneBroker();
  on.createTopic("__consumer_offsets", { id: topicIds.u as Uuid });
  const request = produceRequest([{ topic: "__consumer_offsets", records: batchOf(["a"]) }]);
  assert.equal(only(on.answered(produce(on, request))).errorCode, errors.INVALID_TOPIC_EXCEPTION.code);
  const asTool = produce(on, request, 12, { clientId: "__admin_client" });
  assert.equal(only(on.answered(asTool)).errorCode, 0);
});

test("topics are found by id from version 13 on", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  const known = produceRequest([{ topicId: topicIds.t as Uuid, records: batchOf(["a"]) }]);
  assert.equal(only(on.answered(produce(on, known, 13))).errorCode, 0);
  const unknown = produceRequest([{ topicId: topicIds.u as Uuid, records: batchOf(["a"]) }]);
  assert.equal(only(on.answered(produce(on, unknown, 13))).errorCode, errors.UNKNOWN_TOPIC_ID.code);
});

test("a client that may not write is told so per topic", () => {
  const on = new DataPlaneBroker({ authorizer: { isAllowed: ({ name }) => name !== "t" } });
  on.createTopic("t");
  on.createTopic("u");
  const request = produceRequest([
    { topic: "t", records: batchOf(["a"]) },
    { topic: "u", records: batchOf(["a"]) },
    { topic: "nowhere", records: batchOf(["a"]) },
  ]);
  const codes = on
    .answered(produce(on, request))
    .responses.map((topic) => topic.partitionResponses[0]?.errorCode);
  assert.deepEqual(codes, [
    errors.TOPIC_AUTHORIZATION_FAILED.code,
    0,
    errors.UNKNOWN_TOPIC_OR_PARTITION.code,
  ]);
});

test("a follower answers with the leader and its address", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [2, 1], leader: 2 });
  const response = on.answered(produce(on, produceRequest([{ records: batchOf(["a"]) }])));
  assert.equal(only(response).errorCode, errors.NOT_LEADER_OR_FOLLOWER.code);
  assert.deepEqual({ ...only(response).currentLeader }, { leaderId: 2, leaderEpoch: 0 });
  assert.deepEqual(
    response.nodeEndpoints.map(({ nodeId, host, port }) => ({ nodeId, host, port })),
    [{ nodeId: 2, host: "broker-2", port: 9092 }],
  );
});

test("the retry of an idempotent producer gets the offset it got before and appends nothing", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  const records = batchOf(["a", "b"], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
  assert.equal(only(on.answered(produce(on, produceRequest([{ records: records.slice() }])))).baseOffset, 0n);
  assert.equal(only(on.answered(produce(on, produceRequest([{ records: records.slice() }])))).baseOffset, 0n);
  assert.equal(on.partition().log?.logEndOffset, 2);
  const gap = batchOf(["c"], { producerId: 7, producerEpoch: 0, baseSequence: 9 });
  assert.equal(
    only(on.answered(produce(on, produceRequest([{ records: gap }])))).errorCode,
    errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code,
  );
});

test("a producer id without an epoch is taken in any sequence, as in Apache Kafka, and a repeat is found", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  const ask = (baseSequence: number) => {
    const records = batchOf(["a"], { producerId: 7, producerEpoch: -1, baseSequence });
    return only(on.answered(produce(on, produceRequest([{ records }]))));
  };
  assert.deepEqual(
    [0, 0, 5].map((sequence) => ask(sequence).baseOffset),
    [0n, 0n, 1n],
  );
  assert.equal(ask(-1).errorCode, errors.INVALID_RECORD.code);
});

test("acks=all needs the minimum in sync before the append, acks=1 does not", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [1, 2], isr: [1] });
  on.setTopicConfig("t", "min.insync.replicas", "2");
  const all = only(on.answered(produce(on, produceRequest([{ records: batchOf(["a"]) }]))));
  assert.equal(all.errorCode, errors.NOT_ENOUGH_REPLICAS.code);
  const one = only(on.answered(produce(on, produceRequest([{ records: batchOf(["a"]) }], { acks: 1 }))));
  assert.equal(one.errorCode, 0);
});

test("an ack that never comes times out with the offset, and nothing stays waiting", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [1, 2] });
  const asked = produce(on, produceRequest([{ records: batchOf(["a"]) }], { timeoutMs: 200 }));
  const startMs = on.world.nowMs;
  const answer = only(on.answered(asked));
  assert.equal(answer.errorCode, errors.REQUEST_TIMED_OUT.code);
  assert.equal(answer.baseOffset, 0n);
  assert.ok(on.world.nowMs - startMs >= 200);
  assert.equal(on.partition().waitingCount, 0);
});

test("a producer that disconnects leaves nothing waiting and is not answered", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { replicas: [1, 2] });
  const asked = produce(on, produceRequest([{ records: batchOf(["a"]) }]));
  on.settle();
  assert.equal(on.partition().waitingCount, 1);
  asked.disconnect();
  assert.equal(on.partition().waitingCount, 0);
  on.world.run({ ms: 60_000 });
  assert.equal(asked.answer, undefined);
});

test("who waits for an ack is told when the leader changes or the topic is deleted", () => {
  for (const [change, error] of [
    [(on: DataPlaneBroker) => on.changePartition("t", { leader: 2 }), errors.NOT_LEADER_OR_FOLLOWER],
    [(on: DataPlaneBroker) => on.deleteTopic("t"), errors.UNKNOWN_TOPIC_OR_PARTITION],
  ] as const) {
    const on = new DataPlaneBroker();
    on.createTopic("t", { replicas: [1, 2] });
    const asked = produce(on, produceRequest([{ records: batchOf(["a"]) }]));
    on.settle();
    change(on);
    const answer = only(on.answered(asked));
    assert.equal(answer.errorCode, error.code);
    assert.equal(answer.baseOffset, 0n);
  }
});

test("a small timeout does not fail an ack that waits for this broker's own disk alone", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  const asked = produce(on, produceRequest([{ records: batchOf(["a"]) }], { timeoutMs: 0 }));
  assert.equal(only(on.answered(asked)).errorCode, 0);
});

test("what was acknowledged by acks=all is there after a power cut", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const on = new DataPlaneBroker({ seed });
    on.createTopic("t");
    const asked = [1, 2, 3, 4].map((value) =>
      produce(on, produceRequest([{ records: batchOf([`${value}`]) }])),
    );
    on.world.run({ until: () => asked[1]?.answer !== undefined });
    const acknowledged = asked.filter(({ answer }) => answer !== undefined).length;
    on.crashAndRestart();
    on.settle();
    const end = on.partition().log?.logEndOffset ?? -1;
    assert.ok(end >= acknowledged, `seed ${seed}: ${end} records, ${acknowledged} acknowledged`);
    assert.equal(on.partition().log?.highWatermark, end);
  }
});

test("every version gets an answer that it can read, also of records that were refused", () => {
  const bad = batchOf(["a"], { records: [{ timestamp: 2 ** 50, key: null, value: null }] });
  for (let version = 3; version <= 13; version += 1) {
    const on = new DataPlaneBroker();
    on.createTopic("t", { partitions: 2 });
    on.createTopic("u", { replicas: [2, 1], leader: 2 });
    const named = (name: string) => (version >= 13 ? { topicId: topicIds[name] as Uuid } : { topic: name });
    const request = produceRequest([
      { ...named("t"), records: batchOf(["a"]) },
      { ...named("t"), index: 1, records: bad.slice() },
      { ...named("u"), records: batchOf(["a"]) },
    ]);
    const { responses } = on.answered(produce(on, request, version));
    const codes = responses.flatMap(({ partitionResponses }) =>
      partitionResponses.map(({ errorCode }) => errorCode),
    );
    assert.deepEqual(codes, [0, errors.INVALID_TIMESTAMP.code, errors.NOT_LEADER_OR_FOLLOWER.code]);
  }
});

test("of a partition named twice the last records are appended, and it is answered once", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { partitions: 2 });
  const request = produceRequest([
    { records: batchOf(["a", "b", "c"]) },
    { index: 1, records: batchOf(["d"]) },
    { records: batchOf(["e"]) },
  ]);
  const response = on.answered(produce(on, request));
  assert.deepEqual(
    response.responses.flatMap(({ partitionResponses }) => partitionResponses.map(({ index }) => index)),
    [0, 1],
  );
  assert.equal(on.partition().log?.logEndOffset, 1);
});

test("an append that its log dropped is not acknowledged by others that come to stand at its offset", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t", { partitions: 2 });
  on.settle();
  const { delays, storage } = on.world.host("broker-1");
  // The request is not done with its second partition before the first one's log has failed and opened again.
  delays.poolUs = { min: 5_000_000, max: 5_000_000 };
  const noise = Array.from({ length: 3 }, () => String.fromCharCode(...on.world.random.bytes(40_000)));
  const large = batchOf(noise, { compression: COMPRESSION_GZIP });
  storage.onCall = ({ operation, path }) =>
    operation === "write" && path.endsWith("t-0/00000000000000000000.log") ? { code: "ENOSPC" } : "go";
  const asked = produce(on, produceRequest([{ records: batchOf(["lost"]) }, { index: 1, records: large }]));
  on.world.run({ ms: 1000 });
  storage.onCall = null;
  delays.poolUs = { min: 20, max: 20 };
  on.broker.logs.tick(on.world.nowMs);
  const other = only(on.answered(produce(on, produceRequest([{ records: batchOf(["other"]) }]))));
  assert.deepEqual([other.errorCode, other.baseOffset], [0, 0n]);
  assert.equal(asked.answer, undefined);
  const codes = on
    .answered(asked)
    .responses.flatMap(({ partitionResponses }) => partitionResponses.map(({ errorCode }) => errorCode));
  assert.deepEqual(codes, [errors.KAFKA_STORAGE_ERROR.code, 0]);
});

test("the retry of a batch that survived its log's failure is acknowledged, though nothing is appended", () => {
  const on = new DataPlaneBroker();
  on.createTopic("t");
  on.settle();
  const { delays, storage } = on.world.host("broker-1");
  // Written, but the sync takes longer than the failure of the next write and the way back.
  delays.poolUs = { min: 60_000_000, max: 60_000_000 };
  const records = batchOf(["a"], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
  const first = produce(on, produceRequest([{ records: records.slice() }]));
  on.world.run({ ms: 10 });
  storage.onCall = ({ operation, path }) =>
    operation === "write" && path.endsWith(".log") ? { code: "ENOSPC" } : "go";
  const lost = produce(on, produceRequest([{ records: batchOf(["lost"]) }]));
  on.world.run({ ms: 10 });
  storage.onCall = null;
  for (const asked of [first, lost]) {
    assert.equal(only(on.answered(asked)).errorCode, errors.KAFKA_STORAGE_ERROR.code);
  }
  on.world.run({ ms: 1000 });
  on.broker.logs.tick(on.world.nowMs);
  const retry = produce(on, produceRequest([{ records: records.slice() }]));
  on.world.run({ ms: 100 });
  const { errorCode, baseOffset } = only(on.answered(retry));
  assert.deepEqual([errorCode, baseOffset], [0, 0n]);
  assert.equal(on.partition().log?.logEndOffset, 1);
});
