// Offsets of transactions as another broker has left them in the log.
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildBatch, CONTROL_COMMIT, controlRecordKey, makeOffsetCommitValue } from "@ottla/protocol";
import { createGroupRecordCodec } from "../group/group-record.ts";
import { GroupWorld } from "../testing/group-world.ts";
import { MemoryLog } from "../testing/memory-log.ts";

/** A log with an offset that producer 7 has committed in a transaction, ended or open. */
function transactionalLog(isEnded: boolean): MemoryLog {
  const log = new MemoryLog();
  const codec = createGroupRecordCodec();
  const key = { group: "g", topic: "t", partition: 0 };
  const record = codec.encode({ kind: "offset-commit", key, value: makeOffsetCommitValue({ offset: 5n }) });
  const producer = { producerId: 7, producerEpoch: 0, isTransactional: true };
  const batches = [buildBatch({ ...producer, baseSequence: 0, records: [record] })];
  if (isEnded) {
    const records = [{ key: controlRecordKey(CONTROL_COMMIT), value: new Uint8Array(6) }];
    batches.push(buildBatch({ ...producer, baseOffset: 1, isControl: true, records }));
  }
  for (const batch of batches) log.addSegment(batch);
  return log;
}

test("an offset of an open transaction is unstable for who asks for stable ones, and there once it ended", () => {
  const open = new GroupWorld({ log: transactionalLog(false) });
  assert.deepEqual([open.offsets(), open.offsets("g", true)], [{}, {}]);
  open.commitOffset(3);
  assert.deepEqual(open.offsets(), { "t-0": 3 });
  assert.deepEqual(open.offsets("g", true), { "t-0": "UNSTABLE_OFFSET_COMMIT" });
  const ended = new GroupWorld({ log: transactionalLog(true) });
  assert.deepEqual(ended.offsets("g", true), { "t-0": 5 });
});

test("a group with an open transaction does not go, and neither does the offset it is about to replace", () => {
  const on = new GroupWorld({ log: transactionalLog(false) });
  on.commitOffset(3);
  on.pass(30 * 24 * 3600 * 1000);
  assert.deepEqual([on.list(), on.offsets()], [["g: Empty"], { "t-0": 3 }]);
  const ended = new GroupWorld({ log: transactionalLog(true) });
  ended.pass(30 * 24 * 3600 * 1000);
  assert.deepEqual(ended.list(), []);
});
