// Messages of magic 0 and 1 on old segments: checking their CRC and reading their records, also those
// inside a compressed message. Reading only: no broker of this age writes them.
import type { Zip } from "@ottla/ports";
import { batchMagic, LOG_OVERHEAD_BYTES } from "../batch-header.ts";
import { decompressBody } from "../compression/compression.ts";
import { int32At } from "../int64.ts";
import { RecordsError } from "../records-error.ts";
import { legacyCrc32 } from "./legacy-crc32.ts";
import {
  LEGACY_MIN_SIZE_V0,
  LEGACY_MIN_SIZE_V1,
  legacyCompression,
  legacyCrc,
  legacyIsLogAppendTime,
  legacyKeyAt,
  legacyOffset,
  legacySizeInBytes,
  legacyTimestamp,
} from "./legacy-header.ts";

/** One record of a legacy message. Key and value are views. */
export interface LegacyRecord {
  readonly offset: number;
  /** Milliseconds; −1 in magic 0. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** Whether the stored CRC-32 is right. The size must have been checked. */
export function legacyCrcMatches(bytes: Uint8Array, at: number): boolean {
  return legacyCrc(bytes, at) === legacyCrc32(bytes, at + 16, at + legacySizeInBytes(bytes, at));
}

function invalid(message: string): RecordsError {
  return new RecordsError("INVALID_RECORD", message);
}

/**
 * Position and length of a field with an int32 length in front, which must lie before `end`; length −1 is
 * null.
 */
function fieldAt(bytes: Uint8Array, at: number, end: number): { at: number; length: number; endAt: number } {
  if (end - at < 4) throw invalid("a message ends inside its key or value");
  const length = Math.max(-1, int32At(bytes, at));
  const endAt = at + 4 + Math.max(0, length);
  if (endAt > end) throw invalid("a key or value is longer than its message");
  return { at: at + 4, length, endAt };
}

/** The record of an uncompressed message. Throws `RecordsError`. */
function readPlain(bytes: Uint8Array, at: number): LegacyRecord {
  const end = at + legacySizeInBytes(bytes, at);
  const key = fieldAt(bytes, legacyKeyAt(bytes, at), end);
  const value = fieldAt(bytes, key.endAt, end);
  const view = (field: typeof key): Uint8Array | null =>
    field.length < 0 ? null : bytes.subarray(field.at, field.at + field.length);
  return {
    offset: legacyOffset(bytes, at),
    timestamp: legacyTimestamp(bytes, at),
    key: view(key),
    value: view(value),
  };
}

/**
 * Positions of the messages in a decompressed set. All must have the wrapper's magic and none may be
 * compressed again.
 */
function innerMessages(set: Uint8Array, magic: number): number[] {
  const positions: number[] = [];
  const sizeMin = magic === 1 ? LEGACY_MIN_SIZE_V1 : LEGACY_MIN_SIZE_V0;
  let at = 0;
  while (set.length - at >= LOG_OVERHEAD_BYTES) {
    const size = int32At(set, at + 8);
    if (size < sizeMin) throw new RecordsError("CORRUPT_MESSAGE", `an inner message of ${size} bytes`);
    if (size > set.length - at - LOG_OVERHEAD_BYTES) break;
    if (batchMagic(set, at) !== magic) throw invalid("an inner message has another magic than its wrapper");
    if (legacyCompression(set, at) !== 0) throw invalid("an inner message is compressed again");
    positions.push(at);
    at += LOG_OVERHEAD_BYTES + size;
  }
  if (positions.length === 0) throw invalid("a compressed message without inner messages");
  return positions;
}

/** The records of the message at `at`, checked by `batchProblem` before. Throws `RecordsError`. */
export function readLegacyRecords(bytes: Uint8Array, at: number, zip: Zip, bytesMax: number): LegacyRecord[] {
  const outer = readPlain(bytes, at);
  const codec = legacyCompression(bytes, at);
  if (codec === 0) return [outer];
  if (outer.value === null) throw invalid("a compressed message without a value");
  const magic = batchMagic(bytes, at);
  const set = decompressBody(codec, magic, outer.value, zip, bytesMax);
  const positions = innerMessages(set, magic);
  // Magic 1 numbers from 0 inside; the wrapper has the offset of the last.
  const shift = magic === 1 ? outer.offset - legacyOffset(set, positions.at(-1)!) : 0;
  const isLogAppendTime = legacyIsLogAppendTime(bytes, at);
  return positions.map((position) => {
    const inner = readPlain(set, position);
    const timestamp = isLogAppendTime ? outer.timestamp : inner.timestamp;
    return { ...inner, offset: inner.offset + shift, timestamp };
  });
}
