// The checksum of a record batch (magic 2), and the stamps that change what it covers. CRC-32C from the
// attributes to the end of the batch.
import { crc32c } from "../bytes/crc32c.ts";
import { ATTRIBUTES_AT, batchCrc, batchSizeInBytes, CRC_AT, setMaxTimestamp } from "./batch-header.ts";
import { setInt32 } from "./int64.ts";

/** CRC-32C of the batch as it lies there, unsigned. The size must have been checked. */
export function computeBatchCrc(bytes: Uint8Array, at: number): number {
  return crc32c(bytes, at + ATTRIBUTES_AT, at + batchSizeInBytes(bytes, at));
}

/** Whether the stored CRC is right. */
export function batchCrcMatches(bytes: Uint8Array, at: number): boolean {
  return batchCrc(bytes, at) === computeBatchCrc(bytes, at);
}

/** Writes the right CRC. */
export function updateBatchCrc(bytes: Uint8Array, at: number): void {
  setInt32(bytes, at + CRC_AT, computeBatchCrc(bytes, at));
}

/** Makes every record's timestamp the broker's `nowMs`: type LogAppendTime, max timestamp, CRC. */
export function stampLogAppendTime(bytes: Uint8Array, at: number, nowMs: number): void {
  setMaxTimestamp(bytes, at, true, nowMs);
  updateBatchCrc(bytes, at);
}

/** Sets type CreateTime and the max timestamp (ms) found in the records, and the CRC. */
export function stampCreateTime(bytes: Uint8Array, at: number, maxTimestampMs: number): void {
  setMaxTimestamp(bytes, at, false, maxTimestampMs);
  updateBatchCrc(bytes, at);
}
