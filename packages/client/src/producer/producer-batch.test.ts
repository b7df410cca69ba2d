import assert from "node:assert/strict";
import { test } from "node:test";
import { buildBatch, errors } from "@ottla/protocol";
import { KafkaError } from "../errors/kafka-error.ts";
import { ProducerBatch } from "./producer-batch.ts";
import type { RecordMetadata } from "./producer-record.ts";

const text = (value: string) => new TextEncoder().encode(value);

const RECORDS = [
  { timestamp: 1_700_000_000_000, key: null, value: text("first") },
  { timestamp: 1_700_000_000_123, key: text("k"), value: null },
  { timestamp: 1_699_999_999_999, key: new Uint8Array(0), value: new Uint8Array(300).fill(7) },
  {
    timestamp: 1_800_000_000_000,
    key: text("schlüssel"),
    value: text("x"),
    headers: [
      { key: "größe", value: null },
      { key: "", value: text("v") },
    ],
  },
];

function filled(bufferBytes = 4096): ProducerBatch {
  const batch = new ProducerBatch("t", 3, new Uint8Array(bufferBytes), 0);
  for (const { timestamp, key, value, headers } of RECORDS) {
    assert.equal(batch.append(timestamp, key, value, headers, undefined, undefined), true);
  }
  return batch;
}

test("a batch has the bytes that Kafka's producer writes", () => {
  const batch = filled();
  batch.close(0, null);
  batch.producer = { id: 42, epoch: 7 };
  batch.baseSequence = 99;
  batch.stamp();
  const expected = buildBatch({ records: RECORDS, producerId: 42, producerEpoch: 7, baseSequence: 99 });
  assert.deepEqual(batch.bytes, expected);
});

test("without a producer id a batch bears none", () => {
  const batch = filled();
  batch.close(0, null);
  batch.stamp();
  assert.deepEqual(batch.bytes, buildBatch({ records: RECORDS }));
});

test("a record that does not fit closes the batch for good; the first one is always taken", () => {
  const batch = new ProducerBatch("t", 0, new Uint8Array(200), 0);
  assert.equal(batch.append(0, null, new Uint8Array(100), undefined, undefined, undefined), true);
  assert.equal(batch.isFull, false);
  assert.equal(batch.append(0, null, new Uint8Array(100), undefined, undefined, undefined), false);
  assert.equal(batch.isFull, true);
  assert.equal(batch.append(0, null, null, undefined, undefined, undefined), false);
  assert.equal(batch.count, 1);
});

test("a batch takes nothing while it is compressed elsewhere", () => {
  const batch = filled();
  batch.beginPacking();
  assert.equal(batch.append(0, null, null, undefined, undefined, undefined), false);
});

test("callbacks are told once, each with its record's offset, time and context", () => {
  const batch = new ProducerBatch("t", 3, new Uint8Array(4096), 0);
  const told: [KafkaError | null, RecordMetadata, unknown][] = [];
  const callback = (...all: [KafkaError | null, RecordMetadata, unknown]) => told.push(all);
  batch.append(5, null, null, undefined, callback, "a");
  batch.append(6, null, null, undefined, undefined, undefined);
  batch.append(7, null, null, undefined, callback, "c");
  batch.complete(10, -1);
  batch.fail(new KafkaError(errors.UNKNOWN_SERVER_ERROR));
  assert.deepEqual(told, [
    [null, { topic: "t", partition: 3, offset: 10, timestamp: 5 }, "a"],
    [null, { topic: "t", partition: 3, offset: 12, timestamp: 7 }, "c"],
  ]);
});

test("the broker's time takes the place of the record's", () => {
  const batch = new ProducerBatch("t", 0, new Uint8Array(4096), 0);
  let timestamp = 0;
  batch.append(5, null, null, undefined, (_error, metadata) => (timestamp = metadata.timestamp), undefined);
  batch.complete(0, 99);
  assert.equal(timestamp, 99);
});
