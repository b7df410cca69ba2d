// Produce: acks, unknown targets, requests without data, plain idempotent and transactional batches. What is
// wrong inside a batch is in produce-bad-batches.ts.
import { apiKeys, type ProduceRequest, type Uuid, ZERO_UUID } from "@ottla/protocol";
import { batch, batchOf, record, records } from "../batches.ts";
import type { CreatedTopic, Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.Produce>;
const unknownId = "bm8tc3VjaC10b3BpYy0wMQ" as Uuid;

/** The topic as this version names it. */
export function target(
  x: X,
  topic: CreatedTopic,
  partitionData: ProduceRequest.PartitionProduceData[],
): ProduceRequest.TopicProduceData {
  return x.version >= 13
    ? { name: "", topicId: topic.id, partitionData }
    : { name: topic.name, topicId: ZERO_UUID, partitionData };
}

/** One batch to partition 0. */
export async function produceOne(x: X, topic: CreatedTopic, bytes: Uint8Array | null, acks = -1) {
  const topicData = [target(x, topic, [{ index: 0, records: bytes }])];
  return await x.ask({ acks, timeoutMs: 10_000, topicData });
}

/** What the partition holds afterwards. */
export async function lookAtLog(x: X, topic: CreatedTopic): Promise<void> {
  await x.look(
    apiKeys.Fetch,
    12,
    {
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1 << 20,
      sessionEpoch: -1,
      topics: [
        {
          topic: topic.name,
          topicId: ZERO_UUID,
          partitions: [
            {
              partition: 0,
              currentLeaderEpoch: -1,
              fetchOffset: 0n,
              lastFetchedEpoch: -1,
              logStartOffset: -1n,
              partitionMaxBytes: 1 << 20,
              replicaDirectoryId: ZERO_UUID,
              highWatermark: 9223372036854775807n,
            },
          ],
        },
      ],
    },
    "what is in the log",
  );
}

const nobody: CreatedTopic = { name: "d-nobody-made-this", id: unknownId };

export const produceScenarios = scenariosOf(apiKeys.Produce, {
  "a batch is appended with acks=all, and the next one follows it": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batch(3, x.nowMs));
    await produceOne(x, topic, batch(2, x.nowMs));
    await lookAtLog(x, topic);
  },
  "a batch is appended with acks=1": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batch(3, x.nowMs), 1);
  },
  "acks=0 gets no answer, the next request does": async (x) => {
    const topic = await x.create();
    await x.tell({
      acks: 0,
      timeoutMs: 1000,
      topicData: [target(x, topic, [{ index: 0, records: batch(1, x.nowMs) }])],
    });
    await produceOne(x, topic, batch(1, x.nowMs), 1);
  },
  "acks=0 to an unknown topic closes the connection": async (x) => {
    await x.tell({
      acks: 0,
      timeoutMs: 1000,
      topicData: [target(x, nobody, [{ index: 0, records: batch(1, x.nowMs) }])],
    });
    await produceOne(x, nobody, batch(1, x.nowMs), 1);
  },
  "acks=0 with a bad checksum closes the connection": async (x) => {
    const topic = await x.create();
    const bytes = batch(1, x.nowMs);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await x.tell({ acks: 0, timeoutMs: 1000, topicData: [target(x, topic, [{ index: 0, records: bytes }])] });
    await produceOne(x, topic, batch(1, x.nowMs), 1);
  },
  "acks=2 and acks=-2 are no acks": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batch(1, x.nowMs), 2);
    await produceOne(x, topic, batch(1, x.nowMs), -2);
    await lookAtLog(x, topic);
  },
  "acks=2 to an unknown topic": async (x) => {
    await produceOne(x, nobody, batch(1, x.nowMs), 2);
  },
  "an unknown topic": async (x) => {
    await produceOne(x, nobody, batch(1, x.nowMs));
  },
  "the zero topic id": {
    from: 13,
    steps: async (x) => {
      await produceOne(x, { name: "", id: ZERO_UUID }, batch(1, x.nowMs));
    },
  },
  "invalid topic names": {
    to: 12,
    steps: async (x) => {
      for (const name of ["", "..", "a/b", "__proto__", "x".repeat(250)]) {
        await produceOne(x, { name, id: unknownId }, batch(1, x.nowMs));
      }
    },
  },
  "an internal topic": {
    to: 12,
    steps: async (x) => {
      await produceOne(x, { name: "__cluster_metadata", id: unknownId }, batch(1, x.nowMs));
    },
  },
  "partitions that do not exist": async (x) => {
    const topic = await x.create();
    for (const index of [1, -1, 2147483647]) {
      await x.ask({
        acks: -1,
        timeoutMs: 1000,
        topicData: [target(x, topic, [{ index, records: batch(1, x.nowMs) }])],
      });
    }
  },
  "one good and one unknown partition in one request": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const partitionData = [0, 1, 7].map((index) => ({ index, records: batch(1, x.nowMs) }));
    await x.ask({
      acks: -1,
      timeoutMs: 5000,
      topicData: [target(x, topic, partitionData), target(x, nobody, partitionData)],
    });
  },
  "the same partition twice in one request": async (x) => {
    const topic = await x.create();
    const partitionData = [0, 0].map((index) => ({ index, records: batch(1, x.nowMs) }));
    await x.ask({ acks: -1, timeoutMs: 5000, topicData: [target(x, topic, partitionData)] });
    await lookAtLog(x, topic);
  },
  "the same topic twice in one request": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    const topicData = [0, 1].map((index) => target(x, topic, [{ index, records: batch(1, x.nowMs) }]));
    await x.ask({ acks: -1, timeoutMs: 5000, topicData });
  },
  "no topics, no partitions": async (x) => {
    const topic = await x.create();
    await x.ask({ acks: -1, timeoutMs: 1000, topicData: [] });
    await x.ask({ acks: -1, timeoutMs: 1000, topicData: [target(x, topic, [])] });
  },
  "null topics and null partitions": async (x) => {
    const topic = await x.create();
    await x.ask({ acks: -1, timeoutMs: 1000, topicData: nullArray() });
    await x.ask({ acks: -1, timeoutMs: 1000, topicData: [target(x, topic, nullArray())] });
  },
  "null records and empty records": async (x) => {
    const topic = await x.create();
    x.expectSilence();
    await produceOne(x, topic, null);
    await produceOne(x, topic, new Uint8Array(0));
    await lookAtLog(x, topic);
  },
  "a negative and a zero timeout": async (x) => {
    const topic = await x.create();
    for (const timeoutMs of [-1, 0]) {
      await x.ask({
        acks: -1,
        timeoutMs,
        topicData: [target(x, topic, [{ index: 0, records: batch(1, x.nowMs) }])],
      });
    }
  },
  "null keys, null values, headers and empty fields": async (x) => {
    const topic = await x.create();
    const odd = { ...record(null, null, x.nowMs), headers: [{ key: "__proto__", value: null }] };
    const headers = [
      { key: "", value: new Uint8Array(0) },
      { key: "same", value: new Uint8Array([1]) },
      { key: "same", value: null },
    ];
    await produceOne(x, topic, batchOf([odd, { ...record("", "", x.nowMs), headers }]));
    await lookAtLog(x, topic);
  },
  "every compression": async (x) => {
    const topic = await x.create();
    for (const compression of [1, 2, 3, 4]) {
      await produceOne(x, topic, batchOf(records(4, x.nowMs, 200), { compression }));
    }
    await lookAtLog(x, topic);
  },
  "a topic that stamps the time of appending": async (x) => {
    const topic = await x.create("t", { configs: { "message.timestamp.type": "LogAppendTime" } });
    await produceOne(x, topic, batch(2, x.nowMs));
    await lookAtLog(x, topic);
  },
  "a topic with its own compression": async (x) => {
    const topic = await x.create("t", { configs: { "compression.type": "uncompressed" } });
    await produceOne(x, topic, batchOf(records(4, x.nowMs, 200), { compression: 4 }));
    await produceOne(x, topic, batch(2, x.nowMs));
    await lookAtLog(x, topic);
  },
  "min.insync.replicas above the number of replicas": async (x) => {
    const topic = await x.create("t", { configs: { "min.insync.replicas": "2" } });
    await produceOne(x, topic, batch(1, x.nowMs));
    await produceOne(x, topic, batch(1, x.nowMs), 1);
  },
  "a transactional id on a plain batch": async (x) => {
    const topic = await x.create();
    const topicData = [target(x, topic, [{ index: 0, records: batch(1, x.nowMs) }])];
    await x.ask({ transactionalId: "tx", acks: -1, timeoutMs: 1000, topicData });
    await x.ask({ transactionalId: "tx", acks: 1, timeoutMs: 1000, topicData });
  },
  "an idempotent producer: first, next, replay, gap, old": async (x) => {
    const topic = await x.create();
    const producerId = await x.producerId();
    const sequences = [0, 2, 2, 0, 9, 1, 4];
    for (const baseSequence of sequences) {
      await produceOne(x, topic, batch(2, x.nowMs, { producerId, producerEpoch: 0, baseSequence }));
    }
    await lookAtLog(x, topic);
  },
  "a batch older than the five remembered ones": async (x) => {
    const topic = await x.create();
    const producerId = await x.producerId();
    for (const baseSequence of [0, 1, 2, 3, 4, 5, 6, 0, 1, 2]) {
      await produceOne(x, topic, batch(1, x.nowMs, { producerId, producerEpoch: 0, baseSequence }));
    }
  },
  "a producer that is new to the partition begins in the middle": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batch(1, x.nowMs, { producerId: 4711n, producerEpoch: 3, baseSequence: 5 }));
    await produceOne(x, topic, batch(1, x.nowMs, { producerId: 4711n, producerEpoch: 3, baseSequence: 6 }));
  },
  "a newer epoch must begin at zero, an older one is fenced": async (x) => {
    const topic = await x.create();
    for (const [producerEpoch, baseSequence] of [
      [1, 0],
      [2, 5],
      [2, 0],
      [1, 1],
      [2, 1],
    ] as const) {
      await produceOne(x, topic, batch(1, x.nowMs, { producerId: 4712n, producerEpoch, baseSequence }));
    }
  },
  "sequences wrap around": async (x) => {
    const topic = await x.create();
    for (const baseSequence of [2147483646, 0, 1]) {
      await produceOne(x, topic, batch(2, x.nowMs, { producerId: 4713n, producerEpoch: 0, baseSequence }));
    }
  },
  "a producer id without epoch or sequence": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batch(1, x.nowMs, { producerId: 4714n, producerEpoch: -1, baseSequence: 0 }));
    await produceOne(x, topic, batch(1, x.nowMs, { producerId: 4714n, producerEpoch: 0, baseSequence: -1 }));
    await produceOne(x, topic, batch(1, x.nowMs, { producerId: -1n, producerEpoch: 0, baseSequence: 0 }));
    await produceOne(x, topic, batch(1, x.nowMs, { producerId: -2n, producerEpoch: 0, baseSequence: 0 }));
  },
});
