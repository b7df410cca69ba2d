// The consumer with partitions chosen by hand, over real sockets.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { NoOffsetForPartitionError, OffsetOutOfRangeError, WakeupError } from "@ottla/client";
import { bytes, ConsumerWorld, numbers, pollUntil, text, upTo } from "./consumer-world.ts";

const world = await ConsumerWorld.start();

after(() => world.stop());

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

test("reads every codec, small batches and large ones", async () => {
  const topic = await world.createTopic("codecs", 1);
  const consumer = world.consumer();
  const expected: string[] = [];
  for (const compression of [0, 1, 2, 3, 4]) {
    for (const size of [10, 200_000]) {
      const values = Array.from({ length: 5 }, (_, index) => noise(`${compression}-${size}-${index}`, size));
      expected.push(...values);
      const records = values.map((value) => ({
        timestamp: 1,
        key: null,
        value: bytes(value),
        headers: [{ key: "codec", value: bytes(String(compression)) }],
      }));
      await world.produceBatch(topic, 0, { compression, records });
    }
  }
  consumer.assign([{ topic, partition: 0 }]);
  const records = await pollUntil(consumer, (seen) => seen.length >= expected.length);
  assert.deepEqual(
    records.map(({ value }) => text(value)),
    expected,
  );
  assert.deepEqual(
    records.slice(-1).map(({ headers }) => headers.map(({ key, value }) => `${key}=${text(value)}`)),
    [["codec=4"]],
  );
  assert.equal(records[0]?.key, null);
  assert.equal(records[0]?.serializedKeySize, -1);
  await consumer.close();
});

test("gives at most max.poll.records at a time, and every record once", async () => {
  const topic = await world.createTopic("poll", 2);
  await world.produce(topic, 0, 1000);
  await world.produce(topic, 1, 1000, 1000);
  const consumer = world.consumer({ "max.poll.records": 7, "max.partition.fetch.bytes": 2000 });
  consumer.assign([0, 1].map((partition) => ({ topic, partition })));
  const seen: number[] = [];
  while (seen.length < 2000) {
    const records = await consumer.poll(1000);
    assert.ok(records.count <= 7);
    for (const { value } of records) seen.push(Number(text(value)));
  }
  assert.deepEqual(
    seen.sort((left, right) => left - right),
    upTo(2000),
  );
  await consumer.close();
});

test("seeks to offsets, to the beginning and to the end, and tells positions and lag", async () => {
  const topic = await world.createTopic("seek", 1);
  const partition = { topic, partition: 0 };
  await world.produce(topic, 0, 100);
  const consumer = world.consumer({ "max.poll.records": 10 });
  consumer.assign([partition]);
  assert.equal(await consumer.position(partition), 0);
  assert.equal(consumer.currentLag(partition), null);
  consumer.seek(partition, 90);
  assert.equal(await consumer.position(partition), 90);
  assert.deepEqual(numbers(await pollUntil(consumer, (seen) => seen.length > 0)).slice(0, 1), [90]);
  consumer.seekToBeginning();
  assert.equal(await consumer.position(partition), 0);
  assert.deepEqual(numbers(await pollUntil(consumer, (seen) => seen.length > 0)).slice(0, 1), [0]);
  assert.equal(consumer.currentLag(partition), 90);
  consumer.seekToEnd([partition]);
  assert.equal(await consumer.position(partition), 100);
  assert.equal((await consumer.poll(200)).count, 0);
  await world.produce(topic, 0, 1, 100);
  assert.deepEqual(numbers(await pollUntil(consumer, (seen) => seen.length > 0)), [100]);
  assert.throws(() => consumer.seek({ topic, partition: 1 }, 0), /No current assignment/);
  assert.throws(() => consumer.seek(partition, -1), RangeError);
  await consumer.close();
});

test("a paused partition gives nothing until it is resumed, and loses nothing", async () => {
  const topic = await world.createTopic("pause", 2);
  await world.produce(topic, 0, 50);
  await world.produce(topic, 1, 50, 50);
  const consumer = world.consumer({ "max.poll.records": 5 });
  const [zero, one] = [
    { topic, partition: 0 },
    { topic, partition: 1 },
  ];
  consumer.assign([zero, one]);
  const first = await pollUntil(consumer, (seen) => seen.length > 0);
  consumer.pause([zero]);
  assert.deepEqual(consumer.paused(), [zero]);
  const rest = await pollUntil(
    consumer,
    (seen) => seen.filter(({ partition }) => partition === 1).length >= 45,
  );
  for (let round = 0; round < 3; round++) rest.push(...(await consumer.poll(100)));
  assert.equal(rest.filter(({ partition }) => partition === 0).length, 0);
  await world.produce(topic, 1, 10, 100);
  const seenBefore = first.length + rest.length;
  rest.push(...(await pollUntil(consumer, (seen) => seen.length >= 10)));
  assert.equal(first.length + rest.length, seenBefore + 10, "what is not paused goes on");
  consumer.resume([zero]);
  const last = await pollUntil(consumer, (seen) => first.length + rest.length + seen.length >= 110);
  assert.deepEqual(numbers([...first, ...rest, ...last]), upTo(110));
  await consumer.close();
});

test("finds offsets by time, at the beginning and at the end", async () => {
  const topic = await world.createTopic("times", 2);
  await world.produce(topic, 0, 100);
  const consumer = world.consumer();
  const [zero, one] = [
    { topic, partition: 0 },
    { topic, partition: 1 },
  ];
  const found = await consumer.offsetsForTimes([
    [zero, 1_000_042],
    [one, 1],
  ]);
  assert.deepEqual(found.get(zero), { offset: 42, timestamp: 1_000_042, leaderEpoch: 0 });
  assert.equal(found.get(one), null);
  const late = await consumer.offsetsForTimes([[zero, 2_000_000]]);
  assert.equal(late.get(zero), null);
  assert.equal((await consumer.beginningOffsets([zero])).get(zero), 0);
  const ends = await consumer.endOffsets([zero, one]);
  assert.deepEqual([ends.get(zero), ends.get(one)], [100, 0]);
  assert.throws(() => consumer.offsetsForTimes([[zero, -1]]), /cannot be negative/);
  const partitions = await consumer.partitionsFor(topic);
  assert.deepEqual(
    partitions.map(({ partition, leader }) => [partition, leader >= 0]),
    [
      [0, true],
      [1, true],
    ],
  );
  await consumer.close();
});

test("auto.offset.reset: latest, none, by_duration, and a position that is gone", async () => {
  const topic = await world.createTopic("reset", 1);
  const partition = { topic, partition: 0 };
  await world.produce(topic, 0, 100);
  const latest = world.consumer({ "auto.offset.reset": "latest" });
  latest.assign([partition]);
  assert.equal(await latest.position(partition), 100);
  await latest.close();
  const none = world.consumer({ "auto.offset.reset": "none" });
  none.assign([partition]);
  await assert.rejects(none.poll(1000), NoOffsetForPartitionError);
  none.seek(partition, 1000);
  await assert.rejects(
    pollUntil(none, () => false),
    OffsetOutOfRangeError,
  );
  await none.close();
  const recent = world.consumer({ "auto.offset.reset": "by_duration:PT1H" });
  recent.assign([partition]);
  assert.equal(await recent.position(partition), 100);
  await recent.close();
  await world.admin.deleteRecords([[partition, 60]]);
  const earliest = world.consumer();
  earliest.assign([partition]);
  earliest.seek(partition, 10);
  const records = await pollUntil(earliest, (seen) => seen.length >= 40);
  assert.deepEqual(
    numbers(records),
    upTo(100).filter((value) => value >= 60),
  );
  await earliest.close();
});

test("wakeup ends a poll that waits", async () => {
  const topic = await world.createTopic("wakeup", 1);
  const consumer = world.consumer();
  consumer.assign([{ topic, partition: 0 }]);
  await consumer.poll(100);
  const polling = consumer.poll(60_000);
  await assert.rejects(consumer.poll(0), /under way/);
  consumer.wakeup();
  await assert.rejects(polling, WakeupError);
  await world.produce(topic, 0, 1);
  assert.equal((await pollUntil(consumer, (seen) => seen.length > 0)).length, 1);
  await consumer.close();
  assert.throws(() => consumer.poll(0), /closed/);
  await consumer.close();
});

test("commits offsets of partitions by hand, with texts, and finds them again", async () => {
  const topic = await world.createTopic("manual", 2);
  const group = world.name("group");
  const [zero, one] = [
    { topic, partition: 0 },
    { topic, partition: 1 },
  ];
  await world.produce(topic, 0, 20);
  const consumer = world.consumer({ "group.id": group, "enable.auto.commit": false });
  consumer.assign([zero, one]);
  await pollUntil(consumer, (seen) => seen.length >= 20);
  await consumer.commit([[zero, { offset: 5, metadata: "five", leaderEpoch: 0 }]]);
  const committed = await consumer.committed([zero, one]);
  assert.deepEqual(committed.get(zero), { offset: 5, leaderEpoch: 0, metadata: "five" });
  assert.equal(committed.get(one), null);
  await consumer.close();
  const again = world.consumer({ "group.id": group });
  again.assign([zero, one]);
  const records = await pollUntil(again, (seen) => seen.length >= 15);
  assert.equal(records[0]?.offset, 5);
  await again.close();
  const last = world.consumer({ "group.id": group });
  assert.equal((await last.committed([zero])).get(zero)?.offset, 20, "close commits what was consumed");
  await last.close();
  const groupless = world.consumer();
  await assert.rejects(groupless.commit(), { name: "INVALID_GROUP_ID" });
  assert.throws(() => groupless.subscribe([topic]), { name: "INVALID_GROUP_ID" });
});

test("a topic that comes later is read once it is there; one that may not be is an error", async () => {
  const name = world.name("later");
  const consumer = world.consumer({ "metadata.max.age.ms": 500, "allow.auto.create.topics": false });
  consumer.assign([{ topic: name, partition: 0 }]);
  assert.equal((await consumer.poll(300)).count, 0);
  await world.createNamedTopic(name, 1);
  await world.produce(name, 0, 10);
  assert.deepEqual(numbers(await pollUntil(consumer, (seen) => seen.length >= 10)), upTo(10));
  await consumer.close();
  const wrong = world.consumer();
  wrong.assign([{ topic: "no/topic", partition: 0 }]);
  await assert.rejects(
    pollUntil(wrong, () => false),
    { name: "INVALID_TOPIC_EXCEPTION" },
  );
  await wrong.close();
});

/** `length` characters that no codec shrinks to nothing, beginning with `name`. */
function noise(name: string, length: number): string {
  let state = 1;
  const parts = [name];
  for (let size = name.length; size < length; size += 6) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    parts.push(state.toString(36).padStart(6, "0").slice(-6));
  }
  return parts.join("");
}
