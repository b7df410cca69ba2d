// The consumer with partitions chosen by hand, over real sockets.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ConsumerWorld, numbers, pollUntil, text, upTo } from "./consumer-world.ts";

describe("a consumer without a group", () => {
  let world: ConsumerWorld;

  before(async () => {
    world = await ConsumerWorld.start();
  });

  after(async () => {
    await world.stop();
  });

  test("reads everything of the assigned partitions, each in order", async () => {
    const topic = await world.createTopic("plain", 3);
    for (const partition of [0, 1, 2]) await world.produce(topic, partition, 500, partition * 500);
    const consumer = world.consumer();
    consumer.assign([0, 1, 2].map((partition) => ({ topic, partition })));
    const records = await pollUntil(consumer, (seen) => seen.length >= 1500);
    assert.deepEqual(numbers(records), upTo(1500));
    for (const partition of [0, 1, 2]) {
      const offsets = records.filter((record) => record.partition === partition).map(({ offset }) => offset);
      assert.deepEqual(offsets, upTo(500));
    }
    const [first] = records.filter(({ partition, offset }) => partition === 1 && offset === 7);
    assert.ok(first);
    assert.equal(first.topic, topic);
    assert.equal(text(first.key), "k507");
    assert.equal(first.timestamp, 1_000_507);
    assert.equal(first.timestampType, "CreateTime");
    await consumer.close();
  });
});
