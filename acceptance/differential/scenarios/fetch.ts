// Fetch without sessions: what is read, limits, isolation, epochs, unknown targets. Sessions are in
// fetch-sessions.ts.
import { apiKeys, type FetchRequest, type Uuid, ZERO_UUID } from "@ottla/protocol";
import { batch, batchOf, records } from "../batches.ts";
import type { CreatedTopic, Exchange } from "../exchange.ts";
import { nullArray } from "../lying-array.ts";
import { scenariosOf } from "../scenario.ts";

type X = Exchange<typeof apiKeys.Fetch>;
export const unknownTopic: CreatedTopic = {
  name: "d-nobody-made-this",
  id: "bm8tc3VjaC10b3BpYy0wMQ" as Uuid,
};

/** A partition to fetch from its start; fields that the version lacks stay at their defaults. */
export function from(
  fetchOffset: bigint,
  fields: Partial<FetchRequest.FetchPartition> = {},
): FetchRequest.FetchPartition {
  return {
    partition: 0,
    currentLeaderEpoch: -1,
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: -1n,
    partitionMaxBytes: 1 << 20,
    replicaDirectoryId: ZERO_UUID,
    highWatermark: 9223372036854775807n,
    ...fields,
  };
}

/** A topic as this version names it. */
export function topicOf(
  x: X,
  topic: CreatedTopic,
  partitions: FetchRequest.FetchPartition[],
): FetchRequest.FetchTopic {
  return x.version >= 13
    ? { topic: "", topicId: topic.id, partitions }
    : { topic: topic.name, topicId: ZERO_UUID, partitions };
}

/** A request without a session that does not wait. */
export function plain(fields: Partial<FetchRequest>): Partial<FetchRequest> {
  return { maxWaitMs: 0, minBytes: 0, maxBytes: 1 << 20, sessionId: 0, sessionEpoch: -1, ...fields };
}

async function fetchOne(
  x: X,
  topic: CreatedTopic,
  partition: FetchRequest.FetchPartition,
  fields: Partial<FetchRequest> = {},
): Promise<void> {
  await x.ask(plain({ topics: [topicOf(x, topic, [partition])], ...fields }));
}

async function filled(x: X, batches = 3): Promise<CreatedTopic> {
  const topic = await x.create();
  for (let index = 0; index < batches; index++) await x.produce(topic, batch(2, x.nowMs + index * 10));
  return topic;
}

export const fetchScenarios = scenariosOf(apiKeys.Fetch, {
  "every offset of a log, its end and beyond": async (x) => {
    const topic = await filled(x);
    for (const offset of [0n, 1n, 2n, 5n, 6n, 7n, -1n, -2n, 9223372036854775807n]) {
      await fetchOne(x, topic, from(offset));
    }
  },
  "an empty log": async (x) => {
    const topic = await x.create();
    await fetchOne(x, topic, from(0n));
    await fetchOne(x, topic, from(1n));
  },
  "isolation levels": async (x) => {
    const topic = await filled(x);
    for (const isolationLevel of [0, 1]) await fetchOne(x, topic, from(0n), { isolationLevel });
  },
  "isolation levels that do not exist": async (x) => {
    const topic = await filled(x, 1);
    for (const isolationLevel of [2, -1]) await fetchOne(x, topic, from(0n), { isolationLevel });
  },
  "limits of a partition": async (x) => {
    const topic = await filled(x);
    for (const partitionMaxBytes of [0, 1, 61, 90, 100, 200, -1]) {
      await fetchOne(x, topic, from(0n, { partitionMaxBytes }));
    }
  },
  "limits of the whole answer": async (x) => {
    const topic = await filled(x);
    for (const maxBytes of [0, 1, 100, 200, -1]) await fetchOne(x, topic, from(0n), { maxBytes });
  },
  "limits over several partitions": async (x) => {
    const topic = await x.create("t", { partitions: 3 });
    for (const index of [0, 1, 2]) await x.produce(topic, batchOf(records(1, x.nowMs, 300)), index);
    const partitions = [0, 1, 2].map((partition) => from(0n, { partition }));
    for (const maxBytes of [1, 380, 800, 1 << 20]) {
      await x.ask(plain({ maxBytes, topics: [topicOf(x, topic, partitions)] }));
    }
  },
  "an empty partition before a full one": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    await x.produce(topic, batch(1, x.nowMs), 1);
    const partitions = [0, 1].map((partition) => from(0n, { partition, partitionMaxBytes: 1 }));
    await x.ask(plain({ maxBytes: 1, topics: [topicOf(x, topic, partitions)] }));
  },
  "a wait that ends without data": async (x) => {
    const topic = await x.create();
    await fetchOne(x, topic, from(0n), { maxWaitMs: 50, minBytes: 1 });
  },
  "more bytes wanted than there are": async (x) => {
    const topic = await filled(x);
    await fetchOne(x, topic, from(0n), { maxWaitMs: 50, minBytes: 1 << 20 });
  },
  "a negative wait and a negative minimum": async (x) => {
    const topic = await filled(x, 1);
    await fetchOne(x, topic, from(0n), { maxWaitMs: -1, minBytes: 1 << 20 });
    await fetchOne(x, topic, from(1n), { maxWaitMs: 0, minBytes: -1 });
  },
  "leader epochs: right, old, unknown": {
    from: 9,
    steps: async (x) => {
      const topic = await filled(x, 1);
      for (const currentLeaderEpoch of [0, 1, -2, 2147483647]) {
        await fetchOne(x, topic, from(0n, { currentLeaderEpoch }));
      }
    },
  },
  "last fetched epochs": {
    from: 12,
    steps: async (x) => {
      const topic = await filled(x, 2);
      for (const lastFetchedEpoch of [0, 1, -2]) {
        for (const offset of [0n, 4n, 9n]) await fetchOne(x, topic, from(offset, { lastFetchedEpoch }));
      }
    },
  },
  "an unknown topic": async (x) => {
    await fetchOne(x, unknownTopic, from(0n));
  },
  "an unknown topic does not wait": async (x) => {
    await fetchOne(x, unknownTopic, from(0n), { maxWaitMs: 5000, minBytes: 1 });
  },
  "the zero topic id": {
    from: 13,
    steps: async (x) => {
      await fetchOne(x, { name: "", id: ZERO_UUID }, from(0n));
    },
  },
  "invalid topic names": {
    to: 12,
    steps: async (x) => {
      for (const name of ["", "..", "a/b", "__proto__", "x".repeat(250)]) {
        await fetchOne(x, { name, id: ZERO_UUID }, from(0n));
      }
    },
  },
  "partitions that do not exist": async (x) => {
    const topic = await filled(x, 1);
    for (const partition of [1, -1, 2147483647]) await fetchOne(x, topic, from(0n, { partition }));
  },
  "good, unknown and out of range together": async (x) => {
    const topic = await x.create("t", { partitions: 2 });
    await x.produce(topic, batch(1, x.nowMs), 0);
    const partitions = [from(0n), from(9n, { partition: 1 }), from(0n, { partition: 2 })];
    const topics = [topicOf(x, topic, partitions), topicOf(x, unknownTopic, [from(0n)])];
    await x.ask(plain({ topics }));
  },
  "the same partition twice": async (x) => {
    const topic = await filled(x, 1);
    await x.ask(plain({ topics: [topicOf(x, topic, [from(0n), from(1n)])] }));
    await x.ask(plain({ topics: [topicOf(x, topic, [from(0n)]), topicOf(x, topic, [from(1n)])] }));
  },
  "no topics, no partitions, null ones": async (x) => {
    const topic = await x.create();
    await x.ask(plain({ topics: [] }));
    await x.ask(plain({ topics: [topicOf(x, topic, [])] }));
    await x.ask(plain({ topics: nullArray() }));
    await x.ask(plain({ topics: [topicOf(x, topic, nullArray())] }));
  },
  "a replica that is none": {
    to: 14,
    steps: async (x) => {
      const topic = await filled(x, 1);
      for (const replicaId of [7, -2, -3]) await fetchOne(x, topic, from(0n), { replicaId });
    },
  },
  "a replica that is none, with an epoch": {
    from: 15,
    steps: async (x) => {
      const topic = await filled(x, 1);
      for (const replicaId of [7, -2, -3]) {
        await fetchOne(x, topic, from(0n), { replicaState: { replicaId, replicaEpoch: 5n } });
      }
    },
  },
  "a consumer in a rack": {
    from: 11,
    steps: async (x) => {
      const topic = await filled(x, 1);
      await fetchOne(x, topic, from(0n), { rackId: "a-rack" });
    },
  },
  "another cluster id": {
    from: 12,
    steps: async (x) => {
      const topic = await filled(x, 1);
      await fetchOne(x, topic, from(0n), { clusterId: "another" });
    },
  },
  "an idempotent batch": async (x) => {
    const topic = await x.create();
    await x.produce(topic, batch(2, x.nowMs, { producerId: 91n, producerEpoch: 0, baseSequence: 0 }));
    for (const isolationLevel of [0, 1]) await fetchOne(x, topic, from(0n), { isolationLevel });
  },
  "compressed batches, read in the middle": async (x) => {
    const topic = await x.create();
    for (const compression of [1, 2, 3, 4]) {
      await x.produce(topic, batchOf(records(5, x.nowMs, 100), { compression }));
    }
    await fetchOne(x, topic, from(7n));
  },
});
