// Records that carry one number each, so that a record can be followed from its send to every read. The rest
// of a record is padding that follows from its number, and is checked when the record comes back.
import type { Zip } from "@ottla/ports";
import {
  batchBaseOffset,
  batchEnd,
  batchLastOffset,
  batchProblem,
  buildBatch,
  readRecords,
} from "@ottla/protocol";

/** A batch as the producer makes it. */
export interface ValueBatch {
  readonly values: readonly number[];
  readonly timestampMs: number;
  /** Of each record, behind the number. */
  readonly paddingBytes: number;
  /** Codec id. */
  readonly compression: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

/** A record that came back. */
export interface ValueRecord {
  readonly offset: number;
  readonly value: number;
  readonly timestampMs: number;
}

const VALUE_BYTES = 8;
const KEY_BYTES = Uint8Array.of(0x6b);

export function buildValueBatch(batch: ValueBatch, zip: Zip): Uint8Array {
  const { values, timestampMs, paddingBytes, compression, producerId, producerEpoch, baseSequence } = batch;
  const records = values.map((value) => ({
    timestamp: timestampMs,
    key: KEY_BYTES,
    value: recordValue(value, paddingBytes),
  }));
  return buildBatch({ producerId, producerEpoch, baseSequence, compression, records }, zip);
}

/**
 * The records of a fetched piece of log from `position` on, up to a batch that is known to be damaged. A
 * batch cut off at the end is ignored. Throws on any other damage.
 */
export function readValueRecords(
  bytes: Uint8Array,
  position: number,
  zip: Zip,
  isDamaged: (offset: number) => boolean = () => false,
): ValueRecord[] {
  const found: ValueRecord[] = [];
  for (let at = 0, next: number; (next = batchEnd(bytes, at, bytes.length)) > 0; at = next) {
    const where = `the batch at ${batchBaseOffset(bytes, at)}`;
    const problem = batchProblem(bytes, at);
    if (problem !== null && isDamaged(batchBaseOffset(bytes, at))) return found;
    if (problem !== null) throw new Error(`${where}: ${problem.message}`);
    if (at === 0 && batchLastOffset(bytes, at) < position) {
      throw new Error(`${where} ends before ${position}, which was asked for`);
    }
    for (const { offset, timestamp, value } of readRecords(bytes, at, zip)) {
      if (value === null) throw new Error(`${where} holds a record without a value`);
      const number = numberIn(value);
      if (offset >= position) found.push({ offset, value: number, timestampMs: timestamp });
    }
  }
  return found;
}

/** A record's value: the number, then padding that follows from it. */
export function recordValue(number: number, paddingBytes: number): Uint8Array {
  const bytes = new Uint8Array(VALUE_BYTES + paddingBytes);
  new DataView(bytes.buffer).setFloat64(0, number);
  // Does not compress, so that large bodies stay large.
  let state = (number * 2654435761) >>> 0 || 1;
  for (let at = VALUE_BYTES; at < bytes.length; at++) {
    state ^= (state << 13) >>> 0;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    bytes[at] = state;
  }
  return bytes;
}

/** The number in a value. Throws when the value came back changed. */
export function numberIn(bytes: Uint8Array): number {
  if (bytes.length < VALUE_BYTES) throw new Error(`a value of ${bytes.length} bytes`);
  const number = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
  const expected = recordValue(number, bytes.length - VALUE_BYTES);
  if (expected.some((byte, at) => byte !== bytes[at])) throw new Error(`record ${number} came back changed`);
  return number;
}
