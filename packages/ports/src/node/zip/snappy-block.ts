// The raw snappy block format in plain TypeScript: a varint with the decoded length, then literals and
// copies. Used where the native codec is missing. Decoding checks every length before it copies; it never
// reads or writes outside. Format: https://github.com/google/snappy/blob/main/format_description.txt
import { corrupt } from "./byte-codec.ts";

const BLOCK_BYTES = 65_536;
const HASH_BITS = 14;
const HASH_MULTIPLIER = 0x1e35a7bd;

/** A block's announced decoded length and where its elements start. */
export interface SnappyPreamble {
  readonly decodedBytes: number;
  readonly elementsAt: number;
}

/** Reads the length varint. Throws `ZipError` when there is none. */
export function readSnappyPreamble(data: Uint8Array): SnappyPreamble {
  let value = 0;
  for (let at = 0; at < 5 && at < data.length; at++) {
    const byte = data[at]!;
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) {
      if (value > 0xffff_ffff) break;
      return { decodedBytes: value, elementsAt: at + 1 };
    }
  }
  throw corrupt("snappy", "no valid length in front");
}

/**
 * Copies `length` bytes from `from` to `to` within `out`; the ranges may overlap forwards, repeating a
 * pattern.
 */
export function copyBack(out: Uint8Array, from: number, to: number, length: number): void {
  if (length <= 32) {
    for (let i = 0; i < length; i++) out[to + i] = out[from + i]!;
    return;
  }
  // What was copied repeats the pattern, so each round copies twice as much as the one before.
  for (let copied = 0; copied < length; ) {
    const bytes = Math.min(to + copied - from, length - copied);
    out.copyWithin(to + copied, from, from + bytes);
    copied += bytes;
  }
}

/** Decodes a block whose preamble was read (and its length accepted). Throws `ZipError`. */
export function decodeSnappyBlock(data: Uint8Array, preamble: SnappyPreamble): Uint8Array {
  const out = new Uint8Array(preamble.decodedBytes);
  let at = preamble.elementsAt;
  let to = 0;
  while (at < data.length) {
    const tag = data[at++]!;
    const kind = tag & 3;
    let length = (tag >>> 2) + 1;
    if (kind === 0) {
      if (length > 60) {
        const lengthBytes = length - 60;
        if (data.length - at < lengthBytes) throw corrupt("snappy", "a literal's length is cut");
        length = 1;
        for (let i = 0; i < lengthBytes; i++) length += data[at++]! * 2 ** (8 * i);
      }
      if (length > data.length - at || length > out.length - to)
        throw corrupt("snappy", "a literal overruns");
      if (length > 32) out.set(data.subarray(at, at + length), to);
      else for (let i = 0; i < length; i++) out[to + i] = data[at + i]!;
      at += length;
    } else {
      const offsetBytes = kind === 3 ? 4 : kind;
      if (data.length - at < offsetBytes) throw corrupt("snappy", "a copy is cut");
      let offset = data[at]!;
      if (kind === 1) {
        length = ((tag >>> 2) & 7) + 4;
        offset |= (tag >>> 5) << 8;
      } else {
        for (let i = 1; i < offsetBytes; i++) offset += data[at + i]! * 2 ** (8 * i);
      }
      at += offsetBytes;
      if (offset === 0 || offset > to || length > out.length - to) throw corrupt("snappy", "a copy overruns");
      copyBack(out, to - offset, to, length);
    }
    to += length;
  }
  if (to !== out.length) throw corrupt("snappy", `${to} bytes instead of ${out.length}`);
  return out;
}

/** Encodes a block: greedy, one hash table per 64 KiB of input, as the format's reference does. */
export function encodeSnappyBlock(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(32 + data.length + Math.ceil(data.length / 6));
  let to = 0;
  let rest = data.length;
  while (rest >= 0x80) {
    out[to++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  out[to++] = rest;
  const table = new Uint16Array(1 << HASH_BITS);
  for (let start = 0; start < data.length; start += BLOCK_BYTES) {
    table.fill(0);
    to = encodeFragment(data, start, Math.min(start + BLOCK_BYTES, data.length), table, out, to);
  }
  return out.slice(0, to);
}

function wordAt(data: Uint8Array, at: number): number {
  return data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
}

function encodeFragment(
  data: Uint8Array,
  start: number,
  end: number,
  table: Uint16Array,
  out: Uint8Array,
  to: number,
): number {
  let literalAt = start;
  let at = start + 1;
  let misses = 0;
  while (at + 4 <= end) {
    const word = wordAt(data, at);
    const slot = Math.imul(word, HASH_MULTIPLIER) >>> (32 - HASH_BITS);
    const candidate = start + table[slot]!;
    table[slot] = at - start;
    if (candidate >= at || wordAt(data, candidate) !== word) {
      // Data that does not repeat is skipped faster and faster.
      at += 1 + (misses++ >>> 5);
      continue;
    }
    misses = 0;
    let length = 4;
    while (at + length < end && data[candidate + length] === data[at + length]) length++;
    to = emitLiteral(data, literalAt, at, out, to);
    to = emitCopy(at - candidate, length, out, to);
    at += length;
    literalAt = at;
  }
  return emitLiteral(data, literalAt, end, out, to);
}

function emitLiteral(data: Uint8Array, from: number, end: number, out: Uint8Array, to: number): number {
  const length = end - from;
  if (length === 0) return to;
  const code = length - 1;
  if (code < 60) {
    out[to++] = code << 2;
  } else if (code < 256) {
    out[to++] = 60 << 2;
    out[to++] = code;
  } else {
    out[to++] = 61 << 2;
    out[to++] = code;
    out[to++] = code >>> 8;
  }
  out.set(data.subarray(from, end), to);
  return to + length;
}

/** `offset` < 64 KiB. Copies are cut into pieces of at most 64 bytes, the last of at least 4. */
function emitCopy(offset: number, length: number, out: Uint8Array, to: number): number {
  let rest = length;
  while (rest > 0) {
    const piece = rest > 67 ? 64 : rest > 64 ? 60 : rest;
    if (piece < 12 && offset < 2048) {
      out[to++] = 1 | ((piece - 4) << 2) | ((offset >>> 8) << 5);
      out[to++] = offset;
    } else {
      out[to++] = 2 | ((piece - 1) << 2);
      out[to++] = offset;
      out[to++] = offset >>> 8;
    }
    rest -= piece;
  }
  return to;
}
