// Record batches for requests, right ones and wrong ones. The verbs that spoil a batch say what becomes
// wrong; the rest stays right.

import { createNodeZip } from "@ottla/ports";
import {
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  type BatchToWrite,
  buildBatch,
  CRC_AT,
  LAST_OFFSET_DELTA_AT,
  LENGTH_AT,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  RECORDS_COUNT_AT,
  type RecordToWrite,
  updateBatchCrc,
} from "@ottla/protocol";

const encoder = new TextEncoder();

/** A record with texts; null is null. */
export function record(key: string | null, value: string | null, timestampMs: number): RecordToWrite {
  return {
    key: key === null ? null : encoder.encode(key),
    value: value === null ? null : encoder.encode(value),
    timestamp: timestampMs,
  };
}

/** `count` records, one millisecond apart. */
export function records(count: number, nowMs: number, valueBytes = 10): RecordToWrite[] {
  return Array.from({ length: count }, (_, index) =>
    record(`k${index}`, "v".repeat(valueBytes), nowMs + index),
  );
}

/** A batch of `count` small records. */
export function batch(count: number, nowMs: number, around: Omit<BatchToWrite, "records"> = {}): Buffer {
  return batchOf(records(count, nowMs), around);
}

/** A batch of these records. */
export function batchOf(list: readonly RecordToWrite[], around: Omit<BatchToWrite, "records"> = {}): Buffer {
  return Buffer.from(buildBatch({ ...around, records: list }, createNodeZip()));
}

/** A copy, changed, with its checksum made right again. */
export function changed(bytes: Uint8Array, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  updateBatchCrc(copy, 0);
  return copy;
}

export const spoil = {
  crc(bytes: Uint8Array): Buffer {
    const copy = Buffer.from(bytes);
    copy.writeUInt32BE((copy.readUInt32BE(CRC_AT) ^ 1) >>> 0, CRC_AT);
    return copy;
  },
  lastByte(bytes: Uint8Array): Buffer {
    const copy = Buffer.from(bytes);
    copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 0xff;
    return copy;
  },
  /** Of the header field; the checksum covers neither it nor anything before the attributes. */
  magic(bytes: Uint8Array, magic: number): Buffer {
    const copy = Buffer.from(bytes);
    copy.writeInt8(magic, MAGIC_AT);
    return copy;
  },
  length(bytes: Uint8Array, length: number): Buffer {
    const copy = Buffer.from(bytes);
    copy.writeInt32BE(length, LENGTH_AT);
    return copy;
  },
  count: (bytes: Uint8Array, count: number): Buffer =>
    changed(bytes, (copy) => copy.writeInt32BE(count, RECORDS_COUNT_AT)),
  lastOffsetDelta: (bytes: Uint8Array, delta: number): Buffer =>
    changed(bytes, (copy) => copy.writeInt32BE(delta, LAST_OFFSET_DELTA_AT)),
  attributes: (bytes: Uint8Array, attributes: number): Buffer =>
    changed(bytes, (copy) => copy.writeInt16BE(attributes, ATTRIBUTES_AT)),
  baseTimestamp: (bytes: Uint8Array, timestamp: bigint): Buffer =>
    changed(bytes, (copy) => copy.writeBigInt64BE(timestamp, BASE_TIMESTAMP_AT)),
  maxTimestamp: (bytes: Uint8Array, timestamp: bigint): Buffer =>
    changed(bytes, (copy) => copy.writeBigInt64BE(timestamp, MAX_TIMESTAMP_AT)),
  /** The varint byte at `at` of the records (after the 61 bytes of the header) becomes `byte`. */
  recordByte: (bytes: Uint8Array, at: number, byte: number): Buffer =>
    changed(bytes, (copy) => copy.writeUInt8(byte, 61 + at)),
};
