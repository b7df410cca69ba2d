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
  const sticky = chooser.begin(all);
  const first = sticky.partition;
  chooser.appended(sticky, all, 99, true);
  assert.equal(sticky.partition, first);
  chooser.appended(sticky, all, 1, false);
  assert.equal(sticky.partition, first);
  chooser.appended(sticky, all, 1, true);
  assert.equal(sticky.bytes, 0);
  chooser.appended(sticky, all, 199, false);
  assert.equal(sticky.bytes, 199);
  chooser.appended(sticky, all, 1, false);
  assert.equal(sticky.bytes, 0);
});

test("partitions without a leader are left out while there are others", () => {
  const chooser = partitioner();
  const some = topic([-1, -1, 1, -1]);
  for (let draw = 0; draw < 20; draw += 1) assert.equal(chooser.begin(some).partition, 2);
  const none = chooser.begin(topic([-1, -1])).partition;
  assert.ok(none === 0 || none === 1);
});

test("Kafka's round robin takes all partitions in turn; other classes are refused", () => {
  const name = "org.apache.kafka.clients.producer.RoundRobinPartitioner";
  const chooser = partitioner({ "partitioner.class": name });
  const all = topic([1, 1, 1]);
  const sticky = chooser.begin(all);
  const taken = Array.from({ length: 6 }, () => {
    const { partition } = sticky;
    chooser.appended(sticky, all, 1, false);
    return partition;
  });
  assert.deepEqual(taken, [0, 1, 2, 0, 1, 2]);
  assert.throws(() => partitioner({ "partitioner.class": "x.Y" }), {
    message: "Invalid value x.Y for configuration partitioner.class: Class x.Y could not be found.",
  });
});
