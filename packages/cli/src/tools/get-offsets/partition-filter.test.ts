// Tests of which partitions a command line of kafka-get-offsets means.
import assert from "node:assert/strict";
import { test } from "node:test";
import { filterOfRules, filterOfTopic, type PartitionFilter } from "./partition-filter.ts";

function matched(filter: PartitionFilter): string[] {
  const partitions = ["a", "b"].flatMap((topic) =>
    [0, 1, 2, 3].map((partition) => [topic, partition] as const),
  );
  return partitions.filter(([topic, partition]) => filter(topic, partition)).map((each) => each.join(":"));
}

test("a rule names a topic and one partition, a range without its end, or all", () => {
  assert.deepEqual(matched(filterOfRules("a:1,b:2")), ["a:1", "b:2"]);
  assert.deepEqual(matched(filterOfRules("a:0-2")), ["a:0", "a:1"]);
  assert.deepEqual(matched(filterOfRules("a:2-,b:-1")), ["a:2", "a:3", "b:0"]);
  assert.deepEqual(matched(filterOfRules(":3")), ["a:3", "b:3"]);
  assert.deepEqual(matched(filterOfRules("b")), ["b:0", "b:1", "b:2", "b:3"]);
});

test("a topic and a list of partitions mean both", () => {
  assert.deepEqual(matched(filterOfTopic("a|c", "0,3")), ["a:0", "a:3"]);
  assert.throws(() => filterOfTopic("a", "x"), /numeric partition ids, but received: x$/);
  assert.throws(() => filterOfRules("a:b"), { message: "Invalid rule specification: a:b" });
});
