import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodeZip } from "@ottla/ports";
import { buildBatch } from "@ottla/protocol";
import { ReplicaBuffer } from "./replica-buffer.ts";

const PARTITION = { topic: "t", partition: 0, replicas: [1, 2] };

/** Batches of one record, from `offset` on. */
function batches(offset: number, ...values: readonly string[]): Uint8Array {
  const parts = values.map((value, index) => {
    const records = [{ timestamp: 1000, key: null, value: new TextEncoder().encode(value) }];
    return buildBatch({ baseOffset: offset + index, records }, createNodeZip());
  });
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function buffer(offset = 0): ReplicaBuffer {
  return new ReplicaBuffer([PARTITION], () => offset);
}

test("what all replicas have below the high watermark is passed, and the lag is to the high watermark", () => {
  const replicas = buffer();
  replicas.answered("t-0", 1, { highWatermark: 3, records: batches(0, "a", "b", "c") });
  replicas.answered("t-0", 2, { highWatermark: 2, records: batches(0, "a", "b") });
  const { complaints, isOver, maxLag } = replicas.verify();
  assert.deepEqual([complaints, isOver], [[], false]);
  assert.deepEqual(maxLag, { lag: 1, partition: "t-0", offset: 2 });
  assert.equal(replicas.offset("t-0"), 2);
});

test("a batch at the high watermark is not compared yet", () => {
  const replicas = buffer();
  replicas.answered("t-0", 1, { highWatermark: 1, records: batches(0, "a", "b") });
  replicas.answered("t-0", 2, { highWatermark: 1, records: batches(0, "a", "other") });
  assert.deepEqual(replicas.verify().complaints, []);
  assert.equal(replicas.offset("t-0"), 1);
});

test("another checksum is told, and the comparison goes on", () => {
  const replicas = buffer();
  replicas.answered("t-0", 1, { highWatermark: 2, records: batches(0, "a", "b") });
  replicas.answered("t-0", 2, { highWatermark: 2, records: batches(0, "x", "b") });
  const { complaints, isOver } = replicas.verify();
  assert.equal(complaints.length, 1);
  assert.match(
    complaints[0] ?? "",
    /^partition t-0 has unmatched checksum at offset 0; replica 1's checksum \d+; replica 2's checksum \d+$/,
  );
  assert.equal(isOver, false);
  assert.equal(replicas.offset("t-0"), 2);
});

test("other offsets end it", () => {
  const replicas = buffer();
  replicas.answered("t-0", 1, { highWatermark: 9, records: batches(0, "a") });
  replicas.answered("t-0", 2, { highWatermark: 9, records: batches(1, "a") });
  const { complaints, isOver } = replicas.verify();
  assert.deepEqual(complaints, ["partition t-0: replica 1's offset 0 doesn't match replica 2's offset 1"]);
  assert.equal(isOver, true);
});

test("a replica without an answer holds the comparison up", () => {
  const replicas = buffer(5);
  replicas.answered("t-0", 1, { highWatermark: 7, records: batches(5, "a", "b") });
  replicas.answered("t-0", 2, { highWatermark: -1, records: new Uint8Array(0) });
  assert.deepEqual(replicas.verify().maxLag, { lag: 2, partition: "t-0", offset: 5 });
  assert.equal(replicas.offset("t-0"), 5);
});

test("a record that is cut off by the end of an answer counts as not there", () => {
  const replicas = buffer();
  const whole = batches(0, "a", "b");
  replicas.answered("t-0", 1, { highWatermark: 2, records: whole.subarray(0, whole.length - 3) });
  replicas.answered("t-0", 2, { highWatermark: 2, records: whole });
  assert.deepEqual(replicas.verify().maxLag, { lag: 1, partition: "t-0", offset: 1 });
});
