// Compaction of logs on a simulated disk: what stays, what goes, and when.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodeZip } from "@ottla/ports";
import {
  batchEnd,
  batchProblem,
  batchSizeInBytes,
  buildEndTxnMarkerBatch,
  type LeaderEpoch,
  type Offset,
  readRecords,
} from "@ottla/protocol";
import type { PartitionLog } from "../partition-log.ts";
import { allBytes, cleanNow, keyedBatch, recordsOf } from "../testing/compaction.ts";
import { appendNow, LogWorld } from "../testing/log-world.ts";

const COMPACTED = {
  cleanupCompact: true,
  cleanupDelete: false,
  segmentBytes: 400,
  minCleanableDirtyRatio: 0.01,
  indexIntervalBytes: 100,
};

function worldOf(config: object = {}): { world: LogWorld; log: PartitionLog } {
  const world = new LogWorld({ config: { ...COMPACTED, ...config } });
  world.open();
  return { world, log: world.log() };
}

test("the last record of each key stays, at its offset and in order", () => {
  const { world, log } = worldOf();
  for (let round = 0; round < 10; round++) {
    appendNow(
      log,
      keyedBatch([
        ["a", `a${round}`],
        ["b", `b${round}`],
      ]),
    );
    world.world.run({ ms: 10 });
  }
  const before = log.sizeInBytes;
  cleanNow(world, log);
  const found = recordsOf(world, log);
  const cleanEnd = log.opened.local.cleanedEndOffset as number;
  assert.ok(cleanEnd > 0);
  const clean = found.filter(({ offset }) => offset < cleanEnd);
  assert.deepEqual(
    clean.map(({ offset, key }) => [offset, key]),
    [
      [cleanEnd - 2, "a"],
      [cleanEnd - 1, "b"],
    ],
  );
  assert.ok(log.sizeInBytes < before);
  assert.deepEqual(world.logger.errors, []);
});
