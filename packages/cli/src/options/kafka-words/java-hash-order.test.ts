// Tests of the order of Java's hash maps, as Apache Kafka's tools were seen to print it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { javaHashOrder, javaNameOrder, javaPartitionHash } from "./java-hash-order.ts";

test("names come as kafka-topics describes them", () => {
  const names = ["__consumer_offsets", "my.topic_a", "parts", "quickstart-events", "seckill", "test"];
  assert.deepEqual(javaNameOrder(names, names.length), [
    "parts",
    "quickstart-events",
    "my.topic_a",
    "seckill",
    "test",
    "__consumer_offsets",
  ]);
});

test("partitions come as kafka-consumer-groups resets them", () => {
  const partitions = [0, 1, 2].map((partition) => ({ topic: "orders", partition }));
  const all = [...partitions, { topic: "quickstart-events", partition: 0 }];
  const ordered = javaHashOrder(all, javaPartitionHash);
  assert.deepEqual(
    ordered.map(({ topic, partition }) => `${topic}-${partition}`),
    ["quickstart-events-0", "orders-0", "orders-1", "orders-2"],
  );
});
