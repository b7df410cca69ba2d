// A consumer with partitions chosen by hand in a scripted cluster, in virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKeys, errors } from "@ottla/protocol";
import type { ClientSettings } from "../config/client-config.ts";
import { metricValue } from "../testing/metric-value.ts";
import { ScriptedCluster } from "../testing/scripted-cluster.ts";
import { ScriptedReads } from "../testing/scripted-reads.ts";
import { Consumer } from "./consumer.ts";
import { LogTruncationError } from "./consumer-errors.ts";

interface Stage {
  readonly cluster: ScriptedCluster;
  readonly reads: ScriptedReads;
  readonly consumer: Consumer;
  /** Polls until as many values have come. */
  read(count: number): Promise<string[]>;
}

function stage(seed: number, leaders: readonly number[], settings: ClientSettings = {}): Stage {
  const cluster = new ScriptedCluster(seed, [1, 2]);
  cluster.topic("t", leaders);
  const reads = new ScriptedReads(cluster);
  const consumer = new Consumer(
    { "bootstrap.servers": "broker-1:9092,broker-2:9092", "auto.offset.reset": "earliest", ...settings },
    cluster.environment,
  );
  const read = async (count: number): Promise<string[]> => {
    const values: string[] = [];
    while (values.length < count) {
      const records = await cluster.settled(consumer.poll(1000));
      for (const { value } of records) values.push(new TextDecoder().decode(value ?? new Uint8Array(0)));
    }
    return values;
  };
  return { cluster, reads, consumer, read };
}

const partitions = (...indexes: readonly number[]) => indexes.map((partition) => ({ topic: "t", partition }));

test("records of partitions on several brokers are read, one fetch per broker under way", async () => {
  const { reads, consumer, read } = stage(1, [1, 2, 1]);
  for (const index of [0, 1, 2]) reads.append("t", index, [`${index}a`, `${index}b`]);
  consumer.assign(partitions(0, 1, 2));
  assert.deepEqual((await read(6)).sort(), ["0a", "0b", "1a", "1b", "2a", "2b"]);
  assert.deepEqual([...new Set(reads.fetches.map(({ nodeId }) => nodeId))].sort(), [1, 2]);
  reads.append("t", 1, ["1c"]);
  assert.deepEqual(await read(1), ["1c"]);
});

test("after the first fetch a session names only what changed", async () => {
  const { reads, consumer, read } = stage(2, [1, 1]);
  reads.append("t", 0, ["a"]);
  reads.append("t", 1, ["b"]);
  consumer.assign(partitions(0, 1));
  await read(2);
  reads.append("t", 1, ["c"]);
  await read(1);
  const epochs = reads.fetches.map(({ sessionEpoch }) => sessionEpoch);
  assert.deepEqual(epochs, [...epochs.keys()]);
  assert.deepEqual(reads.fetches[0]?.named, ["t-0@0", "t-1@0"]);
  assert.ok(reads.fetches.slice(2).every(({ named }) => named.length <= 1));
});

test("a session that the broker lost is begun anew, and no record is lost or doubled", async () => {
  const { reads, consumer, read } = stage(3, [1]);
  reads.append("t", 0, ["a", "b"]);
  consumer.assign(partitions(0));
  await read(2);
  reads.evictSessions();
  reads.append("t", 0, ["c"]);
  assert.deepEqual(await read(1), ["c"]);
  assert.ok(reads.fetches.some(({ sessionEpoch }, index) => index > 0 && sessionEpoch === 0));
});

test("a moved leader is found and read from, with its word or with fresh metadata", async () => {
  for (const tellsLeaders of [false, true]) {
    const { cluster, reads, consumer, read } = stage(4, [1]);
    reads.tellsLeaders = tellsLeaders;
    reads.append("t", 0, ["a"]);
    consumer.assign(partitions(0));
    await read(1);
    cluster.topics.get("t")!.partitions[0] = { leaderId: 2, leaderEpoch: 1 };
    reads.append("t", 0, ["b"]);
    const start = cluster.client.ports.clock.monotonicMs();
    assert.deepEqual(await read(1), ["b"]);
    assert.equal(reads.fetches.at(-1)?.nodeId, 2);
    const ms = cluster.client.ports.clock.monotonicMs() - start;
    assert.ok(ms < (tellsLeaders ? 600 : 1000), `${ms} ms`);
  }
});

test("a broker that dies and comes back is read on, each record once", async () => {
  const { cluster, reads, consumer, read } = stage(5, [1]);
  reads.append("t", 0, ["a", "b"]);
  consumer.assign(partitions(0));
  await read(2);
  cluster.stop(1);
  await cluster.settled(consumer.poll(3000));
  cluster.start(1);
  reads.append("t", 0, ["c"]);
  assert.deepEqual(await read(1), ["c"]);
});

test("partition errors that pass are waited out with a pause", async () => {
  const { reads, consumer, read } = stage(6, [1]);
  reads.append("t", 0, ["a"]);
  let left = 5;
  reads.faults.partition = () => (left-- > 0 ? errors.KAFKA_STORAGE_ERROR : null);
  consumer.assign(partitions(0));
  assert.deepEqual(await read(1), ["a"]);
  assert.ok(reads.fetches.length < 10, `${reads.fetches.length} fetches`);
});

test("an error that does not pass comes out of poll; the others are read on", async () => {
  const { cluster, reads, consumer, read } = stage(7, [1, 2]);
  reads.append("t", 1, ["b"]);
  reads.faults.partition = (_, partition) => (partition === 0 ? errors.TOPIC_AUTHORIZATION_FAILED : null);
  consumer.assign(partitions(0, 1));
  let seen: string[] = [];
  const failures: Error[] = [];
  for (let polls = 0; polls < 10; polls++) {
    try {
      for (const { value } of await cluster.settled(consumer.poll(200))) {
        seen = [...seen, new TextDecoder().decode(value!)];
      }
    } catch (error) {
      failures.push(error as Error);
    }
  }
  assert.ok(failures.length > 0 && failures.every(({ name }) => name === "TOPIC_AUTHORIZATION_FAILED"));
  assert.deepEqual(seen, ["b"]);
  reads.faults = {};
  reads.append("t", 0, ["a"]);
  assert.deepEqual(await read(1), ["a"]);
});

test("a position below the log goes where the policy says", async () => {
  const { reads, consumer, read } = stage(8, [1]);
  reads.append("t", 0, ["a"]);
  reads.append("t", 0, ["b"]);
  consumer.assign(partitions(0));
  await read(2);
  const log = reads.log("t", 0);
  log.append({ baseOffset: 10, records: [{ key: null, value: new TextEncoder().encode("z") }] }, 0);
  log.startOffset = 10;
  assert.deepEqual(await read(1), ["z"]);
});

test("a new leader without the last records: the position goes back to where the logs part", async () => {
  const { cluster, reads, consumer, read } = stage(9, [1]);
  reads.append("t", 0, ["a"]);
  reads.append("t", 0, ["b"]);
  consumer.assign(partitions(0));
  await read(2);
  reads.log("t", 0).truncateTo(1);
  cluster.topics.get("t")!.partitions[0] = { leaderId: 2, leaderEpoch: 1 };
  reads.append("t", 0, ["c"]);
  reads.append("t", 0, ["d"]);
  assert.deepEqual(await read(2), ["c", "d"]);
});

test("truncation without a policy is the user's to know", async () => {
  const { cluster, reads, consumer, read } = stage(10, [1], { "auto.offset.reset": "none" });
  reads.append("t", 0, ["a"]);
  reads.append("t", 0, ["b"]);
  consumer.assign(partitions(0));
  consumer.seekToBeginning();
  await read(2);
  reads.log("t", 0).truncateTo(1);
  cluster.topics.get("t")!.partitions[0] = { leaderId: 2, leaderEpoch: 1 };
  reads.append("t", 0, ["c"]);
  const failure = cluster.settled(
    (async () => {
      for (;;) await consumer.poll(1000);
    })(),
  );
  await assert.rejects(failure, (error: Error) => {
    return error instanceof LogTruncationError && error.divergentOffset === 1;
  });
});

test("a seek while a fetch is under way wins over its answer", async () => {
  const { cluster, reads, consumer } = stage(11, [1]);
  for (const value of ["a", "b", "c"]) reads.append("t", 0, [value]);
  consumer.assign(partitions(0));
  const polling = consumer.poll(1000);
  const isFetched = (): boolean => cluster.log.some(({ apiKey }) => apiKey === apiKeys.Fetch);
  await cluster.run({ until: isFetched, ms: 5000 });
  consumer.seek({ topic: "t", partition: 0 }, 2);
  const records = await cluster.settled(polling);
  assert.deepEqual(
    [...records].map(({ offset }) => offset),
    [2],
  );
});

test("poll waits no longer than it may, also without any broker, and close ends it", async () => {
  const { cluster, consumer } = stage(12, [1]);
  cluster.stop(1);
  cluster.stop(2);
  consumer.assign(partitions(0));
  const start = cluster.client.ports.clock.monotonicMs();
  assert.equal((await cluster.settled(consumer.poll(5000))).count, 0);
  const ms = cluster.client.ports.clock.monotonicMs() - start;
  assert.ok(ms >= 5000 && ms < 5200, `${ms} ms`);
  const polling = consumer.poll(600_000);
  await cluster.settled(consumer.close());
  assert.equal((await cluster.settled(polling)).count, 0);
});

test("brokers too old for sessions, ids and epochs are read as well", async () => {
  const { cluster, reads, consumer, read } = stage(13, [1]);
  cluster.versionMax.set(apiKeys.Fetch, 5);
  cluster.versionMax.set(apiKeys.ListOffsets, 1);
  cluster.versionMax.set(apiKeys.Metadata, 4);
  reads.append("t", 0, ["a"]);
  consumer.assign(partitions(0));
  assert.deepEqual(await read(1), ["a"]);
  reads.append("t", 0, ["b"]);
  assert.deepEqual(await read(1), ["b"]);
});

test("a call whose time is over says what it waited for", async () => {
  const { cluster, consumer } = stage(14, [-1]);
  consumer.assign(partitions(0));
  const position = consumer.position({ topic: "t", partition: 0 }, { timeoutMs: 2000 });
  await assert.rejects(cluster.settled(position), {
    name: "REQUEST_TIMED_OUT",
    message: "Timeout of 2000ms expired before the position for partition t-0 could be determined",
  });
  const ends = consumer.endOffsets(partitions(0), { timeoutMs: 2000 });
  await assert.rejects(cluster.settled(ends), { message: "Failed to get offsets by times in 2000ms" });
});

test("a throttled consumer fetches again only when the broker's time is over", async () => {
  const { cluster, reads, consumer, read } = stage(31, [1]);
  reads.append("t", 0, ["a"]);
  reads.throttleTimeMs = 900;
  consumer.assign(partitions(0));
  await read(1);
  reads.append("t", 0, ["b"]);
  const startMs = cluster.world.nowMs;
  await read(1);
  const waitedMs = cluster.world.nowMs - startMs;
  assert.ok(waitedMs > 800 && waitedMs < 1000, `${waitedMs} ms`);
});

test("a look-up does not wait behind a fetch that waits for records", async () => {
  const { cluster, reads, consumer, read } = stage(32, [1], { "fetch.max.wait.ms": 20_000 });
  reads.append("t", 0, ["a"]);
  consumer.assign(partitions(0));
  await read(1);
  void consumer.poll(30_000).catch(() => {});
  await cluster.run({ ms: 1000 });
  const startMs = cluster.world.nowMs;
  const ends = await cluster.settled(consumer.endOffsets(partitions(0)));
  assert.deepEqual([...ends.values()], [1]);
  assert.ok(cluster.world.nowMs - startMs < 100);
});

test("a consumer tells what it read, in all and by topic and partition, under Apache Kafka's names", async () => {
  const { reads, consumer, read } = stage(33, [1], { "max.poll.records": 2 });
  reads.append("t", 0, ["a", "b", "c"]);
  reads.throttleTimeMs = 25;
  consumer.assign(partitions(0));
  await read(2);
  const tags = { topic: "t", partition: "0" };
  const of = (name: string, more: Record<string, string> = {}) =>
    metricValue(consumer.metrics(), `consumer-fetch-manager-metrics:${name}`, more);
  assert.equal(of("records-lag", tags), 1);
  assert.equal(of("records-lead", tags), 2);
  assert.equal(of("records-consumed-total"), 0);
  await read(1);
  assert.equal(of("records-lag", tags), 0);
  assert.equal(of("records-lag-max"), 1);
  assert.equal(of("records-consumed-total"), 3);
  assert.equal(of("records-consumed-total", { topic: "t" }), 3);
  assert.equal(of("records-per-request-avg"), 3);
  assert.equal(of("fetch-throttle-time-max"), 25);
  assert.equal(of("preferred-read-replica", tags), "-1");
  assert.ok(Number(of("bytes-consumed-total")) > 3);
  const metrics = consumer.metrics();
  assert.equal(metricValue(metrics, "kafka-metrics-count:count"), metrics.length);
  assert.ok(!metrics.some(({ group }) => group === "consumer-coordinator-metrics"));
  consumer.assign([]);
  assert.ok(!consumer.metrics().some(({ tags: { partition } }) => partition !== undefined));
});

test("topics that were only asked about leave the metadata again", async () => {
  const { cluster, consumer } = stage(34, [1]);
  cluster.topic("other", [2]);
  const asked: string[][] = [];
  cluster.on(apiKeys.Metadata, ({ request }) => {
    asked.push((request.topics ?? []).map(({ name }) => name ?? ""));
    return cluster.metadata(request);
  });
  consumer.assign(partitions(0));
  await cluster.settled(consumer.poll(100));
  await cluster.settled(consumer.partitionsFor("other"));
  await cluster.settled(consumer.endOffsets([{ topic: "other", partition: 0 }]));
  assert.deepEqual(asked.at(-1)?.sort(), ["other", "t"]);
  await cluster.settled(consumer.poll(400_000));
  assert.deepEqual(asked.at(-1), ["t"]);
});
