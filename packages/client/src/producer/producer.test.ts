import assert from "node:assert/strict";
import { test } from "node:test";
import { apiKeys, type ErrorSpec, errors } from "@ottla/protocol";
import type { ClientSettings } from "../config/client-config.ts";
import type { KafkaError } from "../errors/kafka-error.ts";
import { ScriptedCluster } from "../testing/scripted-cluster.ts";
import { ScriptedLog } from "../testing/scripted-log.ts";
import { Producer } from "./producer.ts";

interface Scene {
  readonly cluster: ScriptedCluster;
  readonly log: ScriptedLog;
  readonly producer: Producer;
}

const bytes = (text: string) => new TextEncoder().encode(text);

function scene(settings: ClientSettings = {}, seed = 1): Scene {
  const cluster = new ScriptedCluster(seed, [1, 2]);
  cluster.topic("t", [1]);
  const log = new ScriptedLog(cluster);
  const all = { "bootstrap.servers": "broker-1:9092", "linger.ms": 0, ...settings };
  return { cluster, log, producer: new Producer(all, cluster.environment) };
}

function value(index: number): string {
  return `v${index}`;
}

/** Sends, and resolves with offsets or error names. */
function send(producer: Producer, index: number): Promise<number | string> {
  return producer.send({ topic: "t", partition: 0, value: bytes(value(index)) }).then(
    ({ offset }) => offset,
    (error: KafkaError) => error.name,
  );
}

/** Sends one after the other, each in a batch of its own when `linger.ms` is 0. */
async function sendApart(
  { cluster, producer }: Scene,
  from: number,
  to: number,
): Promise<(number | string)[]> {
  const sent: Promise<number | string>[] = [];
  for (let index = from; index < to; index += 1) {
    sent.push(send(producer, index));
    await cluster.run({ ms: 1 });
  }
  return cluster.settled(Promise.all(sent));
}

/** An error for the given batches, counted from 0 in order of arrival. */
function failing(error: ErrorSpec, ...which: readonly number[]): { batch: () => ErrorSpec | null } {
  let count = 0;
  return { batch: () => (which.includes(count++) ? error : null) };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

test("records wait for company as long as linger.ms says, and a flush does not wait", async () => {
  const { cluster, log, producer } = scene({ "linger.ms": 5000 });
  const sent = [send(producer, 0), send(producer, 1)];
  await cluster.run({ ms: 4000 });
  assert.equal(log.partition("t", 0).values.length, 0);
  sent.push(send(producer, 2));
  assert.deepEqual(await cluster.settled(Promise.all(sent)), [0, 1, 2]);
  assert.equal(log.partition("t", 0).arrived.length, 1);
  const startMs = cluster.world.nowMs;
  const flushed = send(producer, 3);
  await cluster.settled(producer.flush());
  assert.equal(await cluster.settled(flushed), 3);
  assert.ok(cluster.world.nowMs - startMs < 1000);
});

test("a lost answer leads to the same batch again, which the broker knows", async () => {
  const at = scene();
  await sendApart(at, 0, 1);
  let isFirst = true;
  at.log.faults = {
    request: () => {
      if (!isFirst) return null;
      isFirst = false;
      return "unheard";
    },
  };
  assert.deepEqual(await sendApart(at, 1, 4), [1, 2, 3]);
  assert.deepEqual(at.log.partition("t", 0).values, range(4).map(value));
});

test("batches behind one that must be sent again keep their order", async () => {
  const at = scene();
  await sendApart(at, 0, 1);
  at.log.faults = failing(errors.NOT_ENOUGH_REPLICAS, 0);
  assert.deepEqual(await sendApart(at, 1, 6), [1, 2, 3, 4, 5]);
  assert.deepEqual(at.log.partition("t", 0).values, range(6).map(value));
});

test("an oldest batch out of order makes the partition begin a new epoch", async () => {
  const at = scene();
  await sendApart(at, 0, 3);
  const partition = at.log.partition("t", 0);
  at.log.faults = failing(errors.OUT_OF_ORDER_SEQUENCE_NUMBER, 0);
  assert.deepEqual(await sendApart(at, 3, 6), [3, 4, 5]);
  assert.deepEqual(partition.values, range(6).map(value));
  const last = partition.arrived.at(-1);
  assert.equal(last?.epoch, 1);
  const ofNewEpoch = partition.arrived.filter(({ epoch }) => epoch === 1);
  assert.equal(ofNewEpoch[0]?.sequence, 0);
});

test("a record that fails for good takes no other with it", async () => {
  const at = scene();
  await sendApart(at, 0, 1);
  at.log.faults = failing(errors.INVALID_RECORD, 0);
  const sent = await sendApart(at, 1, 4);
  assert.equal(sent[0], "INVALID_RECORD");
  assert.deepEqual(sent.slice(1), [1, 2]);
  assert.deepEqual(at.log.partition("t", 0).values, ["v0", "v2", "v3"]);
});

test("a moved leader is found by metadata, or at once when the broker tells", async () => {
  for (const tells of [false, true]) {
    const at = scene();
    await sendApart(at, 0, 1);
    at.log.tellsLeaders = tells;
    at.cluster.topics.get("t")?.partitions.splice(0, 1, { leaderId: 2, leaderEpoch: 1 });
    const before = at.cluster.log.length;
    assert.deepEqual(await sendApart(at, 1, 2), [1]);
    const asked = at.cluster.log.slice(before).map(({ apiKey, nodeId }) => [apiKey, nodeId]);
    const metadata = asked.filter(([apiKey]) => apiKey === apiKeys.Metadata);
    assert.equal(metadata.length > 0, !tells);
    assert.deepEqual(asked.at(-1), [apiKeys.Produce, 2]);
  }
});

test("what is not delivered in time fails, and a later record begins a new epoch", async () => {
  const settings = { "delivery.timeout.ms": 2000, "request.timeout.ms": 1500, "linger.ms": 0 };
  const at = scene(settings);
  await sendApart(at, 0, 1);
  at.log.faults = { request: () => "silent" };
  const lost = at.producer.send({ topic: "t", partition: 0, value: bytes("lost") });
  await assert.rejects(at.cluster.settled(lost), {
    message: /^Expiring 1 record\(s\) for t-0:20\d\d ms has passed since batch creation$/,
  });
  at.log.faults = {};
  at.cluster.disconnect(1);
  assert.deepEqual(await sendApart(at, 1, 2), [1]);
  assert.equal(at.log.partition("t", 0).arrived.at(-1)?.epoch, 1);
  assert.equal(at.producer.counts.bufferAvailableBytes, at.producer.counts.bufferTotalBytes);
});

test("without idempotence nothing bears a sequence, and retries are bounded", async () => {
  const at = scene({ "enable.idempotence": false, retries: 2 });
  at.log.faults = { batch: () => errors.NOT_ENOUGH_REPLICAS };
  assert.deepEqual(await sendApart(at, 0, 1), ["NOT_ENOUGH_REPLICAS"]);
  assert.equal(at.cluster.log.filter(({ apiKey }) => apiKey === apiKeys.Produce).length, 3);
  at.log.faults = {};
  assert.deepEqual(await sendApart(at, 1, 2), [0]);
  assert.deepEqual(at.log.partition("t", 0).arrived, [{ epoch: -1, sequence: -1, count: 1 }]);
});

test("with acks=0 a record counts as sent when its bytes have left", async () => {
  const at = scene({ acks: "0" });
  assert.deepEqual(await sendApart(at, 0, 2), [-1, -1]);
  await at.cluster.run({ ms: 1000 });
  assert.deepEqual(at.log.partition("t", 0).values, ["v0", "v1"]);
});

test("no more requests are on the way to a node than allowed", async () => {
  for (const inFlightMax of [1, 3]) {
    const at = scene({ "max.in.flight.requests.per.connection": inFlightMax });
    await sendApart(at, 0, 1);
    let open = 0;
    at.log.faults = {
      request: () => {
        open += 1;
        return "silent";
      },
    };
    for (let index = 0; index < 10; index += 1) {
      void send(at.producer, index);
      await at.cluster.run({ ms: 10 });
    }
    assert.equal(open, inFlightMax);
  }
});

test("an old version of Produce names its topics", async () => {
  const at = scene();
  at.cluster.versionMax.set(apiKeys.Produce, 9);
  assert.deepEqual(await sendApart(at, 0, 1), [0]);
  assert.equal(at.cluster.log.at(-1)?.version, 9);
});

test("a batch too large for the broker is halved until its parts fit", async () => {
  const at = scene({ "linger.ms": 10 });
  await sendApart(at, 0, 1);
  at.log.faults = failing(errors.MESSAGE_TOO_LARGE, 0, 1, 2);
  const sent = range(8).map((index) => send(at.producer, index + 1));
  assert.deepEqual(
    await at.cluster.settled(Promise.all(sent)),
    range(8).map((index) => index + 1),
  );
  assert.deepEqual(at.log.partition("t", 0).values, range(9).map(value));
});

test("a callback that throws harms no other", async () => {
  const at = scene({ "linger.ms": 10 });
  const told: number[] = [];
  const record = { topic: "t", value: null };
  await at.cluster.settled(at.producer.whenWritable("t"));
  at.producer.enqueue(record, () => {
    throw new Error("a bug of the caller");
  });
  at.producer.enqueue(record, (_error, { offset }) => told.push(offset));
  await at.cluster.settled(at.producer.flush());
  assert.deepEqual(told, [1]);
});

test("closing delivers what was taken; in no time it fails", async () => {
  const at = scene({ "linger.ms": 5000 });
  const taken = send(at.producer, 0);
  await at.cluster.settled(at.producer.close());
  assert.equal(await at.cluster.settled(taken), 0);
  const other = scene({ "linger.ms": 5000 });
  const failed = send(other.producer, 0);
  await other.cluster.settled(other.producer.close({ timeoutMs: 0 }));
  assert.equal(await other.cluster.settled(failed), "UNKNOWN_SERVER_ERROR");
});

test("records refused at once are told in order, before a flush or a close is over", async () => {
  for (const ends of ["flush", "close"] as const) {
    const at = scene({ "max.request.size": 200 });
    await sendApart(at, 0, 1);
    const told: string[] = [];
    const note = (error: KafkaError | null, _: unknown, index: unknown) =>
      told.push(`${String(index)} ${error?.name ?? "stored"}`);
    at.producer.enqueue({ topic: "t", value: new Uint8Array(500) }, note, 1);
    at.producer.enqueue({ topic: "t", value: null }, note, 2);
    at.producer.enqueue({ topic: "t", value: null, partition: -1 }, note, 3);
    assert.deepEqual(told, []);
    await at.cluster.settled(at.producer[ends]());
    assert.deepEqual(told, ["1 MESSAGE_TOO_LARGE", "3 INVALID_REQUEST", "2 stored"]);
    assert.equal(at.producer.counts.errors, 2);
  }
  const alone = scene({ "max.request.size": 200 });
  const told: unknown[] = [];
  alone.producer.enqueue({ topic: "t", value: new Uint8Array(500) }, () => told.push("refused"));
  await alone.cluster.settled(alone.producer.close({ timeoutMs: 0 }));
  assert.deepEqual(told, ["refused"]);
});

test("a record that is too large is refused also when it waited behind others", async () => {
  const at = scene({ "max.request.size": 200 });
  const first = at.producer.send({ topic: "t", value: null });
  const large = at.producer.send({ topic: "t", value: new Uint8Array(500) });
  await Promise.all([at.cluster.settled(first), assert.rejects(large, { name: "MESSAGE_TOO_LARGE" })]);
});

test("a flush waits for the parts of a batch that was too large", async () => {
  const at = scene({ "linger.ms": 10 });
  await sendApart(at, 0, 1);
  at.log.faults = failing(errors.MESSAGE_TOO_LARGE, 0);
  const told: number[] = [];
  for (const index of range(4)) {
    const record = { topic: "t", partition: 0, value: bytes(value(index + 1)) };
    at.producer.enqueue(record, (_error, { offset }) => told.push(offset));
  }
  await at.cluster.settled(at.producer.flush());
  assert.deepEqual(told, [1, 2, 3, 4]);
});

test("a callback that throws leaves the promise of its record settled", async () => {
  const at = scene();
  const bug = () => {
    throw new Error("a bug of the caller");
  };
  assert.equal((await at.cluster.settled(at.producer.send({ topic: "t", value: null }, bug))).offset, 0);
  const refused = at.producer.send({ topic: "t", value: null, partition: -1 }, bug);
  await assert.rejects(at.cluster.settled(refused), { name: "INVALID_REQUEST" });
});

test("a topic that does not come is a time-out that names it", async () => {
  const at = scene({ "max.block.ms": 1000 });
  const lost = at.producer.send({ topic: "nowhere", value: null });
  await assert.rejects(at.cluster.settled(lost), {
    message: "Topic nowhere not present in metadata after 1000 ms.",
  });
});

test("a throttled producer keeps its batches until the broker's time is over", async () => {
  const at = scene();
  await sendApart(at, 0, 1);
  at.log.faults = { throttleTimeMs: 700 };
  await sendApart(at, 1, 2);
  const startMs = at.cluster.world.nowMs;
  at.log.faults = {};
  const sent = [send(at.producer, 2), send(at.producer, 3)];
  await at.cluster.run({ ms: 600 });
  assert.equal(at.log.partition("t", 0).arrived.length, 2);
  assert.deepEqual(await at.cluster.settled(Promise.all(sent)), [2, 3]);
  const waitedMs = at.cluster.world.nowMs - startMs;
  assert.ok(waitedMs >= 690 && waitedMs < 800, `${waitedMs} ms`);
  // They had the time to come together.
  assert.equal(at.log.partition("t", 0).arrived.length, 3);
});

test("a record for a partition that is yet to come waits for it", async () => {
  const at = scene();
  await sendApart(at, 0, 1);
  const sent = at.producer.send({ topic: "t", partition: 1, value: null });
  await at.cluster.run({ ms: 1000 });
  at.cluster.topics.get("t")?.partitions.push({ leaderId: 2, leaderEpoch: 0 });
  assert.equal((await at.cluster.settled(sent)).partition, 1);
});

test("a leader that changes while batches are on the way gets them all, once and in order", async () => {
  for (const seed of range(10)) {
    const at = scene({}, seed + 1);
    await sendApart(at, 0, 1);
    let requests = 0;
    at.log.faults = { request: () => (++requests === 2 ? "unheard" : null) };
    const sent: Promise<number | string>[] = [];
    for (let index = 1; index < 9; index += 1) {
      sent.push(send(at.producer, index));
      await at.cluster.run({ ms: seed % 3 });
      if (index === 3) at.cluster.topics.get("t")?.partitions.splice(0, 1, { leaderId: 2, leaderEpoch: 1 });
    }
    assert.deepEqual(await at.cluster.settled(Promise.all(sent)), range(9).slice(1));
    assert.deepEqual(at.log.partition("t", 0).values, range(9).map(value));
    assert.ok(at.log.partition("t", 0).arrived.every(({ epoch }) => epoch === 0));
  }
});
