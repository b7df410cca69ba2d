// Control batches against bytes of Apache Kafka, and transaction markers both ways.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createNodeZip } from "@ottla/ports";
import { batchIsControl, batchIsTransactional, batchProducerId } from "./batch-header.ts";
import {
  buildControlBatch,
  buildEndTxnMarkerBatch,
  CONTROL_ABORT,
  CONTROL_COMMIT,
  CONTROL_KRAFT_VERSION,
  CONTROL_LEADER_CHANGE,
  CONTROL_SNAPSHOT_FOOTER,
  CONTROL_SNAPSHOT_HEADER,
  controlRecordKey,
  controlRecordType,
  endTxnMarkerCoordinatorEpoch,
  kraftVersionValue,
  leaderChangeValue,
  snapshotFooterValue,
  snapshotHeaderValue,
} from "./control-records.ts";
import { readRecords } from "./read-records.ts";

const zip = createNodeZip();

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * From the golden vectors of family "control": offset 5, time 1700000000000, epoch 3, all fields at their
 * defaults.
 */
const GOLDEN: readonly (readonly [number, Uint8Array, string])[] = [
  [
    CONTROL_LEADER_CHANGE,
    leaderChangeValue({ version: 0, leaderId: 0, voters: [], grantingVoters: [] }),
    "00000000000000050000004500000003022bc315af0020000000000000018bcfe568000000018bcfe56800ffffffffffffffff" +
      "ffffffffffff000000012600000008000000021200000000000001010000",
  ],
  [
    CONTROL_SNAPSHOT_HEADER,
    snapshotHeaderValue({ version: 0, lastContainedLogTimestamp: 0n }),
    "0000000000000005000000470000000302695d78600020000000000000018bcfe568000000018bcfe56800ffffffffffffffff" +
      "ffffffffffff000000012a000000080000000316000000000000000000000000",
  ],
  [
    CONTROL_SNAPSHOT_FOOTER,
    snapshotFooterValue({ version: 0 }),
    "00000000000000050000003f00000003028f6608e60020000000000000018bcfe568000000018bcfe56800ffffffffffffffff" +
      "ffffffffffff000000011a00000008000000040600000000",
  ],
  [
    CONTROL_KRAFT_VERSION,
    kraftVersionValue({ version: 0, kRaftVersion: 0 }),
    "00000000000000050000004100000003020dddc7f80020000000000000018bcfe568000000018bcfe56800ffffffffffffffff" +
      "ffffffffffff000000011e00000008000000050a000000000000",
  ],
];

test("control batches of the metadata log are Kafka's, byte for byte", () => {
  for (const [type, value, expected] of GOLDEN) {
    const records = [{ type, value }];
    const batch = buildControlBatch({ baseOffset: 5, leaderEpoch: 3, timestamp: 1700000000000, records });
    assert.equal(hex(batch), expected);
  }
});

test("a transaction marker tells its type and coordinator epoch", () => {
  for (const isCommit of [true, false]) {
    const batch = buildEndTxnMarkerBatch({
      isCommit,
      baseOffset: 33,
      partitionLeaderEpoch: 6,
      timestamp: 1700000000000,
      producerId: 12,
      producerEpoch: 1,
      coordinatorEpoch: 4,
    });
    assert.ok(batchIsControl(batch, 0) && batchIsTransactional(batch, 0));
    assert.equal(batchProducerId(batch, 0), 12);
    const [marker] = readRecords(batch, 0, zip);
    assert.equal(controlRecordType(marker!.key), isCommit ? CONTROL_COMMIT : CONTROL_ABORT);
    assert.equal(endTxnMarkerCoordinatorEpoch(marker!.value!), 4);
  }
});

test("a key that is no control key has no type", () => {
  assert.equal(controlRecordType(null), null);
  assert.equal(controlRecordType(Uint8Array.of(0, 0, 0)), null);
  assert.equal(controlRecordType(Uint8Array.of(0, 1, 0, 2, 9)), 2);
  assert.equal(controlRecordType(controlRecordKey(6)), 6);
});
