// Control records: what the broker itself writes between records of clients. The key is int16 version 0 and
// int16 type; the value is a message of its own. They travel alone, in batches with the control bit.
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import {
  decodeEndTxnMarker,
  encodeEndTxnMarker,
  encodeKRaftVersionRecord,
  encodeLeaderChangeMessage,
  encodeSnapshotFooterRecord,
  encodeSnapshotHeaderRecord,
  encodeVotersRecord,
  type KRaftVersionRecord,
  type LeaderChangeMessage,
  type SnapshotFooterRecord,
  type SnapshotHeaderRecord,
  type VotersRecord,
} from "../generated/index.ts";
import { buildBatch, type RecordToWrite } from "./batch-builder.ts";
import { int16At, setInt16 } from "./int64.ts";

export const CONTROL_ABORT = 0;
export const CONTROL_COMMIT = 1;
export const CONTROL_LEADER_CHANGE = 2;
export const CONTROL_SNAPSHOT_HEADER = 3;
export const CONTROL_SNAPSHOT_FOOTER = 4;
export const CONTROL_KRAFT_VERSION = 5;
export const CONTROL_KRAFT_VOTERS = 6;

/** Names as tools show them, by type. */
export const CONTROL_TYPE_NAMES: readonly string[] = [
  "ABORT",
  "COMMIT",
  "LEADER_CHANGE",
  "SNAPSHOT_HEADER",
  "SNAPSHOT_FOOTER",
  "KRAFT_VERSION",
  "KRAFT_VOTERS",
];

const KEY_VERSION = 0;
const KEY_BYTES = 4;

/** The key of a control record. */
export function controlRecordKey(type: number): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  setInt16(key, 0, KEY_VERSION);
  setInt16(key, 2, type);
  return key;
}

/**
 * The type in a control record's key, which may be of a newer, longer version; null when it is no such key.
 */
export function controlRecordType(key: Uint8Array | null): number | null {
  if (key === null || key.length < KEY_BYTES || int16At(key, 0) < 0) return null;
  return int16At(key, 2);
}

function valueOf(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  write(writer);
  return writer.toBytes();
}

/** Value of a commit or abort marker: int16 version, then the marker. */
export function endTxnMarkerValue(coordinatorEpoch: number): Uint8Array {
  return valueOf((writer) => {
    writer.int16(0);
    encodeEndTxnMarker(writer, { coordinatorEpoch }, 0);
  });
}

/** Coordinator epoch in a marker's value. Throws `DecodeError`. */
export function endTxnMarkerCoordinatorEpoch(value: Uint8Array): number {
  const reader = new Reader(value);
  // A newer version only adds fields behind.
  reader.int16();
  return decodeEndTxnMarker(reader, 0).coordinatorEpoch;
}

/** Value of a LEADER_CHANGE record. */
export function leaderChangeValue(message: LeaderChangeMessage): Uint8Array {
  return valueOf((writer) => encodeLeaderChangeMessage(writer, message, message.version));
}

/** Value of a SNAPSHOT_HEADER record. */
export function snapshotHeaderValue(message: SnapshotHeaderRecord): Uint8Array {
  return valueOf((writer) => encodeSnapshotHeaderRecord(writer, message, message.version));
}

/** Value of a SNAPSHOT_FOOTER record. */
export function snapshotFooterValue(message: SnapshotFooterRecord): Uint8Array {
  return valueOf((writer) => encodeSnapshotFooterRecord(writer, message, message.version));
}

/** Value of a KRAFT_VERSION record. */
export function kraftVersionValue(message: KRaftVersionRecord): Uint8Array {
  return valueOf((writer) => encodeKRaftVersionRecord(writer, message, message.version));
}

/** Value of a KRAFT_VOTERS record. */
export function kraftVotersValue(message: VotersRecord): Uint8Array {
  return valueOf((writer) => encodeVotersRecord(writer, message, message.version));
}

/** A control batch of the metadata log: no producer, not transactional. */
export function buildControlBatch(batch: {
  readonly baseOffset: number;
  readonly leaderEpoch: number;
  readonly timestamp: number;
  readonly records: readonly { readonly type: number; readonly value: Uint8Array }[];
}): Uint8Array {
  const records: RecordToWrite[] = batch.records.map(({ type, value }) => ({
    timestamp: batch.timestamp,
    key: controlRecordKey(type),
    value,
  }));
  return buildBatch({
    baseOffset: batch.baseOffset,
    partitionLeaderEpoch: batch.leaderEpoch,
    isControl: true,
    records,
  });
}

/** The marker that ends a transaction in a partition. */
export function buildEndTxnMarkerBatch(marker: {
  readonly isCommit: boolean;
  readonly baseOffset: number;
  readonly partitionLeaderEpoch: number;
  readonly timestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
}): Uint8Array {
  return buildBatch({
    baseOffset: marker.baseOffset,
    partitionLeaderEpoch: marker.partitionLeaderEpoch,
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    isTransactional: true,
    isControl: true,
    records: [
      {
        timestamp: marker.timestamp,
        key: controlRecordKey(marker.isCommit ? CONTROL_COMMIT : CONTROL_ABORT),
        value: endTxnMarkerValue(marker.coordinatorEpoch),
      },
    ],
  });
}
