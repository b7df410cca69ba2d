// The producer against a real broker in this process.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Admin, KafkaError, offsetSpecs, Producer, TimeoutError } from "@ottla/client";
import { type StartedBroker, startBroker } from "@ottla/testkit";

let broker: StartedBroker;
let admin: Admin;

before(async () => {
  broker = await startBroker();
  admin = new Admin({ "bootstrap.servers": broker.bootstrap });
});

after(async () => {
  await admin.close();
  await broker.stop();
});

async function topic(name: string, partitions = 1): Promise<string> {
  await admin.createTopics([{ name, numPartitions: partitions, replicationFactor: 1 }]);
  return name;
}

async function endOffset(name: string, partition = 0): Promise<number> {
  const key = { topic: name, partition };
  const listed = (await admin.listOffsets([[key, offsetSpecs.latest]])).get(key);
  assert.ok(listed !== undefined && !(listed instanceof KafkaError));
  return listed.offset;
}

function producer(settings: Record<string, string | number> = {}): Producer {
  return new Producer({ "bootstrap.servers": broker.bootstrap, ...settings });
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("records are delivered in order with their offsets", async () => {
  const name = await topic("ordered");
  const sending = producer();
  const sent = await Promise.all(
    Array.from({ length: 1000 }, (_, index) =>
      sending.send({ topic: name, value: bytes(`value ${index}`), timestamp: 5000 + index }),
    ),
  );
  assert.deepEqual(
    sent.map(({ offset, timestamp }) => [offset, timestamp]),
    sent.map((_, index) => [index, 5000 + index]),
  );
  await sending.close();
  assert.equal(await endOffset(name), 1000);
});

for (const codec of ["none", "gzip", "snappy", "lz4", "zstd"]) {
  for (const acks of ["all", "1", "0"]) {
    test(`batches with ${codec} and acks=${acks} arrive`, async () => {
      const name = await topic(`codec-${codec}-${acks}`);
      const sending = producer({ "compression.type": codec, acks, "batch.size": 200_000 });
      for (let index = 0; index < 5000; index += 1) {
        const record = { topic: name, value: bytes(`value ${index}`.repeat(10)) };
        while (!sending.enqueue(record)) await sending.whenWritable(name);
      }
      await sending.close();
      const count = async () => (await endOffset(name)) === 5000;
      // Nobody says when unanswered records are there.
      for (let tries = 0; acks === "0" && tries < 50 && !(await count()); tries += 1);
      assert.equal(await endOffset(name), 5000);
    });
  }
}

test("records that shrink much share large batches, compressed beside the loop", async () => {
  const name = await topic("shrinking", 2);
  const sending = producer({ "compression.type": "lz4" });
  const value = new Uint8Array(200);
  let failed = 0;
  for (let index = 0; index < 100_000; index += 1) {
    const told = (error: KafkaError | null) => {
      if (error !== null) failed += 1;
    };
    while (!sending.enqueue({ topic: name, value }, told)) await sending.whenWritable(name);
    if (index % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await sending.flush();
  assert.equal(failed, 0);
  assert.equal((await endOffset(name, 0)) + (await endOffset(name, 1)), 100_000);
  assert.ok(sending.counts.batches < 1100, `${sending.counts.batches} batches`);
  await sending.close();
});

test("the same key goes to the same partition as with every client", async () => {
  const name = await topic("keyed", 10);
  const sending = producer();
  const send = async (key: string) =>
    (await sending.send({ topic: name, key: bytes(key), value: null })).partition;
  assert.deepEqual(
    [await send("a"), await send("b"), await send("a")],
    [await send("a"), await send("b"), await send("a")],
  );
  await sending.close();
});

test("records without a key spread over partitions batch by batch", async () => {
  const name = await topic("spread", 3);
  const sending = producer({ "batch.size": 1000 });
  const partitions = new Set<number>();
  let left = 2000;
  for (let index = 0; index < 2000; index += 1) {
    const record = { topic: name, value: bytes("x".repeat(100)) };
    const told = (error: KafkaError | null, at: { partition: number }) => {
      assert.equal(error, null);
      partitions.add(at.partition);
      left -= 1;
    };
    while (!sending.enqueue(record, told)) await sending.whenWritable(name);
  }
  await sending.flush();
  assert.equal(left, 0);
  assert.equal(partitions.size, 3);
  await sending.close();
});

test("a topic that nobody made is made, or waited for in vain", async () => {
  const sending = producer({ "max.block.ms": 5000 });
  assert.equal((await sending.send({ topic: "made-on-the-way", value: null })).offset, 0);
  await assert.rejects(sending.send({ topic: "a/b", value: null }), { message: "Invalid topics: [a/b]" });
  await sending.close();
  const hasty = producer({ "max.block.ms": 100 });
  const lost = hasty.send({ topic: "hasty", partition: 99, value: null });
  await assert.rejects(lost, (error: Error) => error instanceof TimeoutError);
  await hasty.close();
});

test("a record above max.request.size is refused, and one above the topic's bound comes back", async () => {
  const name = "small-topic";
  await admin.createTopics([
    { name, numPartitions: 1, replicationFactor: 1, configs: new Map([["max.message.bytes", "1000"]]) },
  ]);
  const sending = producer({ "max.request.size": 5000 });
  await assert.rejects(sending.send({ topic: name, value: new Uint8Array(5000) }), {
    message:
      "The message is 5086 bytes when serialized which is larger than 5000, " +
      "which is the value of the max.request.size configuration.",
  });
  await assert.rejects(sending.send({ topic: name, value: new Uint8Array(2000) }), {
    name: "MESSAGE_TOO_LARGE",
  });
  // Together too large, each alone not: the batch is split until its parts fit.
  const many = await Promise.all(
    Array.from({ length: 20 }, () => sending.send({ topic: name, value: new Uint8Array(200) })),
  );
  assert.deepEqual(
    many.map(({ offset }) => offset),
    many.map((_, index) => index),
  );
  await sending.close();
});

test("little memory makes a producer wait, not fail", async () => {
  const name = await topic("tight");
  const sending = producer({ "buffer.memory": 4096, "batch.size": 1024 });
  const all = await Promise.all(
    Array.from({ length: 500 }, () => sending.send({ topic: name, value: new Uint8Array(300) })),
  );
  assert.deepEqual(
    all.map(({ offset }) => offset),
    all.map((_, index) => index),
  );
  assert.equal(sending.counts.bufferAvailableBytes, 4096);
  await sending.close();
  assert.throws(() => sending.enqueue({ topic: name, value: null }), /after producer has been closed/);
});
