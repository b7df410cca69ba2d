// Variable-length integers of Kafka: base-128, low group first, signed ones in zigzag. Free functions on a
// cursor, for loops that run once per record. Invariant: a reader moves the cursor past the integer, or
// throws and leaves it undefined. 32-bit results are numbers, 64-bit results come as bigint or as a checked
// number.
import { DecodeError } from "./decode-error.ts";

/** A place in a byte array. `end` is exclusive. */
export interface ByteCursor {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;
}

/** Unsigned, 0 to 2^32 - 1, at most 5 bytes; bits above the 32nd are dropped (as Kafka). */
export function readUvarint(cursor: ByteCursor): number {
  const bytes = cursor.bytes;
  const end = cursor.end;
  let offset = cursor.offset;
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    if (offset >= end) throw new DecodeError("a varint ends early");
    const byte = bytes[offset++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      cursor.offset = offset;
      return value >>> 0;
    }
  }
  throw new DecodeError("a varint has more than 5 bytes");
}

/** Zigzag, 32 bits, at most 5 bytes. */
export function readVarint(cursor: ByteCursor): number {
  const value = readUvarint(cursor);
  return (value >>> 1) ^ -(value & 1);
}

// Low 32 bits of the 64-bit varint at the cursor go to `halves.low`, the high 32 bits to `halves.high`. The
// caller owns `halves`, so that a loop allocates nothing.
interface Halves {
  low: number;
  high: number;
}

function readHalves(cursor: ByteCursor, halves: Halves): void {
  const bytes = cursor.bytes;
  const end = cursor.end;
  let offset = cursor.offset;
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (offset >= end) throw new DecodeError("a varlong ends early");
    const byte = bytes[offset++] as number;
    const group = byte & 0x7f;
    if (shift < 28) low |= group << shift;
    else if (shift === 28) {
      low |= group << 28;
      high |= group >>> 4;
    } else high |= group << (shift - 32);
    if (byte < 0x80) {
      cursor.offset = offset;
      halves.low = low >>> 0;
      halves.high = high >>> 0;
      return;
    }
  }
  throw new DecodeError("a varlong has more than 10 bytes");
}

/** Unsigned, 64 bits, at most 10 bytes. */
export function readUvarlong(cursor: ByteCursor): bigint {
  const halves: Halves = { low: 0, high: 0 };
  readHalves(cursor, halves);
  return (BigInt(halves.high) << 32n) | BigInt(halves.low);
}

/** Zigzag, 64 bits, at most 10 bytes. */
export function readVarlong(cursor: ByteCursor): bigint {
  const value = readUvarlong(cursor);
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
}

/** Zigzag, 64 bits, as a number; beyond ±(2^53 - 1) it is a DecodeError. */
export function readVarlongAsNumber(cursor: ByteCursor): number {
  const first = cursor.offset < cursor.end ? (cursor.bytes[cursor.offset] as number) : 0x80;
  if (first < 0x80) {
    cursor.offset += 1;
    return (first >>> 1) ^ -(first & 1);
  }
  const halves: Halves = { low: 0, high: 0 };
  readHalves(cursor, halves);
  const sign = -(halves.low & 1);
  const low = (((halves.low >>> 1) | (halves.high << 31)) ^ sign) >>> 0;
  const high = (halves.high >>> 1) ^ sign;
  const value = high * 4294967296 + low;
  if (!Number.isSafeInteger(value)) throw new DecodeError("a varlong is beyond 2^53 - 1");
  return value;
}

/** Moves past a varint of at most `bytesMax` bytes (5 or 10) without reading it. */
export function skipVarint(cursor: ByteCursor, bytesMax: number): void {
  const bytes = cursor.bytes;
  const stop = Math.min(cursor.end, cursor.offset + bytesMax);
  for (let offset = cursor.offset; offset < stop; offset += 1) {
    if ((bytes[offset] as number) < 0x80) {
      cursor.offset = offset + 1;
      return;
    }
  }
  throw new DecodeError("a varint ends early or is too long");
}

/** Bytes that `value` (0 to 2^32 - 1) takes. */
export function sizeOfUvarint(value: number): number {
  const unsigned = value >>> 0;
  if (unsigned < 0x80) return 1;
  if (unsigned < 0x4000) return 2;
  if (unsigned < 0x20_0000) return 3;
  return unsigned < 0x1000_0000 ? 4 : 5;
}

/** Bytes that the zigzag form of a 32-bit `value` takes. */
export function sizeOfVarint(value: number): number {
  return sizeOfUvarint((value << 1) ^ (value >> 31));
}

/** Bytes that the zigzag form of a safe integer takes. */
export function sizeOfVarlongNumber(value: number): number {
  // Doubling may pass 2^53, where a double still holds every even integer.
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  if (value < -4503599627370496) return sizeOfVarlong(BigInt(value));
  let size = 1;
  while (rest >= 0x80) {
    rest = Math.floor(rest / 0x80);
    size += 1;
  }
  return size;
}

/** Bytes that the zigzag form of a 64-bit `value` takes. */
export function sizeOfVarlong(value: bigint): number {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  let size = 1;
  while (rest >= 0x80n) {
    rest >>= 7n;
    size += 1;
  }
  return size;
}

/** Writes `value` (0 to 2^32 - 1) at `offset`; returns the offset after it. The caller has made room. */
export function writeUvarint(bytes: Uint8Array, offset: number, value: number): number {
  let rest = value >>> 0;
  let at = offset;
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Writes a 32-bit `value` in zigzag; returns the offset after it. */
export function writeVarint(bytes: Uint8Array, offset: number, value: number): number {
  return writeUvarint(bytes, offset, (value << 1) ^ (value >> 31));
}

/** Writes an unsigned 64-bit `value`; returns the offset after it. */
export function writeUvarlong(bytes: Uint8Array, offset: number, value: bigint): number {
  let rest = BigInt.asUintN(64, value);
  let at = offset;
  while (rest >= 0x80n) {
    bytes[at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  bytes[at++] = Number(rest);
  return at;
}

/** Writes a 64-bit `value` in zigzag; returns the offset after it. */
export function writeVarlong(bytes: Uint8Array, offset: number, value: bigint): number {
  return writeUvarlong(bytes, offset, (value << 1n) ^ (value >> 63n));
}

/** Writes a safe integer in zigzag, 64 bits wide; returns the offset after it. */
export function writeVarlongNumber(bytes: Uint8Array, offset: number, value: number): number {
  if (value >= -0x4000_0000 && value < 0x4000_0000) return writeVarint(bytes, offset, value);
  return writeVarlong(bytes, offset, BigInt(value));
}
