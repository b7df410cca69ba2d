// Produce: what is wrong inside the records of one partition.
import { apiKeys } from "@ottla/protocol";
import { batch, batchOf, changed, record, records, spoil } from "../batches.ts";
import { scenariosOf } from "../scenario.ts";
import { lookAtLog, produceOne } from "./produce.ts";

export const produceBadBatchScenarios = scenariosOf(apiKeys.Produce, {
  "a bad checksum, a flipped last byte": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, spoil.crc(batch(2, x.nowMs)));
    await produceOne(x, topic, spoil.lastByte(batch(2, x.nowMs)));
    await lookAtLog(x, topic);
  },
  "magics 0, 1, 3 and -1": async (x) => {
    const topic = await x.create();
    for (const magic of [0, 1, 3, -1]) await produceOne(x, topic, spoil.magic(batch(1, x.nowMs), magic));
  },
  "lengths that are too long, too short, zero and negative": async (x) => {
    const topic = await x.create();
    const good = batch(1, x.nowMs);
    for (const length of [good.length, good.length - 13, 0, 13, -1, 2147483647]) {
      await produceOne(x, topic, spoil.length(good, length));
    }
  },
  "a batch that is cut, and bytes that are no batch": async (x) => {
    const topic = await x.create();
    const good = batch(1, x.nowMs);
    for (const end of [1, 11, 12, 16, 17, 60, 61, good.length - 1])
      await produceOne(x, topic, good.subarray(0, end));
    await produceOne(x, topic, new Uint8Array(100).fill(0xab));
    await produceOne(x, topic, new Uint8Array(100));
  },
  "two batches in one partition": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, Buffer.concat([batch(1, x.nowMs), batch(1, x.nowMs)]));
    await lookAtLog(x, topic);
  },
  "a good batch with bytes behind it": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, Buffer.concat([batch(1, x.nowMs), Buffer.from([1, 2, 3])]));
    await lookAtLog(x, topic);
  },
  "counts that lie": async (x) => {
    const topic = await x.create();
    for (const count of [1, 3, 0, -1, 2147483647])
      await produceOne(x, topic, spoil.count(batch(2, x.nowMs), count));
    await lookAtLog(x, topic);
  },
  "last offset deltas that lie": async (x) => {
    const topic = await x.create();
    for (const delta of [0, 5, -1, 2147483647])
      await produceOne(x, topic, spoil.lastOffsetDelta(batch(2, x.nowMs), delta));
    await lookAtLog(x, topic);
  },
  "a batch without records": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batchOf([]));
    await produceOne(x, topic, batchOf([], { lastOffset: 3 }));
  },
  "a record whose length lies": async (x) => {
    const topic = await x.create();
    for (const byte of [0x01, 0x02, 0x7e, 0x00])
      await produceOne(x, topic, spoil.recordByte(batch(1, x.nowMs), 0, byte));
  },
  "a record with a wrong offset delta": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, spoil.recordByte(batch(1, x.nowMs), 3, 0x08));
    await produceOne(x, topic, spoil.recordByte(batch(1, x.nowMs), 3, 0x01));
  },
  "a record with a key or value length that lies": async (x) => {
    const topic = await x.create();
    for (const [at, byte] of [
      [4, 0x7e],
      [4, 0x03],
      [7, 0x7e],
      [7, 0x03],
      [18, 0x7e],
      [18, 0x01],
    ] as const) {
      await produceOne(x, topic, spoil.recordByte(batch(1, x.nowMs), at, byte));
    }
  },
  "a base offset that is not zero": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batch(2, x.nowMs, { baseOffset: 77 }));
    await produceOne(x, topic, batch(2, x.nowMs, { baseOffset: -5 }));
    await lookAtLog(x, topic);
  },
  "unknown compression ids": async (x) => {
    const topic = await x.create();
    for (const id of [5, 6, 7]) await produceOne(x, topic, spoil.attributes(batch(1, x.nowMs), id));
  },
  "a compression id over bytes that are not compressed": async (x) => {
    const topic = await x.create();
    for (const id of [1, 2, 3, 4]) await produceOne(x, topic, spoil.attributes(batch(1, x.nowMs), id));
  },
  "a compressed batch with a count that lies": async (x) => {
    const topic = await x.create();
    for (const compression of [1, 2, 3, 4]) {
      const good = batchOf(records(3, x.nowMs), { compression });
      await produceOne(x, topic, spoil.count(good, 2));
      await produceOne(x, topic, spoil.count(good, 4));
    }
  },
  "zstd before version 7": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batchOf(records(2, x.nowMs), { compression: 4 }));
  },
  "unused attribute bits": async (x) => {
    const topic = await x.create();
    for (const attributes of [0x80, 0x4000])
      await produceOne(x, topic, spoil.attributes(batch(1, x.nowMs), attributes));
    await lookAtLog(x, topic);
  },
  "log append time set by the client": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, spoil.attributes(batch(1, x.nowMs), 0x08));
    await lookAtLog(x, topic);
  },
  "a delete horizon set by the client": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batchOf(records(1, x.nowMs), { deleteHorizon: x.nowMs }));
    await lookAtLog(x, topic);
  },
  "a control batch from a client": async (x) => {
    const topic = await x.create();
    const control = { key: new Uint8Array([0, 0, 0, 1]), value: new Uint8Array(6), timestamp: x.nowMs };
    const by = { producerId: 4801n, producerEpoch: 0, baseSequence: -1 };
    await produceOne(x, topic, batchOf([control], { isControl: true }));
    await produceOne(x, topic, batchOf([control], { isControl: true, isTransactional: true, ...by }));
  },
  "a transactional batch without a transaction": async (x) => {
    const topic = await x.create();
    const by = { producerId: 4802n, producerEpoch: 0, baseSequence: 0, isTransactional: true };
    await produceOne(x, topic, batch(1, x.nowMs, by));
  },
  "a transactional batch without a producer id": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batch(1, x.nowMs, { isTransactional: true }));
  },
  "a record without key on a compacted topic": async (x) => {
    const topic = await x.create("t", { configs: { "cleanup.policy": "compact" } });
    await produceOne(x, topic, batchOf([record("k", "v", x.nowMs), record(null, "v", x.nowMs)]));
    await produceOne(x, topic, batchOf([record(null, "v", x.nowMs)]));
    await produceOne(x, topic, batchOf([record("", "v", x.nowMs), record("k", null, x.nowMs)]));
    const compressed = batchOf([record(null, "v", x.nowMs)], { compression: 1 });
    await produceOne(x, topic, compressed);
    await lookAtLog(x, topic);
  },
  "a batch above max.message.bytes": async (x) => {
    const topic = await x.create("t", { configs: { "max.message.bytes": "200" } });
    await produceOne(x, topic, batchOf(records(1, x.nowMs, 200)));
    await produceOne(x, topic, batchOf(records(1, x.nowMs, 100)));
    const good = batchOf(records(1, x.nowMs, 130 - 71 + 57));
    await produceOne(x, topic, good);
  },
  "a batch of exactly max.message.bytes, and one byte more": async (x) => {
    const exact = batchOf(records(1, x.nowMs, 60));
    const topic = await x.create("t", { configs: { "max.message.bytes": String(exact.length) } });
    await produceOne(x, topic, exact);
    await produceOne(x, topic, batchOf(records(1, x.nowMs, 61)));
  },
  "a batch above segment.bytes": async (x) => {
    const topic = await x.create("t", {
      configs: { "segment.bytes": "1048576", "max.message.bytes": "3000000" },
    });
    await produceOne(x, topic, batchOf(records(1, x.nowMs, 1_100_000)));
  },
  "a batch above the default limit": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batchOf(records(1, x.nowMs, 1_100_000)));
  },
  "timestamps: none, negative, too far in the future": async (x) => {
    const topic = await x.create();
    const future = Date.now() + 7_200_000;
    await produceOne(x, topic, batchOf([record("k", "v", -1)]));
    await produceOne(x, topic, batchOf([record("k", "v", -5)]));
    await produceOne(
      x,
      topic,
      batchOf([record("k", "v", x.nowMs), record("k", "v", future), record("k", "v", future)]),
    );
    await produceOne(x, topic, batchOf([record("k", "v", 1), record("k", "v", x.nowMs)]));
  },
  "timestamps: too old for the topic": async (x) => {
    const topic = await x.create("t", { configs: { "message.timestamp.before.max.ms": "3600000" } });
    await produceOne(x, topic, batchOf([record("k", "v", x.nowMs)]));
    await produceOne(x, topic, batchOf([record("k", "v", Date.now()), record("k", "v", x.nowMs)]));
  },
  "a max timestamp that lies": async (x) => {
    const topic = await x.create();
    const good = batch(2, x.nowMs);
    for (const timestamp of [0n, BigInt(x.nowMs) + 1000n, -1n])
      await produceOne(x, topic, spoil.maxTimestamp(good, timestamp));
    await lookAtLog(x, topic);
  },
  "a compressed batch with a max timestamp that lies": async (x) => {
    const topic = await x.create();
    const good = batchOf(records(2, x.nowMs), { compression: 1 });
    for (const timestamp of [0n, BigInt(x.nowMs) + 1000n, -1n])
      await produceOne(x, topic, spoil.maxTimestamp(good, timestamp));
  },
  "a leader epoch set by the client": async (x) => {
    const topic = await x.create();
    await produceOne(x, topic, batch(1, x.nowMs, { partitionLeaderEpoch: 9 }));
    await lookAtLog(x, topic);
  },
  "a batch with a header count that lies": async (x) => {
    const topic = await x.create();
    const list = [{ ...record(null, null, x.nowMs), headers: [{ key: "h", value: null }] }];
    const good = batchOf(list);
    const countAt = 61 + 6;
    for (const byte of [0x7e, 0x01, 0x04])
      await produceOne(
        x,
        topic,
        changed(good, (copy) => copy.writeUInt8(byte, countAt)),
      );
  },
});
