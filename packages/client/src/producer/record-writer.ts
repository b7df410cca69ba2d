// One record in the form of a v2 batch, written in place. Sizes are known before anything is written.
import {
  sizeOfVarint,
  sizeOfVarlongNumber,
  utf8Length,
  writeUtf8,
  writeVarint,
  writeVarlongNumber,
} from "@ottla/protocol";
import type { HeaderToSend } from "./producer-record.ts";

/** The most that lengths, deltas and attributes of a record take; Apache Kafka's bound. */
export const RECORD_OVERHEAD_BYTES_MAX = 21;

/** What attributes and deltas take in a record's body at least. */
export const RECORD_OVERHEAD_BYTES_MIN = 3;

const NO_HEADERS: readonly HeaderToSend[] = [];

function fieldBytes(field: Uint8Array | null): number {
  return field === null ? 1 : sizeOfVarint(field.length) + field.length;
}

function headersBytes(headers: readonly HeaderToSend[]): number {
  let bytes = sizeOfVarint(headers.length);
  for (const { key, value } of headers) {
    const keyBytes = utf8Length(key);
    bytes += sizeOfVarint(keyBytes) + keyBytes + fieldBytes(value);
  }
  return bytes;
}

/** An upper bound of what the record takes in a batch, without the batch's header. */
export function recordBytesMax(
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: readonly HeaderToSend[] = NO_HEADERS,
): number {
  const fields = fieldBytes(key) + fieldBytes(value);
  return RECORD_OVERHEAD_BYTES_MAX + fields + (headers.length === 0 ? 1 : headersBytes(headers));
}

/** Bytes of the record behind its own length. */
export function recordBodyBytes(
  offsetDelta: number,
  timestampDelta: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: readonly HeaderToSend[] = NO_HEADERS,
): number {
  const fields = fieldBytes(key) + fieldBytes(value);
  const deltas = sizeOfVarint(offsetDelta) + sizeOfVarlongNumber(timestampDelta);
  return 1 + deltas + fields + (headers.length === 0 ? 1 : headersBytes(headers));
}

function writeField(bytes: Uint8Array, at: number, field: Uint8Array | null): number {
  if (field === null) return writeVarint(bytes, at, -1);
  const next = writeVarint(bytes, at, field.length);
  bytes.set(field, next);
  return next + field.length;
}

/** Writes the record at `at`, where there is room; returns the offset after it. */
export function writeRecord(
  bytes: Uint8Array,
  at: number,
  bodyBytes: number,
  offsetDelta: number,
  timestampDelta: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: readonly HeaderToSend[] = NO_HEADERS,
): number {
  let next = writeVarint(bytes, at, bodyBytes);
  bytes[next++] = 0;
  next = writeVarlongNumber(bytes, next, timestampDelta);
  next = writeVarint(bytes, next, offsetDelta);
  next = writeField(bytes, next, key);
  next = writeField(bytes, next, value);
  next = writeVarint(bytes, next, headers.length);
  for (const header of headers) {
    next = writeVarint(bytes, next, utf8Length(header.key));
    next = writeUtf8(bytes, next, header.key);
    next = writeField(bytes, next, header.value);
  }
  return next;
}
