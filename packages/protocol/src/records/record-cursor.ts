// Reading one record of an uncompressed v2 body in place. The cursor holds where its parts lie; nothing is
// copied and no object is made per record. A record is accepted exactly when its parts fill its announced
// length.
//
//   length varint │ attributes 1 │ timestampDelta varlong │ offsetDelta varint │ key varint+bytes
//   │ value varint+bytes │ header count varint │ (key varint+bytes, value varint+bytes)*
// A length of −1 makes a key or value null.
import { decodeUtf8 } from "../bytes/utf8.ts";
import { readVarint, readVarlong } from "../bytes/varint.ts";
import { varintAt, varintBytes, varlongAt } from "./varint-walk.ts";

/**
 * Where the parts of a record lie. Lengths below 0 mean null. Owned by the caller, overwritten by
 * `nextRecord`.
 */
export interface RecordCursor {
  /** First byte after the length. */
  bodyAt: number;
  /** Milliseconds after the batch's base timestamp; rounded beyond ±2⁵³. */
  timestampDelta: number;
  offsetDelta: number;
  keyAt: number;
  keyLength: number;
  valueAt: number;
  valueLength: number;
  headersAt: number;
  headerCount: number;
}

/** A record that does not keep the format. */
export const RECORD_INVALID: number = -1;
/** A record length of more than five bytes, which Apache Kafka answers differently. */
export const RECORD_LENGTH_ILLEGAL: number = -2;
/** The body ends before the record does. */
export const RECORD_INCOMPLETE: number = -3;

export function createRecordCursor(): RecordCursor {
  return {
    bodyAt: 0,
    timestampDelta: 0,
    offsetDelta: 0,
    keyAt: 0,
    keyLength: -1,
    valueAt: 0,
    valueLength: -1,
    headersAt: 0,
    headerCount: 0,
  };
}

/**
 * Reads the record at `at`; returns the position behind it, or one of the negative results above. Varints
 * of one byte, most of all, are read inline; what runs past the record's end is found at the latest when
 * its parts do not end there.
 */
export function nextRecord(bytes: Uint8Array, at: number, end: number, cursor: RecordCursor): number {
  const lengthBytes = varintBytes(bytes, at, end, 5);
  if (lengthBytes <= 0) return lengthBytes === 0 ? RECORD_LENGTH_ILLEGAL : RECORD_INCOMPLETE;
  const length = varintAt(bytes, at, lengthBytes);
  const bodyAt = at + lengthBytes;
  if (length > end - bodyAt) return RECORD_INCOMPLETE;
  const recordEnd = bodyAt + length;
  cursor.bodyAt = bodyAt;
  // The attributes byte has no meaning yet; any value is accepted.
  let next = bodyAt + 1;
  let byte = bytes[next]!;
  let size = 1;
  if (byte < 0x80) {
    cursor.timestampDelta = (byte >>> 1) ^ -(byte & 1);
  } else {
    size = varintBytes(bytes, next, recordEnd, 10);
    if (size <= 0) return RECORD_INVALID;
    cursor.timestampDelta = varlongAt(bytes, next, size);
  }
  next += size;
  byte = bytes[next]!;
  if (byte < 0x80) {
    cursor.offsetDelta = (byte >>> 1) ^ -(byte & 1);
    next += 1;
  } else {
    size = varintBytes(bytes, next, recordEnd, 5);
    if (size <= 0) return RECORD_INVALID;
    cursor.offsetDelta = varintAt(bytes, next, size);
    next += size;
  }
  return keyValueAndHeaders(bytes, next, recordEnd, cursor);
}

function keyValueAndHeaders(bytes: Uint8Array, at: number, recordEnd: number, cursor: RecordCursor): number {
  let size = varintBytes(bytes, at, recordEnd, 5);
  if (size <= 0) return RECORD_INVALID;
  let next = at + size;
  const keyLength = varintAt(bytes, at, size);
  if (keyLength > recordEnd - next) return RECORD_INVALID;
  cursor.keyAt = next;
  cursor.keyLength = keyLength;
  if (keyLength > 0) next += keyLength;
  size = varintBytes(bytes, next, recordEnd, 5);
  if (size <= 0) return RECORD_INVALID;
  const valueLength = varintAt(bytes, next, size);
  next += size;
  if (valueLength > recordEnd - next) return RECORD_INVALID;
  cursor.valueAt = next;
  cursor.valueLength = valueLength;
  if (valueLength > 0) next += valueLength;
  const headerCountByte = bytes[next]!;
  cursor.headerCount = 0;
  if (headerCountByte === 0) {
    cursor.headersAt = next + 1;
    next += 1;
  } else {
    next = headersEnd(bytes, next, recordEnd, cursor);
  }
  return next === recordEnd ? next : RECORD_INVALID;
}

/**
 * Reads the count and walks the headers; returns the position behind them, or −1. A header's key must not
 * be null.
 */
function headersEnd(bytes: Uint8Array, at: number, end: number, cursor: RecordCursor): number {
  const countBytes = varintBytes(bytes, at, end, 5);
  if (countBytes <= 0) return -1;
  const count = varintAt(bytes, at, countBytes);
  let next = at + countBytes;
  // Each header takes two bytes at least.
  if (count < 0 || count > (end - next) >>> 1) return -1;
  cursor.headersAt = next;
  cursor.headerCount = count;
  for (let part = 0; part < 2 * count; part++) {
    const size = varintBytes(bytes, next, end, 5);
    if (size <= 0) return -1;
    const length = varintAt(bytes, next, size);
    next += size;
    if (length > end - next) return -1;
    if (length > 0) next += length;
    else if (length < 0 && (part & 1) === 0) return -1;
  }
  return next;
}

/** A header of a record. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** The key as a view, or null. */
export function recordKey(bytes: Uint8Array, cursor: RecordCursor): Uint8Array | null {
  return cursor.keyLength < 0 ? null : bytes.subarray(cursor.keyAt, cursor.keyAt + cursor.keyLength);
}

/** The value as a view, or null. */
export function recordValue(bytes: Uint8Array, cursor: RecordCursor): Uint8Array | null {
  return cursor.valueLength < 0 ? null : bytes.subarray(cursor.valueAt, cursor.valueAt + cursor.valueLength);
}

const NO_HEADERS: readonly RecordHeader[] = [];

/** The headers; values are views. */
export function recordHeaders(bytes: Uint8Array, cursor: RecordCursor): readonly RecordHeader[] {
  if (cursor.headerCount === 0) return NO_HEADERS;
  const headers: RecordHeader[] = [];
  const reading = { bytes, offset: cursor.headersAt, end: bytes.length };
  for (let i = 0; i < cursor.headerCount; i++) {
    const keyLength = readVarint(reading);
    const key = decodeUtf8(bytes, reading.offset, reading.offset + keyLength);
    reading.offset += keyLength;
    const valueLength = readVarint(reading);
    const value = valueLength < 0 ? null : bytes.subarray(reading.offset, reading.offset + valueLength);
    if (value) reading.offset += valueLength;
    headers.push({ key, value });
  }
  return headers;
}

/** The timestamp delta, exact also beyond 2⁵³; for tools. */
export function recordTimestampDeltaExact(bytes: Uint8Array, cursor: RecordCursor): bigint {
  return readVarlong({ bytes, offset: cursor.bodyAt + 1, end: bytes.length });
}
