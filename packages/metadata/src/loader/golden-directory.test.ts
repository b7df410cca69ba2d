// The metadata log and snapshots that Apache Kafka 4.3.1 left in the golden data directory, read into images.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runWhole } from "@ottla/ports";
import { batchEnd, batchProblem, type Offset } from "@ottla/protocol";
import { imageLines } from "../image/image-lines.ts";
import { imageRecords } from "../image/metadata-image.ts";
import type { MetaLogEntry, MetaLogSnapshot } from "../meta-log/meta-log.ts";
import { readMetadataBatch } from "../records/metadata-batch.ts";
import { decodeMetadataRecord, encodeMetadataRecord } from "../records/metadata-record.ts";
import { decodeSnapshotFile, encodeSnapshotFile } from "../records/snapshot-file.ts";
import { ImageBuilder } from "./image-builder.ts";

const goldens = new URL("../../../protocol/goldens/segments/", import.meta.url);
const directory = new URL("data/__cluster_metadata-0/", goldens);

interface ManifestRecord {
  readonly offset: number;
  readonly name?: string;
  readonly version?: number;
  readonly json: Readonly<Record<string, unknown>>;
}

function manifest(): {
  segments: { records: ManifestRecord[] }[];
  checkpoints: Record<string, ManifestRecord[]>;
} {
  return JSON.parse(readFileSync(new URL("manifest.json", goldens), "utf8")).partitions[
    "__cluster_metadata-0"
  ];
}

function logEntries(): MetaLogEntry[] {
  const bytes = new Uint8Array(readFileSync(new URL("00000000000000000000.log", directory)));
  const entries: MetaLogEntry[] = [];
  for (
    let at = 0, next = batchEnd(bytes, 0, bytes.length);
    next > 0;
    next = batchEnd(bytes, at, bytes.length)
  ) {
    assert.equal(batchProblem(bytes, at), null);
    entries.push({ ...readMetadataBatch(bytes, at), appendId: null, opensEpoch: false });
    at = next;
  }
  return entries;
}

function snapshot(endOffset: number, epoch: number): MetaLogSnapshot {
  const name = `${String(endOffset).padStart(20, "0")}-${String(epoch).padStart(10, "0")}.checkpoint`;
  const bytes = new Uint8Array(readFileSync(new URL(name, directory)));
  return { id: { endOffset: endOffset as Offset, epoch }, ...decodeSnapshotFile(bytes) };
}

test("every metadata record of a log that Kafka wrote decodes to its fields and encodes to its bytes", () => {
  const expected = new Map(manifest().segments[0]?.records.map((record) => [record.offset, record]));
  let count = 0;
  for (const entry of logEntries()) {
    for (const [index, frame] of entry.records.entries()) {
      const record = decodeMetadataRecord(frame);
      const golden = expected.get(entry.baseOffset + index);
      assert.equal(record.name, golden?.name);
      assert.equal(record.version, golden?.version);
      assert.deepEqual(encodeMetadataRecord(record), frame.slice());
      count += 1;
    }
  }
  assert.equal(count, [...expected.values()].filter((record) => record.name !== undefined).length);
});

test("the image of Kafka's log is the image of Kafka's snapshot at its end", () => {
  const fromLog = new ImageBuilder();
  runWhole(fromLog.applyEntries(logEntries()));
  const fromSnapshot = new ImageBuilder();
  runWhole(fromSnapshot.loadSnapshot(snapshot(122, 2)));
  assert.deepEqual(imageLines(fromLog.image), imageLines(fromSnapshot.image));
  assert.equal(fromLog.image.offset, 121);
  assert.equal(fromSnapshot.image.offset, 121);
  assert.equal(fromLog.image.timestampMs, fromSnapshot.image.timestampMs);
  assert.equal(fromLog.image.epoch, 2);
});

test("an older snapshot and the log behind it give the image of the whole log", () => {
  const builder = new ImageBuilder();
  runWhole(builder.loadSnapshot(snapshot(67, 1)));
  runWhole(builder.applyEntries(logEntries().filter((entry) => entry.baseOffset >= 67)));
  const whole = new ImageBuilder();
  runWhole(whole.applyEntries(logEntries()));
  assert.deepEqual(imageLines(builder.image), imageLines(whole.image));
});

test("the image holds what Kafka says is in the directory", () => {
  const builder = new ImageBuilder();
  runWhole(builder.applyEntries(logEntries()));
  const { image } = builder;
  assert.deepEqual([...image.topics.names()].sort(), [
    "__consumer_offsets",
    "__share_group_state",
    "__transaction_state",
    "compacted",
    "rolled",
    "stamped",
    "three",
  ]);
  assert.equal(image.topics.byName("three")?.partitions.length, 3);
  assert.equal(image.topics.byName("stamped")?.partitions.length, 2);
  assert.equal(image.topics.byName("doomed"), null);
  const rolled = image.topics.byName("rolled")?.partitions[0];
  assert.deepEqual([rolled?.leader, rolled?.leaderEpoch, rolled?.partitionEpoch], [-1, 3, 3]);
  assert.deepEqual([rolled?.isr, rolled?.elr], [[], [1]]);
  assert.equal(image.configs.of(2, "rolled").get("segment.ms"), "1800000");
  assert.equal(image.configs.of(4, "1").size, 0);
  assert.equal(image.features.metadataVersionLevel, 30);
  assert.equal(image.producerIds.nextProducerId, 2000);
  assert.equal(image.acls.entries.size, 2);
  assert.equal([...image.scram.credentials()].length, 2);
  const broker = image.cluster.brokers.get(1);
  assert.deepEqual([broker?.epoch, broker?.fenced, broker?.inControlledShutdown], [70, true, true]);
  assert.equal(image.cluster.controllers.size, 1);
});

test("a snapshot written from an image reads back to the same image and to the same quorum", () => {
  const original = snapshot(122, 2);
  const bytes = readFileSync(new URL("00000000000000000122-0000000002.checkpoint", directory));
  const { kraft } = decodeSnapshotFile(new Uint8Array(bytes));
  const builder = new ImageBuilder();
  runWhole(builder.loadSnapshot(original));
  const records = [...imageRecords(builder.image)].map(encodeMetadataRecord);
  const content = { lastContainedTimestampMs: original.lastContainedTimestampMs, kraft, records };
  const written = decodeSnapshotFile(encodeSnapshotFile(content, { epoch: 2, timestampMs: 1 }));
  const again = new ImageBuilder();
  runWhole(again.loadSnapshot({ ...original, ...written }));
  assert.deepEqual(imageLines(again.image), imageLines(builder.image));
  assert.deepEqual(written.kraft, kraft);
  assert.equal(records.length, original.records.length);
});

test("a snapshot that Kafka wrote encodes to Kafka's bytes", () => {
  for (const name of ["00000000000000000122-0000000002", "00000000000000000067-0000000001"]) {
    const bytes = new Uint8Array(readFileSync(new URL(`${name}.checkpoint`, directory)));
    const content = decodeSnapshotFile(bytes);
    // Kafka stamps each batch with its own time; all other bytes must agree.
    const written = encodeSnapshotFile(content, { epoch: Number(name.slice(-1)), timestampMs: 0 });
    assert.equal(written.length, bytes.length);
    assert.deepEqual(decodeSnapshotFile(written), content);
  }
});
