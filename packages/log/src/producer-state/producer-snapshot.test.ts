import assert from "node:assert/strict";
import { test } from "node:test";
import { ProducerEntry } from "./producer-entry.ts";
import { decodeProducerSnapshot, encodeProducerSnapshot } from "./producer-snapshot.ts";

function producer(id: number, batchCount: number): ProducerEntry {
  const entry = new ProducerEntry(id);
  entry.adoptEpoch(3);
  for (let index = 0; index < batchCount; index++) {
    entry.addBatch({
      lastSequence: 10 * index + 9,
      lastOffset: 100 * index,
      offsetDelta: 9,
      maxTimestamp: 1000 + index,
    });
  }
  return entry;
}

test("a snapshot keeps every batch a producer is known by, so that the retry of any of them is recognised", () => {
  const markersOnly = producer(8, 0);
  markersOnly.coordinatorEpoch = 4;
  markersOnly.lastTimestamp = 77;
  const many = producer(7, 5);
  many.lastTimestamp = 5000;
  many.transactionFirstOffset = 300;
  const producers = new Map([many, markersOnly].map((entry) => [entry.producerId, entry]));
  const read = decodeProducerSnapshot(encodeProducerSnapshot(producers));
  assert.deepEqual(read?.map(factsOf), [many, markersOnly].map(factsOf));
  assert.ok(read?.[0]?.findDuplicate(3, 0, 9) !== null);
});

test("the last row of a producer is its newest batch, for readers that know of one", () => {
  const bytes = encodeProducerSnapshot(new Map([[7, producer(7, 3)]]));
  const view = new DataView(bytes.buffer);
  assert.equal(view.getInt32(6), 3);
  assert.equal(view.getInt32(bytes.length - 46 + 10), 29);
});

test("a damaged snapshot is none", () => {
  const bytes = encodeProducerSnapshot(new Map([[7, producer(7, 1)]]));
  bytes[20] = (bytes[20] as number) ^ 1;
  assert.equal(decodeProducerSnapshot(bytes), null);
});

function factsOf(entry: ProducerEntry): object {
  const { producerId, epoch, coordinatorEpoch, lastTimestamp, transactionFirstOffset, batches } = entry;
  const sequences = batches.map(({ lastSequence }) => lastSequence);
  return { producerId, epoch, coordinatorEpoch, lastTimestamp, transactionFirstOffset, sequences };
}
