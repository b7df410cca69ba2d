import assert from "node:assert/strict";
import { test } from "node:test";
import { TopicPartitionMap } from "./topic-partition-map.ts";

test("partitions are equal by name, whichever object names them", () => {
  const map = new TopicPartitionMap<number>([[{ topic: "a", partition: 0 }, 1]]);
  map.set({ topic: "a", partition: 0 }, 2);
  assert.equal(map.size, 1);
  assert.equal(map.get({ topic: "a", partition: 0 }), 2);
  assert.ok(!map.has({ topic: "a", partition: 1 }));
});

test("names with dashes and digits, and __proto__, do not meet", () => {
  const map = new TopicPartitionMap<string>();
  map.set({ topic: "a-1", partition: 1 }, "a-1 1");
  map.set({ topic: "a", partition: 11 }, "a 11");
  map.set({ topic: "a-1-1", partition: 1 }, "a-1-1 1");
  map.set({ topic: "__proto__", partition: 0 }, "proto");
  assert.deepEqual(map.values(), ["a-1 1", "a 11", "a-1-1 1", "proto"]);
  assert.ok(map.delete({ topic: "a", partition: 11 }));
  assert.deepEqual(
    [...map].map(([{ topic }]) => topic),
    ["a-1", "a-1-1", "__proto__"],
  );
});
