import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodeZip, FakeWorld } from "@ottla/ports";
import {
  type BatchToWrite,
  buildBatch,
  buildEndTxnMarkerBatch,
  encodeUtf8,
  setPartitionLeaderEpoch,
  stampLogAppendTime,
} from "@ottla/protocol";
import type { ConsumerRecord } from "../records/consumer-record.ts";
import { type FetchedData, FetchedPartition, type TakeResult } from "./fetched-partition.ts";

const zip = createNodeZip();

function batch(baseOffset: number, count: number, more: Partial<BatchToWrite> = {}): Uint8Array {
  const records = Array.from({ length: count }, (_, index) => ({
    timestamp: 1000 + baseOffset + index,
    key: encodeUtf8("k"),
    value: encodeUtf8(String(baseOffset + index)),
  }));
  return buildBatch({ baseOffset, records, ...more }, zip);
}

function joined(...batches: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(batches.flatMap((each) => [...each]));
}

function fetched(records: Uint8Array, more: Partial<FetchedData> = {}): FetchedPartition {
  const data = {
    topic: "t",
    partition: 0,
    records,
    fetchOffset: 0,
    abortedTransactions: null,
    checksCrcs: true,
    ...more,
  };
  return new FetchedPartition(data, zip, () => {});
}

function take(partition: FetchedPartition, max = 1000): { result: TakeResult; offsets: number[] } {
  const into: ConsumerRecord[] = [];
  const result = partition.take(max, into);
  return { result, offsets: into.map(({ offset }) => offset) };
}

test("records come in order, at most as many as asked for, and the position follows", () => {
  const partition = fetched(joined(batch(0, 3), batch(3, 4)));
  assert.deepEqual(take(partition, 2), { result: "more", offsets: [0, 1] });
  assert.equal(partition.nextOffset, 2);
  assert.deepEqual(take(partition, 3), { result: "more", offsets: [2, 3, 4] });
  assert.deepEqual(take(partition), { result: "drained", offsets: [5, 6] });
  assert.equal(partition.nextOffset, 7);
});

test("records before the fetch offset are passed over, also inside a compressed batch", () => {
  const partition = fetched(joined(batch(0, 5), batch(5, 5, { compression: 1 })), { fetchOffset: 7 });
  assert.deepEqual(take(partition), { result: "drained", offsets: [7, 8, 9] });
});

test("a position moves behind a batch whose last records were compacted away", () => {
  const partition = fetched(batch(0, 2, { lastOffset: 9 }));
  assert.deepEqual(take(partition).offsets, [0, 1]);
  assert.equal(partition.nextOffset, 10);
});

test("the cut batch at the end is left for the next fetch", () => {
  const partition = fetched(joined(batch(0, 2), batch(2, 2).subarray(0, 30)));
  assert.deepEqual(take(partition), { result: "drained", offsets: [0, 1] });
});

test("an answer without one whole batch is an error", () => {
  assert.throws(() => take(fetched(batch(0, 2).subarray(0, 40))), /no complete record batch/);
});

test("timestamps, epochs and types are those of the batch", () => {
  const stamped = batch(0, 1);
  stampLogAppendTime(stamped, 0, 77);
  setPartitionLeaderEpoch(stamped, 0, 5);
  const into: ConsumerRecord[] = [];
  fetched(joined(stamped, batch(1, 1))).take(10, into);
  assert.deepEqual(
    into.map(({ timestamp, timestampType, leaderEpoch }) => [timestamp, timestampType, leaderEpoch]),
    [
      [77, "LogAppendTime", 5],
      [1001, "CreateTime", null],
    ],
  );
});

test("headers, null keys and null values are views that can be asked for again", () => {
  const headers = [
    { key: "a", value: encodeUtf8("1") },
    { key: "__proto__", value: null },
  ];
  const records = [{ timestamp: 1, key: null, value: null, headers }];
  const into: ConsumerRecord[] = [];
  fetched(buildBatch({ baseOffset: 0, records })).take(10, into);
  const [record] = into;
  assert.ok(record);
  assert.equal(record.key, null);
  assert.equal(record.value, null);
  assert.equal(record.serializedValueSize, -1);
  assert.deepEqual(
    record.headers.map(({ key, value }) => [key, value === null ? null : [...value]]),
    [
      ["a", [49]],
      ["__proto__", null],
    ],
  );
});

test("a damaged batch gives what is before it, then the error, each time", () => {
  const damaged = batch(2, 2);
  damaged[damaged.length - 2]! ^= 1;
  const partition = fetched(joined(batch(0, 2), damaged));
  assert.deepEqual(take(partition).offsets, [0, 1]);
  assert.throws(() => take(partition), { name: "CORRUPT_MESSAGE" });
  assert.throws(() => take(partition), /partition t-0 at offset 2 is invalid/);
  const unchecked = fetched(joined(batch(0, 2), damaged), { checksCrcs: false });
  assert.deepEqual(take(unchecked).offsets, [0, 1, 2, 3]);
});

test("bytes that do not decompress are an error that names the offset", () => {
  const bytes = batch(4, 3, { compression: 1 });
  bytes.fill(0, 70);
  const partition = fetched(bytes, { checksCrcs: false, fetchOffset: 4 });
  assert.throws(() => take(partition), /t-0\. If needed, please seek past .* Offset 4/);
});

function transaction(baseOffset: number, count: number, producerId: number): Uint8Array {
  return batch(baseOffset, count, {
    producerId,
    producerEpoch: 0,
    baseSequence: 0,
    isTransactional: true,
  });
}

function marker(baseOffset: number, producerId: number, isCommit: boolean): Uint8Array {
  return buildEndTxnMarkerBatch({
    isCommit,
    baseOffset,
    partitionLeaderEpoch: 0,
    timestamp: 1,
    producerId,
    producerEpoch: 0,
    coordinatorEpoch: 0,
  });
}

test("read_committed drops aborted transactions up to their marker, and markers always", () => {
  const bytes = joined(
    transaction(0, 2, 1),
    transaction(2, 2, 2),
    marker(4, 1, false),
    transaction(5, 1, 1),
    marker(6, 2, true),
    marker(7, 1, true),
    batch(8, 1),
  );
  const abortedTransactions = [{ producerId: 1n, firstOffset: 0n }];
  const committed = fetched(bytes, { abortedTransactions });
  assert.deepEqual(take(committed).offsets, [2, 3, 5, 8]);
  assert.equal(committed.nextOffset, 9);
  assert.deepEqual(take(fetched(bytes)).offsets, [0, 1, 2, 3, 5, 8]);
});

test("a producer aborts twice in one answer, with a commit in between", () => {
  const bytes = joined(
    transaction(0, 1, 9),
    marker(1, 9, false),
    transaction(2, 1, 9),
    marker(3, 9, true),
    transaction(4, 1, 9),
    marker(5, 9, false),
    transaction(6, 1, 9),
  );
  const abortedTransactions = [
    { producerId: 9n, firstOffset: 4n },
    { producerId: 9n, firstOffset: 0n },
  ];
  assert.deepEqual(take(fetched(bytes, { abortedTransactions })).offsets, [2, 6]);
});

test("a large compressed batch is decompressed off the loop, and the partition waits for it", () => {
  const world = new FakeWorld({ seed: 1 });
  const { zip: fakeZip, random } = world.node("n", { zip }).ports;
  const noise = random.bytes(100_000);
  const records = [{ timestamp: 1, key: null, value: noise }];
  const bytes = buildBatch({ baseOffset: 0, compression: 1, records }, fakeZip);
  assert.ok(bytes.length > 65_536);
  let ready = 0;
  const data = {
    topic: "t",
    partition: 0,
    records: bytes,
    fetchOffset: 0,
    abortedTransactions: null,
    checksCrcs: true,
  };
  const partition = new FetchedPartition(data, fakeZip, () => {
    ready += 1;
  });
  assert.deepEqual(take(partition), { result: "waiting", offsets: [] });
  assert.deepEqual(take(partition), { result: "waiting", offsets: [] });
  world.run({ until: () => ready > 0 });
  assert.deepEqual(take(partition), { result: "drained", offsets: [0] });
  assert.equal(ready, 1);
});
