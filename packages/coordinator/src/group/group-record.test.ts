import assert from "node:assert/strict";
import { test } from "node:test";
import { buildBatch, makeGroupMetadataValue, makeOffsetCommitValue } from "@ottla/protocol";
import { GroupWorld } from "../testing/group-world.ts";
import { MemoryLog } from "../testing/memory-log.ts";
import { createGroupRecordCodec } from "./group-record.ts";

const codec = createGroupRecordCodec();
const key = { group: "g", topic: "t", partition: 0 };

test("records come back as they were written, with the one version that has an expiry where there is one", () => {
  const plain = {
    kind: "offset-commit",
    key,
    value: makeOffsetCommitValue({ offset: 5n, leaderEpoch: 2 }),
  } as const;
  const expiring = { ...plain, value: makeOffsetCommitValue({ offset: 5n, expireTimestamp: 9n }) } as const;
  const metadata = makeGroupMetadataValue({ generation: 3, protocol: null, leader: null });
  const group = { kind: "group-metadata", groupId: "g", value: metadata } as const;
  const tombstone = { kind: "group-metadata", groupId: "g", value: null } as const;
  for (const record of [plain, expiring, group, tombstone]) {
    const { key: keyBytes, value } = codec.encode(record);
    assert.deepEqual(codec.decode(keyBytes, value), record);
  }
  assert.deepEqual(
    [plain, expiring, group].map((record) => codec.encode(record).value?.[1]),
    [4, 1, 3],
  );
});

test("keys of version 0, written by brokers of long ago, are offsets, too", () => {
  const { key: keyBytes, value } = codec.encode({
    kind: "offset-commit",
    key,
    value: makeOffsetCommitValue({}),
  });
  keyBytes[1] = 0;
  assert.equal(codec.decode(keyBytes, value)?.kind, "offset-commit");
});

test("records of kinds and versions that nobody knows do not keep a partition from being loaded", () => {
  const good = codec.encode({ kind: "offset-commit", key, value: makeOffsetCommitValue({ offset: 5n }) });
  const records = [
    { key: new Uint8Array([0, 99, 1, 2]), value: null },
    { key: new Uint8Array([0, 1, 0, 9]), value: null },
    { key: new Uint8Array(), value: null },
    { key: null, value: null },
    { key: good.key, value: new Uint8Array([0, 77]) },
    good,
  ];
  const log = new MemoryLog();
  log.addSegment(buildBatch({ records }));
  const on = new GroupWorld({ log });
  assert.deepEqual(on.offsets(), { "t-0": 5 });
  const { loadedRecords, skippedRecords, damagedRecords } = on.groups.metrics.runtime;
  assert.deepEqual([loadedRecords, skippedRecords, damagedRecords], [6, 1, 4]);
});
