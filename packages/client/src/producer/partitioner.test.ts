import assert from "node:assert/strict";
import { test } from "node:test";
import { Xoshiro128 } from "@ottla/ports";
import { errors, type Uuid, ZERO_UUID } from "@ottla/protocol";
import type { TopicMetadata } from "../cluster/metadata-cache.ts";
import type { ClientSettings } from "../config/client-config.ts";
import { Partitioner } from "./partitioner.ts";
import { resolveProducerConfig } from "./producer-config.ts";

function topic(leaders: readonly number[]): TopicMetadata {
  const partitions = leaders.map((leaderId, partition) => ({
    partition,
    leaderId,
    leaderEpoch: 0,
    replicas: [],
    isr: [],
    offlineReplicas: [],
    error: errors.NONE,
  }));
  return { name: "t", topicId: ZERO_UUID as Uuid, isInternal: false, partitions };
}

function partitioner(settings: ClientSettings = {}): Partitioner {
  const config = resolveProducerConfig({ "bootstrap.servers": "h:1", "batch.size": 100, ...settings });
  return new Partitioner(config, new Xoshiro128(1));
}

const idle = (): number => 0;
const key = (text: string) => new TextEncoder().encode(text);

test("keys are hashed as Kafka hashes them", () => {
  const chosen = ["21", "foobar", "a-little-bit-long-string"].map((each) =>
    partitioner().byKey(key(each), 1000),
  );
  // murmur2: -973932308, -790332482, -985981536.
  assert.deepEqual(
    chosen,
    [-973932308, -790332482, -985981536].map((hash) => (hash & 0x7fffffff) % 1000),
  );
});

test("no key, or keys to be ignored, leave the choice to the sticky partition", () => {
  assert.equal(partitioner().byKey(null, 10), -1);
  assert.equal(partitioner({ "partitioner.ignore.keys": true }).byKey(key("a"), 10), -1);
});

test("a partition sticks for a batch and changes at its end", () => {
  const all = topic([1, 1, 1, 1, 1, 1, 1, 1]);
  const chooser = partitioner();
  const sticky = chooser.begin(all, idle);
  const first = sticky.partition;
  chooser.appended(sticky, all, idle, 99, true);
  assert.equal(sticky.partition, first);
  chooser.appended(sticky, all, idle, 1, false);
  assert.equal(sticky.partition, first);
  chooser.appended(sticky, all, idle, 1, true);
  assert.equal(sticky.bytes, 0);
  chooser.appended(sticky, all, idle, 199, false);
  assert.equal(sticky.bytes, 199);
  chooser.appended(sticky, all, idle, 1, false);
  assert.equal(sticky.bytes, 0);
});

test("partitions without a leader are left out while there are others", () => {
  const chooser = partitioner();
  const some = topic([-1, -1, 1, -1]);
  for (let draw = 0; draw < 20; draw += 1) assert.equal(chooser.begin(some, idle).partition, 2);
  const none = chooser.begin(topic([-1, -1]), idle).partition;
  assert.ok(none === 0 || none === 1);
});

test("Kafka's round robin takes all partitions in turn; other classes are refused", () => {
  const name = "org.apache.kafka.clients.producer.RoundRobinPartitioner";
  const chooser = partitioner({ "partitioner.class": name });
  const all = topic([1, 1, 1]);
  const sticky = chooser.begin(all, idle);
  const taken = Array.from({ length: 6 }, () => {
    const { partition } = sticky;
    chooser.appended(sticky, all, idle, 1, false);
    return partition;
  });
  assert.deepEqual(taken, [0, 1, 2, 0, 1, 2]);
  assert.throws(() => partitioner({ "partitioner.class": "x.Y" }), {
    message: "Invalid value x.Y for configuration partitioner.class: Class x.Y could not be found.",
  });
});

test("a partition whose batches pile up is drawn less often, unless that is turned off", () => {
  const all = topic([1, 2, -1, 1]);
  const load = (partition: number): number => (partition === 1 ? 9 : 0);
  const drawn = (settings: ClientSettings): number[] => {
    const chooser = partitioner(settings);
    const counts = [0, 0, 0, 0];
    for (let round = 0; round < 2100; round += 1) counts[chooser.begin(all, load).partition]! += 1;
    return counts;
  };
  // Weights 10, 1, none, 10.
  const [first, slow, leaderless, last] = drawn({}) as [number, number, number, number];
  assert.ok(slow > 50 && slow < 150, `${slow}`);
  assert.ok(Math.abs(first - last) < 150, `${first} and ${last}`);
  assert.equal(leaderless, 0);
  assert.ok(drawn({ "partitioner.adaptive.partitioning.enable": false })[1]! > 400);
});
