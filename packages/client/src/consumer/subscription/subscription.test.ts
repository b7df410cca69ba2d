import assert from "node:assert/strict";
import { test } from "node:test";
import { Subscription } from "./subscription.ts";

const partition = (index: number, topic = "t") => ({ topic, partition: index });

test("topics, a pattern and partitions exclude each other until all is given up", () => {
  const subscription = new Subscription();
  subscription.subscribeTopics(["t"]);
  assert.throws(() => subscription.subscribePattern(/t/), /mutually exclusive/);
  assert.throws(() => subscription.assignByUser([partition(0)]), /mutually exclusive/);
  subscription.unsubscribe();
  subscription.assignByUser([partition(0)]);
  assert.ok(subscription.isByUser);
});

test("a partition that stays over a rebalance keeps its state, one that comes back begins anew", () => {
  const subscription = new Subscription();
  subscription.subscribeTopics(["t"]);
  subscription.setAssignment([partition(0), partition(1)]);
  const [zero, one] = [...subscription.partitions];
  zero!.seek(7, null);
  one!.isPaused = true;
  const added = subscription.setAssignment([partition(0), partition(2)]);
  assert.deepEqual(
    added.map((state) => state.partition),
    [2],
  );
  assert.equal(subscription.find(partition(0)), zero);
  assert.equal(zero?.position, 7);
  assert.equal(subscription.has(one!), false);
  subscription.setAssignment([partition(1)]);
  assert.equal(subscription.find(partition(1))?.isPaused, false);
});

test("the partition that gave records comes last", () => {
  const subscription = new Subscription();
  subscription.assignByUser([partition(0), partition(1), partition(2)]);
  subscription.moveToEnd(subscription.find(partition(0))!);
  assert.deepEqual(
    [...subscription.partitions].map((state) => state.partition),
    [1, 2, 0],
  );
});

test("a leader keeps the metadata of all its group's topics", () => {
  const subscription = new Subscription();
  subscription.subscribeTopics(["a"]);
  assert.equal(subscription.setGroupTopics(["a", "b"]), true);
  assert.deepEqual([...subscription.metadataTopics], ["a", "b"]);
  subscription.setGroupTopics([]);
  assert.deepEqual([...subscription.metadataTopics], ["a"]);
});
