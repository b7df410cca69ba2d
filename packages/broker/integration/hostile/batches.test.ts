// Record batches that lie or explode: a named error, nothing appended, bounded memory, others served
// meanwhile.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { createNodeZip } from "@ottla/ports";
import { apiKeys, buildBatch, errors, updateBatchCrc } from "@ottla/protocol";
import type { WireClient } from "../broker-process.ts";
import { createTopic, HealthyClient, ObservedBroker, produce } from "./observed-broker.ts";

const mib = 1_048_576;
const zip = createNodeZip();
const codecs = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
const topic = "target";
const bodyAt = 61;

let broker: ObservedBroker;
let healthy: HealthyClient;
let client: WireClient;

before(async () => {
  broker = await ObservedBroker.start();
  client = await broker.connect();
  await createTopic(client, topic, 1);
  healthy = await HealthyClient.start(broker);
});

after(async () => {
  await broker.remove();
});

async function endOffset(name: string): Promise<bigint | undefined> {
  const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1n }];
  const answer = await client.ask(apiKeys.ListOffsets, 7, { replicaId: -1, topics: [{ name, partitions }] });
  return answer.topics[0]?.partitions[0]?.offset;
}

async function refuses(records: Uint8Array, error: number, what: string): Promise<void> {
  const before = await endOffset(topic);
  const answer = await produce(client, topic, records);
  assert.equal(answer.errorCode, error, `${what}: ${answer.errorMessage}`);
  assert.equal(await endOffset(topic), before, `${what}: nothing is appended`);
}

function sound(changes: Parameters<typeof buildBatch>[0] | object = {}): Uint8Array {
  const record = { timestamp: Date.now(), key: null, value: new TextEncoder().encode("v") };
  return buildBatch({ records: [record, record, record], ...changes }, zip);
}

/** A sound batch with numbers overwritten, and the CRC made right again. */
function lying(at: number, int32: number, changes: object = {}): Uint8Array {
  const batch = sound(changes);
  new DataView(batch.buffer, batch.byteOffset).setInt32(at, int32);
  updateBatchCrc(batch, 0);
  return batch;
}

/** A batch whose compressed body is what it is. */
function withBody(codec: number, body: Uint8Array, count = 1): Uint8Array {
  const head = sound().subarray(0, bodyAt);
  const batch = new Uint8Array(bodyAt + body.length);
  batch.set(head);
  batch.set(body, bodyAt);
  const view = new DataView(batch.buffer);
  view.setInt32(8, batch.length - 12);
  view.setInt16(21, codec);
  view.setInt32(23, count - 1);
  view.setInt32(57, count);
  updateBatchCrc(batch, 0);
  return batch;
}

test("a batch with a wrong checksum is CORRUPT_MESSAGE in every codec", async () => {
  for (const compression of [0, 1, 2, 3, 4]) {
    const batch = sound({ compression });
    const last = batch.length - 1;
    batch[last] = (batch[last] ?? 0) ^ 1;
    await refuses(batch, errors.CORRUPT_MESSAGE.code, `codec ${compression}`);
  }
});

test("lengths that lie are refused", async () => {
  const cut = sound();
  await refuses(cut.subarray(0, cut.length - 1), errors.INVALID_RECORD.code, "a cut batch");
  for (const length of [-1, 0, 13, 48, 0x7fffffff, -0x80000000]) {
    const batch = sound();
    new DataView(batch.buffer, batch.byteOffset).setInt32(8, length);
    const answer = await produce(client, topic, batch);
    assert.notEqual(answer.errorCode, 0, `length ${length}`);
    assert.notEqual(answer.errorCode, errors.UNKNOWN_SERVER_ERROR.code, `length ${length}`);
  }
  assert.equal(await endOffset(topic), 0n);
});

test("counts that lie are INVALID_RECORD", async () => {
  for (const count of [-1, 0, 1, 2, 4, 0x7fffffff, -0x80000000]) {
    await refuses(lying(57, count), errors.INVALID_RECORD.code, `count ${count}`);
  }
  for (const delta of [-1, 0, 1, 3, 0x7fffffff, -0x80000000]) {
    await refuses(lying(23, delta), errors.INVALID_RECORD.code, `last offset delta ${delta}`);
  }
  const both = lying(57, 0x7fffffff);
  new DataView(both.buffer, both.byteOffset).setInt32(23, 0x7ffffffe);
  updateBatchCrc(both, 0);
  await refuses(both, errors.INVALID_RECORD.code, "count and delta that agree with each other");
});

test("magics, several batches, control batches are refused", async () => {
  for (const magic of [0, 1, 3, 127, 255]) {
    const batch = sound();
    batch[16] = magic;
    const answer = await produce(client, topic, batch);
    assert.notEqual(answer.errorCode, 0, `magic ${magic}`);
  }
  const one = sound();
  const two = Uint8Array.from([...one, ...one]);
  await refuses(two, errors.INVALID_RECORD.code, "two batches");
  await refuses(sound({ isControl: true }), errors.INVALID_RECORD.code, "a control batch");
  await refuses(new Uint8Array(0), errors.INVALID_RECORD.code, "no batch");
});

test("codecs that do not exist are refused", async () => {
  for (const codec of [5, 6, 7]) {
    const before = await endOffset(topic);
    const answer = await produce(client, topic, withBody(codec, new Uint8Array(9)));
    assert.ok(
      [errors.UNSUPPORTED_COMPRESSION_TYPE.code, errors.UNKNOWN_SERVER_ERROR.code].includes(answer.errorCode),
      `codec ${codec}: ${answer.errorCode}`,
    );
    assert.equal(await endOffset(topic), before);
  }
});

test("random bodies are refused in every codec", async () => {
  let state = 7;
  const noise = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 16;
    });
  for (const codec of Object.values(codecs)) {
    for (const length of [0, 1, 5, 20, 300, 70_000, 300_000]) {
      const answer = await produce(client, topic, withBody(codec, noise(length)));
      assert.notEqual(answer.errorCode, 0, `codec ${codec}, ${length} bytes`);
    }
  }
  assert.equal(await endOffset(topic), 0n);
});

/** Nested varints: one record whose value is `bytes` of zeros. */
function zeros(bytes: number): Uint8Array {
  const varint = (value: number): number[] => {
    const out: number[] = [];
    let rest = value * 2;
    while (rest > 127) {
      out.push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    return [...out, rest];
  };
  const value = varint(bytes);
  const head = [0, 0, 0, 1, ...value];
  const all = new Uint8Array(varint(head.length + bytes + 1).length + head.length + bytes + 1);
  all.set([...varint(head.length + bytes + 1), ...head]);
  return all;
}

/** As many records as fit, none of which holds anything. */
function emptyRecords(bytes: number): { body: Uint8Array; count: number } {
  const count = Math.floor(bytes / 7);
  const body = new Uint8Array(count * 7);
  for (let at = 0; at < body.length; at += 7) body.set([12, 0, 0, 0, 1, 1, 0], at);
  return { body, count };
}

function snappyFrame(blocks: readonly Uint8Array[]): Uint8Array {
  const head = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1];
  const out = new Uint8Array(16 + blocks.reduce((sum, block) => sum + 4 + block.length, 0));
  out.set(head);
  let at = 16;
  for (const block of blocks) {
    new DataView(out.buffer).setInt32(at, block.length);
    out.set(block, at + 4);
    at += 4 + block.length;
  }
  return out;
}

interface Bomb {
  readonly name: string;
  readonly batch: Uint8Array;
  /** By how much it may make the broker grow; 24 otherwise. */
  readonly mibMax?: number;
}

function bombs(): Bomb[] {
  const large = zeros(200 * mib);
  const fits = zeros(60 * mib);
  const { body: many, count } = emptyRecords(60 * mib);
  const block = zip.compress("snappy-block", new Uint8Array(mib));
  const full = Math.floor((1_000_000 - 16) / (block.length + 4));
  const lz4 = zip.compress("lz4-frame", new Uint8Array(60 * mib));
  return [
    { name: "gzip, 200 MiB of zeros", batch: withBody(codecs.gzip, gzipSync(large, { level: 9 })) },
    { name: "zstd, 200 MiB of zeros", batch: withBody(codecs.zstd, zstdCompressSync(large)) },
    { name: "lz4, 200 MiB of zeros", batch: withBody(codecs.lz4, zip.compress("lz4-frame", large)) },
    { name: "gzip, 60 MiB of zeros", batch: withBody(codecs.gzip, gzipSync(fits, { level: 9 })) },
    { name: "zstd, 60 MiB of zeros", batch: withBody(codecs.zstd, zstdCompressSync(fits)) },
    { name: "zstd, 9 million records", batch: withBody(codecs.zstd, zstdCompressSync(many), count) },
    { name: "gzip, 9 million records", batch: withBody(codecs.gzip, gzipSync(many, { level: 9 }), count) },
    {
      name: "snappy, blocks of 1 MiB",
      batch: withBody(codecs.snappy, snappyFrame(Array.from({ length: full }, () => block))),
    },
    {
      name: "snappy, one block of 20 MiB",
      batch: withBody(codecs.snappy, zip.compress("snappy-block", zeros(20 * mib))),
      mibMax: 40,
    },
    {
      name: "zstd, a window of 64 MiB",
      batch: withBody(codecs.zstd, zstdCompressSync(fits, { params: { [constants.ZSTD_c_windowLog]: 26 } })),
      // The decoder needs what it may copy from; one such body is open at a time.
      mibMax: 80,
    },
    {
      name: "snappy, frames within frames",
      batch: withBody(codecs.snappy, snappyFrame([snappyFrame([block]), snappyFrame([block])])),
    },
    {
      name: "snappy, many empty blocks",
      batch: withBody(codecs.snappy, snappyFrame(Array.from({ length: 190_000 }, () => Uint8Array.of(0)))),
    },
    {
      name: "snappy, a length of 4 GiB",
      batch: withBody(codecs.snappy, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0)),
    },
    { name: "lz4 with a content size that lies", batch: withBody(codecs.lz4, lyingLz4(lz4)) },
    { name: "zstd with a content size that lies", batch: withBody(codecs.zstd, lyingZstd()) },
  ];
}

/** A header that announces 2^62 bytes of content; the frame's own checksum byte is taken as it comes. */
function lyingLz4(frame: Uint8Array): Uint8Array {
  const size = [0, 0, 0, 0, 0, 0, 0, 0x40];
  const head = [...frame.subarray(0, 4), 0x68, frame[5] ?? 0x40, ...size, 0];
  return Uint8Array.from([...head, ...frame.subarray(7, 1000)]);
}

/** Single segment, content size of 8 bytes, one cut block. */
function lyingZstd(): Uint8Array {
  return Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0, 0);
}

test("decompression bombs are refused or taken within bounds, and nobody else waits", async (context) => {
  for (const { name, batch, mibMax = 24 } of bombs()) {
    const before = await endOffset(topic);
    const grown = await broker.boundsMemory(mibMax * mib, async () => {
      const answer = await produce(client, topic, batch);
      context.diagnostic(`${name}: ${batch.length} bytes, ${answer.errorCode} ${answer.errorMessage}`);
      if (answer.errorCode !== 0) assert.equal(await endOffset(topic), before, name);
      await healthy.goesOn();
    });
    const { metrics } = await broker.report();
    const delay = metrics.filter((line) => /loop/.test(line));
    context.diagnostic(`${name}: grew by ${Math.round(grown / mib)} MiB; ${delay.join("; ")}`);
  }
});

test("twenty bombs at a time take no more memory than a few", async (context) => {
  const batch = withBody(codecs.gzip, gzipSync(zeros(60 * mib), { level: 9 }));
  const clients = await Promise.all(Array.from({ length: 20 }, () => broker.connect()));
  const grown = await broker.boundsMemory(48 * mib, async () => {
    await Promise.all(clients.map((each) => produce(each, topic, batch)));
    await healthy.goesOn();
  });
  context.diagnostic(`grew by ${Math.round(grown / mib)} MiB`);
  for (const each of clients) each.socket.destroy();
});

test("fifty look-ups by time in a stored bomb open it piece by piece, too", async (context) => {
  const name = "stored-bomb";
  await createTopic(client, name, 1);
  const answer = await produce(client, name, withBody(codecs.zstd, zstdCompressSync(zeros(60 * mib))));
  assert.equal(answer.errorCode, 0, `${answer.errorMessage}`);
  const peers = await Promise.all(Array.from({ length: 50 }, () => broker.connect()));
  const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: 1n }];
  const grown = await broker.boundsMemory(96 * mib, async () => {
    const asked = peers.map((peer) =>
      peer.ask(apiKeys.ListOffsets, 7, { replicaId: -1, topics: [{ name, partitions }] }),
    );
    for (const found of await Promise.all(asked)) {
      assert.deepEqual(
        [found.topics[0]?.partitions[0]?.errorCode, found.topics[0]?.partitions[0]?.offset],
        [0, 0n],
      );
    }
    await healthy.goesOn();
  });
  context.diagnostic(`grew by ${Math.round(grown / mib)} MiB`);
  for (const peer of peers) peer.socket.destroy();
});

test("the healthy client lost nothing, and no handler failed", async (context) => {
  context.diagnostic(`p99 of ${healthy.produced} round trips: ${Math.round(await healthy.stop())} ms`);
  assert.equal((await broker.report()).bugs, 0);
});
