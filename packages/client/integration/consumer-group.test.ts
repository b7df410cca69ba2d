// Consumers as members of classic groups, over real sockets.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CommitFailedError,
  type Consumer,
  type ConsumerRecord,
  type RebalanceListener,
  type TopicPartition,
} from "@ottla/client";
import { ConsumerWorld, numbers, pollUntil, upTo } from "./consumer-world.ts";

const COOPERATIVE = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";

const namesOf = (partitions: readonly TopicPartition[]): string[] =>
  partitions.map(({ topic, partition }) => `${topic}-${partition}`).sort();

/** Writes down what a listener is told. */
class Diary implements RebalanceListener {
  readonly lines: string[] = [];
  onPartitionsRevoked(partitions: readonly TopicPartition[]): void {
    this.lines.push(`revoked ${partitions.length}`);
  }
  onPartitionsAssigned(partitions: readonly TopicPartition[]): void {
    this.lines.push(`assigned ${partitions.length}`);
  }
  onPartitionsLost(partitions: readonly TopicPartition[]): void {
    this.lines.push(`lost ${partitions.length}`);
  }
}

/** Polls all until each has as many partitions as said; nobody has a partition that another has. */
async function pollUntilShares(
  consumers: readonly Consumer[],
  shares: readonly number[],
): Promise<ConsumerRecord[]> {
  const sorted = (counts: readonly number[]): string => [...counts].sort().join();
  const records = await pollUntil(
    consumers,
    () => sorted(consumers.map((consumer) => consumer.assignment().length)) === sorted(shares),
  );
  const all = consumers.flatMap((consumer) => namesOf(consumer.assignment()));
  assert.equal(new Set(all).size, all.length);
  return records;
}

const world = await ConsumerWorld.start();

after(() => world.stop());

test("a group goes on behind what was committed", async () => {
  const topic = await world.createTopic("resume", 2);
  const group = world.name("group");
  await world.produce(topic, 0, 300);
  await world.produce(topic, 1, 300, 300);
  const first = world.consumer({ "group.id": group, "enable.auto.commit": false, "max.poll.records": 50 });
  first.subscribe([topic]);
  const before = await pollUntil(first, (seen) => seen.length >= 100);
  await first.commit();
  const committed = await first.committed(first.assignment());
  const sum = committed.values().reduce((total, each) => total + (each?.offset ?? 0), 0);
  assert.equal(sum, before.length);
  await first.poll(100);
  await first.close();
  const second = world.consumer({ "group.id": group });
  second.subscribe([topic]);
  const rest = await pollUntil(second, (seen) => seen.length >= 600 - before.length);
  assert.deepEqual(numbers([...before, ...rest]), upTo(600));
  await second.close();
  const third = world.consumer({ "group.id": group });
  third.subscribe([topic]);
  await pollUntilShares([third], [2]);
  assert.equal((await third.poll(500)).count, 0, "close committed what was consumed");
  await third.close();
});

test("eager: members share the partitions, and all is revoked before each rebalance", async () => {
  const topic = await world.createTopic("eager", 4);
  const group = world.name("group");
  const settings = { "group.id": group, "heartbeat.interval.ms": 300 };
  const diary = new Diary();
  const first = world.consumer(settings);
  first.subscribe([topic], diary);
  await pollUntilShares([first], [4]);
  const second = world.consumer(settings);
  second.subscribe([topic]);
  await pollUntilShares([first, second], [2, 2]);
  assert.deepEqual(diary.lines, ["assigned 4", "revoked 4", "assigned 2"]);
  for (const partition of upTo(4)) await world.produce(topic, partition, 100, partition * 100);
  const records = await pollUntil([first, second], (seen) => seen.length >= 400);
  assert.deepEqual(numbers(records), upTo(400));
  await second.close();
  await pollUntilShares([first], [4]);
  assert.deepEqual(diary.lines.slice(3), ["revoked 2", "assigned 4"]);
  await first.close();
  assert.deepEqual(diary.lines.slice(5), ["revoked 4"]);
});

test("cooperative: a member keeps what it does not have to give away", async () => {
  const topic = await world.createTopic("cooperative", 4);
  const group = world.name("group");
  const settings = {
    "group.id": group,
    "heartbeat.interval.ms": 300,
    "partition.assignment.strategy": COOPERATIVE,
  };
  const diary = new Diary();
  const first = world.consumer(settings);
  first.subscribe([topic], diary);
  await pollUntilShares([first], [4]);
  const kept = new Set(namesOf(first.assignment()));
  const second = world.consumer(settings);
  second.subscribe([topic]);
  await pollUntilShares([first, second], [2, 2]);
  assert.ok(namesOf(first.assignment()).every((name) => kept.has(name)));
  assert.deepEqual(
    diary.lines.filter((line) => line !== "assigned 0"),
    ["assigned 4", "revoked 2"],
  );
  const third = world.consumer(settings);
  third.subscribe([topic]);
  await pollUntilShares([first, second, third], [1, 1, 2]);
  for (const partition of upTo(4)) await world.produce(topic, partition, 50, partition * 50);
  const records = await pollUntil([first, second, third], (seen) => seen.length >= 200);
  assert.deepEqual(numbers(records), upTo(200));
  await third.close();
  await second.close();
  await pollUntilShares([first], [4]);
  await first.close();
});

test("the partitions of a member that dies go to the others after its session", async () => {
  const topic = await world.createTopic("dies", 4);
  const settings = {
    "group.id": world.name("group"),
    "session.timeout.ms": 6000,
    "heartbeat.interval.ms": 300,
    "auto.commit.interval.ms": 100,
  };
  const survivor = world.consumer(settings);
  survivor.subscribe([topic]);
  const { consumer: victim, kill } = world.mortalConsumer(settings);
  victim.subscribe([topic]);
  await pollUntilShares([survivor, victim], [2, 2]);
  await kill();
  for (const partition of upTo(4)) await world.produce(topic, partition, 50, partition * 50);
  const records = await pollUntil(survivor, (seen) => seen.length >= 200);
  assert.deepEqual(numbers(records), upTo(200));
  assert.equal(survivor.assignment().length, 4);
  await survivor.close();
});

test("a static member comes back to its partitions without a rebalance of the others", async () => {
  const topic = await world.createTopic("static", 4);
  const group = world.name("group");
  const settings = { "group.id": group, "heartbeat.interval.ms": 300, "session.timeout.ms": 10_000 };
  const diary = new Diary();
  const one = world.consumer({ ...settings, "group.instance.id": "one" });
  one.subscribe([topic], diary);
  const two = world.consumer({ ...settings, "group.instance.id": "two" });
  two.subscribe([topic]);
  await pollUntilShares([one, two], [2, 2]);
  const before = namesOf(two.assignment());
  const lines = diary.lines.length;
  await two.close();
  const again = world.consumer({ ...settings, "group.instance.id": "two" });
  again.subscribe([topic]);
  await pollUntilShares([one, again], [2, 2]);
  assert.deepEqual(namesOf(again.assignment()), before);
  assert.equal(diary.lines.length, lines);
  await one.close();
  await again.close();
});

test("a second static member of the same name fences the first", async () => {
  const topic = await world.createTopic("fenced", 1);
  const settings = {
    "group.id": world.name("group"),
    "group.instance.id": "only",
    "heartbeat.interval.ms": 300,
    "session.timeout.ms": 10_000,
  };
  const old = world.consumer(settings);
  old.subscribe([topic]);
  await pollUntilShares([old], [1]);
  const next = world.consumer(settings);
  next.subscribe([topic]);
  await pollUntilShares([next], [1]);
  await assert.rejects(
    pollUntil(old, () => false),
    { name: "FENCED_INSTANCE_ID" },
  );
  await old.close();
  await next.close();
});

test("a member that does not poll leaves the group, and may not commit any more", async () => {
  const topic = await world.createTopic("slow", 2);
  const group = world.name("group");
  const diary = new Diary();
  const settings = { "group.id": group, "heartbeat.interval.ms": 200, "enable.auto.commit": false };
  const slow = world.consumer({ ...settings, "max.poll.interval.ms": 1000 });
  slow.subscribe([topic], diary);
  await pollUntilShares([slow], [2]);
  const other = world.consumer(settings);
  other.subscribe([topic]);
  await pollUntilShares([other], [2]);
  await assert.rejects(slow.commit([[{ topic, partition: 0 }, { offset: 0 }]]), CommitFailedError);
  await pollUntilShares([slow, other], [1, 1]);
  assert.deepEqual(diary.lines, ["assigned 2", "lost 2", "assigned 1"]);
  await slow.close();
  await other.close();
});

test("a pattern finds topics that come later, and takes whole names only", async () => {
  const stem = world.name("logs");
  await world.createNamedTopic(`${stem}-a`, 1);
  await world.createNamedTopic(`x${stem}-a`, 1);
  const consumer = world.consumer({ "group.id": world.name("group"), "metadata.max.age.ms": 500 });
  consumer.subscribe(new RegExp(`${stem}-.*`));
  await pollUntilShares([consumer], [1]);
  assert.deepEqual([...consumer.subscription()], [`${stem}-a`]);
  await world.createNamedTopic(`${stem}-b`, 2);
  await pollUntilShares([consumer], [3]);
  await world.produce(`${stem}-b`, 1, 10);
  const records = await pollUntil(consumer, (seen) => seen.length >= 10);
  assert.deepEqual(numbers(records), upTo(10));
  await consumer.close();
});

test("the leader notices more partitions of a topic", async () => {
  const topic = await world.createTopic("grows", 1);
  const consumer = world.consumer({ "group.id": world.name("group"), "metadata.max.age.ms": 500 });
  consumer.subscribe([topic]);
  await pollUntilShares([consumer], [1]);
  const grown = await world.admin.createPartitions(new Map([[topic, { totalCount: 3 }]]));
  assert.equal(grown.get(topic), null);
  await pollUntilShares([consumer], [3]);
  await consumer.close();
});

test("members with different topics, and a leader that reads only one of them", async () => {
  const [left, right] = [await world.createTopic("left", 2), await world.createTopic("right", 2)];
  const settings = { "group.id": world.name("group"), "heartbeat.interval.ms": 300 };
  const one = world.consumer(settings);
  one.subscribe([left]);
  await pollUntilShares([one], [2]);
  const two = world.consumer(settings);
  two.subscribe([right]);
  await pollUntilShares([one, two], [2, 2]);
  assert.ok(one.assignment().every(({ topic }) => topic === left));
  assert.ok(two.assignment().every(({ topic }) => topic === right));
  one.subscribe([left, right]);
  await pollUntil([one, two], () => one.assignment().length === 3);
  await one.close();
  await two.close();
});

test("offsets are committed in the callback before partitions go, and by callbacks of commits", async () => {
  const topic = await world.createTopic("callbacks", 2);
  const group = world.name("group");
  const settings = { "group.id": group, "heartbeat.interval.ms": 300, "enable.auto.commit": false };
  await world.produce(topic, 0, 100);
  await world.produce(topic, 1, 100, 100);
  const first = world.consumer(settings);
  first.subscribe([topic], { onPartitionsRevoked: () => first.commit() });
  const before = await pollUntil(first, (seen) => seen.length >= 200);
  const second = world.consumer(settings);
  second.subscribe([topic]);
  const again = await pollUntilShares([first, second], [1, 1]);
  const error = await new Promise((resolve) => first.commitAsync(null, resolve));
  assert.equal(error, null);
  const more = [...again];
  for (let round = 0; round < 3; round++) more.push(...(await second.poll(100)), ...(await first.poll(100)));
  assert.deepEqual(numbers([...before, ...more]), upTo(200));
  await second.close();
  await first.close();
});

test("a member unsubscribes, subscribes to something else, and tells who it is", async () => {
  const [one, two] = [await world.createTopic("one", 1), await world.createTopic("two", 1)];
  const group = world.name("group");
  const diary = new Diary();
  const consumer = world.consumer({ "group.id": group });
  consumer.subscribe([one], diary);
  await pollUntilShares([consumer], [1]);
  const { groupId, generationId, memberId } = consumer.groupMetadata();
  assert.equal(groupId, group);
  assert.ok(generationId >= 1 && memberId.startsWith(`consumer-${group}`));
  await consumer.unsubscribe();
  assert.deepEqual(diary.lines, ["assigned 1", "revoked 1"]);
  assert.throws(() => consumer.poll(0), /not subscribed/);
  consumer.subscribe([two]);
  await pollUntilShares([consumer], [1]);
  assert.deepEqual(namesOf(consumer.assignment()), [`${two}-0`]);
  await consumer.close();
});

test("an error in a callback comes out of poll, and the group goes on", async () => {
  const topic = await world.createTopic("throws", 1);
  const consumer = world.consumer({ "group.id": world.name("group") });
  let isThrown = false;
  consumer.subscribe([topic], {
    onPartitionsAssigned() {
      if (isThrown) return;
      isThrown = true;
      throw new Error("mine");
    },
  });
  await assert.rejects(
    pollUntil(consumer, () => false),
    (error: Error) => error.message === "User rebalance callback throws an error",
  );
  await world.produce(topic, 0, 10);
  const records = await pollUntil(consumer, (seen) => seen.length >= 10);
  assert.deepEqual(numbers(records), upTo(10));
  await consumer.close();
});
