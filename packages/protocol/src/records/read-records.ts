// Records as objects, for tools, coordinators, metadata and tests. The produce and fetch paths never come
// here.
import type { Zip } from "@ottla/ports";
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchBaseSequence,
  batchBaseTimestamp,
  batchCompression,
  batchCount,
  batchIsLogAppendTime,
  batchMagic,
  batchMaxTimestamp,
  batchSizeInBytes,
  incrementSequence,
  MAGIC_V2,
  NO_SEQUENCE,
} from "./batch-header.ts";
import { type CompressionDone, decompressBody, decompressBodyLater } from "./compression/compression.ts";
import { readLegacyRecords } from "./legacy/legacy-message.ts";
import { DECOMPRESSED_BYTES_MAX } from "./limits.ts";
import {
  createRecordCursor,
  nextRecord,
  RECORD_INCOMPLETE,
  type RecordCursor,
  type RecordHeader,
  recordHeaders,
  recordKey,
  recordValue,
} from "./record-cursor.ts";
import { RecordsError } from "./records-error.ts";
import { recordProblem } from "./walk/record-walk.ts";

/** One record. Key, value and header values are views of the batch or of its decompressed body. */
export interface KafkaRecord {
  readonly offset: number;
  /** Milliseconds; the broker's time when the batch has LogAppendTime; −1 is none. */
  readonly timestamp: number;
  /** −1 without a producer's sequences. */
  readonly sequence: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

/** The records part of the v2 batch at `at`, as it is: compressed or not. */
export function batchBody(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(at + BATCH_HEADER_BYTES, at + batchSizeInBytes(bytes, at));
}

/** The uncompressed body of the v2 batch at `at`; a view when it is not compressed. Throws `RecordsError`. */
export function decompressBatchBody(bytes: Uint8Array, at: number, zip: Zip, bytesMax: number): Uint8Array {
  return decompressBody(batchCompression(bytes, at), MAGIC_V2, batchBody(bytes, at), zip, bytesMax);
}

/**
 * As `decompressBatchBody`, off the loop; `done` runs in a later turn. The batch must stay unchanged until
 * then.
 */
export function decompressBatchBodyLater(
  bytes: Uint8Array,
  at: number,
  zip: Zip,
  bytesMax: number,
  done: CompressionDone,
): void {
  decompressBodyLater(batchCompression(bytes, at), MAGIC_V2, batchBody(bytes, at), zip, bytesMax, done);
}

/**
 * Calls `visit` with the uncompressed body and a cursor for each record of the v2 batch at `at`. A damaged
 * compressed body is visited up to the damage. Throws `RecordsError`. A batch that announces no records has
 * none, whatever follows its header.
 */
export function visitRecords(
  bytes: Uint8Array,
  at: number,
  zip: Zip,
  bytesMax: number,
  visit: (body: Uint8Array, cursor: RecordCursor) => void,
): void {
  const count = batchCount(bytes, at);
  if (count === 0) return;
  if (count < 0) throw new RecordsError("INVALID_RECORD", `the batch's record count is ${count}`);
  let body: Uint8Array;
  let damage: RecordsError | null = null;
  try {
    body = decompressBatchBody(bytes, at, zip, bytesMax);
  } catch (error) {
    if (!(error instanceof RecordsError) || error.decoded === null) throw error;
    body = error.decoded;
    damage = error;
  }
  const cursor = createRecordCursor();
  let position = 0;
  for (let index = 0; index < count; index++) {
    const next = nextRecord(body, position, body.length, cursor);
    if (next < 0) {
      if (damage && next === RECORD_INCOMPLETE) throw damage;
      const problem = recordProblem(next, index, body.length - position);
      throw new RecordsError(problem.error, problem.message);
    }
    position = next;
    if (index === count - 1) {
      if (damage) throw damage;
      if (position !== body.length) {
        throw new RecordsError("INVALID_RECORD", `${body.length - position} bytes follow the last record`);
      }
    }
    visit(body, cursor);
  }
}

/** The records of the batch or legacy message at `at`, found by `batchEnd`. Throws `RecordsError`. */
export function readRecords(
  bytes: Uint8Array,
  at: number,
  zip: Zip,
  bytesMax: number = DECOMPRESSED_BYTES_MAX,
): KafkaRecord[] {
  if (batchMagic(bytes, at) < MAGIC_V2) {
    return readLegacyRecords(bytes, at, zip, bytesMax).map((record) => ({
      ...record,
      sequence: NO_SEQUENCE,
      headers: [],
    }));
  }
  const baseOffset = batchBaseOffset(bytes, at);
  const baseTimestamp = batchBaseTimestamp(bytes, at);
  const baseSequence = batchBaseSequence(bytes, at);
  const logAppendTime = batchIsLogAppendTime(bytes, at) ? batchMaxTimestamp(bytes, at) : null;
  const records: KafkaRecord[] = [];
  visitRecords(bytes, at, zip, bytesMax, (body, cursor) => {
    records.push({
      offset: baseOffset + cursor.offsetDelta,
      timestamp: logAppendTime ?? baseTimestamp + cursor.timestampDelta,
      sequence: baseSequence < 0 ? NO_SEQUENCE : incrementSequence(baseSequence, cursor.offsetDelta),
      key: recordKey(body, cursor),
      value: recordValue(body, cursor),
      headers: recordHeaders(body, cursor),
    });
  });
  return records;
}
