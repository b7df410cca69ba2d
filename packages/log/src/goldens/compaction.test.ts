// The same log cleaned by Apache Kafka 4.3.1 and by this cleaner comes out the same: batch by batch,
// record by record, and in its transaction indexes. `compaction.json` holds the files before and after two
// cleanings (codecs, tombstones, committed and aborted transactions over segments of 4000 bytes,
// delete.retention.ms 1000); the second finds tombstones and markers whose delete horizon has passed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createNodeZip } from "@ottla/ports";
import {
  batchAttributes,
  batchBaseOffset,
  batchBaseSequence,
  batchBaseTimestamp,
  batchCount,
  batchEnd,
  batchHasDeleteHorizon,
  batchLastOffset,
  batchMaxTimestamp,
  batchPartitionLeaderEpoch,
  batchProblem,
  batchProducerEpoch,
  batchProducerId,
  readRecords,
} from "@ottla/protocol";
import { cleanNow } from "../testing/compaction.ts";
import { DIRECTORY, LogWorld } from "../testing/log-world.ts";

type Files = Readonly<Record<string, string>>;

const { steps } = JSON.parse(readFileSync(new URL("compaction.json", import.meta.url), "utf8")) as {
  steps: readonly { readonly before: Files; readonly after: Files }[];
};
const PARTITION = `${DIRECTORY}/compacted-0`;
const CHECKPOINT = "cleaner-offset-checkpoint";
const zip = createNodeZip();

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** What a segment's file holds, in words; a horizon is a matter of the clock. */
function batchesOf(bytes: Uint8Array): unknown[] {
  const batches: unknown[] = [];
  for (let at = 0, end: number; (end = batchEnd(bytes, at, bytes.length)) > 0; at = end) {
    assert.equal(batchProblem(bytes, at), null);
    batches.push({
      offsets: [batchBaseOffset(bytes, at), batchLastOffset(bytes, at)],
      attributes: batchAttributes(bytes, at),
      epoch: batchPartitionLeaderEpoch(bytes, at),
      producer: [batchProducerId(bytes, at), batchProducerEpoch(bytes, at), batchBaseSequence(bytes, at)],
      baseTimestamp: batchHasDeleteHorizon(bytes, at) ? "horizon" : batchBaseTimestamp(bytes, at),
      maxTimestamp: batchMaxTimestamp(bytes, at),
      count: batchCount(bytes, at),
      records: readRecords(bytes, at, zip).map(({ offset, timestamp, key, value }) => [
        offset,
        timestamp,
        key === null ? null : new TextDecoder().decode(key),
        value === null ? null : new TextDecoder("latin1").decode(value),
      ]),
    });
  }
  return batches;
}

function newestTimestamp(files: Files): number {
  let newest = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = bytesOf(content);
    if (!name.endsWith(".log")) continue;
    for (let at = 0, end: number; (end = batchEnd(bytes, at, bytes.length)) > 0; at = end)
      newest = Math.max(newest, batchMaxTimestamp(bytes, at));
  }
  return newest;
}

for (const [index, { before, after }] of steps.entries()) {
  test(`cleaning ${index + 1} of a log leaves what Apache Kafka's cleaner leaves`, () => {
    const world = new LogWorld({
      startWallMs: newestTimestamp(before) + 2_000,
      config: {
        cleanupCompact: true,
        cleanupDelete: false,
        segmentBytes: 4000,
        indexIntervalBytes: 200,
        deleteRetentionMs: 1000,
        minCleanableDirtyRatio: 0.01,
      },
    });
    const { disk } = world.ports;
    disk.makeDirectory(PARTITION);
    for (const [name, content] of Object.entries(before)) {
      const bytes = bytesOf(content);
      if (bytes.length > 0) disk.replaceFile(`${name === CHECKPOINT ? DIRECTORY : PARTITION}/${name}`, bytes);
    }
    const log = world.open().log("compacted", 0);
    assert.ok(log !== null);
    cleanNow(world, log);
    assert.deepEqual(world.logger.errors, []);
    const cleanEnd = Number(
      new TextDecoder()
        .decode(bytesOf(after[CHECKPOINT] ?? ""))
        .trim()
        .split(" ")
        .at(-1),
    );
    assert.equal(log.opened.local.cleanedEndOffset, cleanEnd);
    const names = disk.list(PARTITION).filter((name) => name.endsWith(".log"));
    assert.deepEqual(
      names,
      Object.keys(after).filter((name) => name.endsWith(".log")),
    );
    for (const name of names) {
      const found = batchesOf(disk.readFile(`${PARTITION}/${name}`));
      assert.deepEqual(found, batchesOf(bytesOf(after[name] ?? "")), name);
      const transactions = name.replace(".log", ".txnindex");
      const path = `${PARTITION}/${transactions}`;
      const entries = disk.status(path) === null ? new Uint8Array() : disk.readFile(path);
      assert.deepEqual(entries, bytesOf(after[transactions] ?? ""), transactions);
    }
  });
}
