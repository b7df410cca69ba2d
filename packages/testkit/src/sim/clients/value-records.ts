// Records that carry one number each, so that a record can be followed from its send to every read. The rest
// of a record follows from its number and is checked when the record comes back: padding, and, where a topic
// is compacted, which key it has and whether it is a tombstone.
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
  /** How many keys records have; 0: all the same one, and none is a tombstone. */
  readonly keys: number;
}

/** A record that came back. */
export interface ValueRecord {
  readonly offset: number;
  readonly value: number;
  readonly timestampMs: number;
}

/** What a piece of log held. */
export interface ReadValues {
  readonly records: readonly ValueRecord[];
  /** Behind the last whole batch; the position when there was none. */
  readonly next: number;
}

/** A record's parts, as clients send them. */
export interface RecordParts {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
  readonly headers: { readonly key: string; readonly value: Uint8Array }[];
}

const VALUE_BYTES = 8;
const KEY_BYTES = Uint8Array.of(0x6b);
const NUMBER_HEADER = "number";
const TOMBSTONE_ONE_IN = 6;
const MIX = 0x9e3779b1;

export function buildValueBatch(batch: ValueBatch, zip: Zip): Uint8Array {
  const { values, timestampMs, paddingBytes, compression, producerId, producerEpoch, baseSequence } = batch;
  const records = values.map((value) => ({
    timestamp: timestampMs,
    ...recordParts(value, paddingBytes, batch.keys),
  }));
  return buildBatch({ producerId, producerEpoch, baseSequence, compression, records }, zip);
}

/** Which of the keys the record of a number has: with few keys, each is overwritten again and again. */
export function keyNumber(number: number, keys: number): number {
  return keys === 0 ? 0 : (Math.imul(number, MIX) >>> 8) % keys;
}

/** Whether the record of a number deletes its key. */
export function isTombstone(number: number, keys: number): boolean {
  return keys > 0 && (Math.imul(number + 1, MIX) >>> 8) % TOMBSTONE_ONE_IN === 0;
}

/** The record of a number. A tombstone has its number in a header. */
export function recordParts(number: number, paddingBytes: number, keys: number): RecordParts {
  const key = keyBytes(number, keys);
  if (!isTombstone(number, keys)) return { key, value: recordValue(number, paddingBytes), headers: [] };
  return { key, value: null, headers: [{ key: NUMBER_HEADER, value: recordValue(number, 0) }] };
}

/**
 * The records of a fetched piece of log from `position` on, up to a batch that is known to be damaged. A
 * batch cut off at the end is ignored. Throws on any other damage.
 */
export function readValueRecords(
  bytes: Uint8Array,
  position: number,
  zip: Zip,
  keys: number,
  isDamaged: (offset: number) => boolean = () => false,
): ReadValues {
  const found: ValueRecord[] = [];
  let nextOffset = position;
  for (let at = 0, next: number; (next = batchEnd(bytes, at, bytes.length)) > 0; at = next) {
    const where = `the batch at ${batchBaseOffset(bytes, at)}`;
    const problem = batchProblem(bytes, at);
    if (problem !== null && isDamaged(batchBaseOffset(bytes, at))) break;
    if (problem !== null) throw new Error(`${where}: ${problem.message}`);
    if (batchLastOffset(bytes, at) < nextOffset) {
      throw new Error(`${where} ends before ${nextOffset}, which was asked for`);
    }
    for (const { offset, timestamp, key, value, headers } of readRecords(bytes, at, zip)) {
      const number = numberOf(value, headers);
      if (isTombstone(number, keys) !== (value === null) || !isSame(key, keyBytes(number, keys)))
        throw new Error(`${where} holds ${number} under another key`);
      if (offset >= position) found.push({ offset, value: number, timestampMs: timestamp });
    }
    nextOffset = batchLastOffset(bytes, at) + 1;
  }
  return { records: found, next: nextOffset };
}

function keyBytes(number: number, keys: number): Uint8Array {
  return keys === 0 ? KEY_BYTES : new TextEncoder().encode(`key ${keyNumber(number, keys)}`);
}

function isSame(key: Uint8Array | null, expected: Uint8Array): boolean {
  return key !== null && key.length === expected.length && key.every((byte, at) => byte === expected[at]);
}

function numberOf(
  value: Uint8Array | null,
  headers: readonly { readonly key: string; readonly value: Uint8Array | null }[],
): number {
  const bytes = value ?? headers.find(({ key }) => key === NUMBER_HEADER)?.value;
  if (bytes === undefined || bytes === null) throw new Error("a record without a value and without a number");
  return numberIn(bytes);
}

/** A record's value: the number, then padding that follows from it. */
function recordValue(number: number, paddingBytes: number): Uint8Array {
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
