// The header of a message of magic 0 or 1, found in segments older than Kafka 0.11; accessors as in
// batch-header.ts.
//   0 offset 8 │ 8 size 4 │ 12 crc32 4 │ 16 magic 1 │ 17 attributes 1 │ magic 1 only: 18 timestamp 8
//   │ key int32+bytes │ value int32+bytes
// A message is a batch of one record; when compressed, its value holds a whole message set and its offset is
// that of the last inner message. Magic 1 numbers inner messages relative to the first.
import { LOG_OVERHEAD_BYTES, NO_TIMESTAMP } from "../batch-header.ts";
import { int32At, int64At } from "../int64.ts";

export const LEGACY_CRC_AT = 12;
export const LEGACY_ATTRIBUTES_AT = 17;
export const LEGACY_TIMESTAMP_AT = 18;
/** Bytes of the smallest message after offset and size: no key, no value. */
export const LEGACY_MIN_SIZE_V0 = 14;
export const LEGACY_MIN_SIZE_V1 = 22;

/** Offset of the message; of the last inner one when compressed. */
export function legacyOffset(bytes: Uint8Array, at: number): number {
  return int64At(bytes, at);
}

/** Bytes of the whole message with offset and size. */
export function legacySizeInBytes(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at + 8) + LOG_OVERHEAD_BYTES;
}

/** The stored CRC-32 (not CRC-32C), unsigned. */
export function legacyCrc(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at + LEGACY_CRC_AT) >>> 0;
}

/** Codec id: 0 none, 1 gzip, 2 snappy, 3 lz4. */
export function legacyCompression(bytes: Uint8Array, at: number): number {
  return bytes[at + LEGACY_ATTRIBUTES_AT]! & 0x07;
}

/** Magic 1 only. */
export function legacyIsLogAppendTime(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 16] === 1 && (bytes[at + LEGACY_ATTRIBUTES_AT]! & 0x08) !== 0;
}

/** Milliseconds; −1 in magic 0. */
export function legacyTimestamp(bytes: Uint8Array, at: number): number {
  return bytes[at + 16] === 1 ? int64At(bytes, at + LEGACY_TIMESTAMP_AT) : NO_TIMESTAMP;
}

/** Where the key's length lies. */
export function legacyKeyAt(bytes: Uint8Array, at: number): number {
  return at + (bytes[at + 16] === 1 ? LEGACY_TIMESTAMP_AT + 8 : LEGACY_TIMESTAMP_AT);
}
