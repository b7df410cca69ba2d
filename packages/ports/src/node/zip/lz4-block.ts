// The LZ4 block format in plain TypeScript: sequences of literals and copies. Decoding takes two passes:
// the first adds up the decoded length, so that the second writes into exactly that much memory and a bomb
// is refused before it. Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
import { corrupt } from "./byte-codec.ts";
import { copyBack } from "./snappy-block.ts";

const MIN_MATCH = 4;
/** The last five bytes are literals, and the last match starts at least twelve bytes before the end. */
const LAST_LITERALS = 5;
const MATCH_LIMIT = 12;
const HASH_BITS = 13;
const HASH_MULTIPLIER = 0x9e3779b1;
const OFFSET_MAX = 65_535;

/** Decoded length of the block `data[start, end)`. Throws `ZipError` when its sequences do not add up. */
export function lz4BlockDecodedBytes(data: Uint8Array, start: number, end: number): number {
  let at = start;
  let total = 0;
  while (at < end) {
    const token = data[at++]!;
    let literals = token >>> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255 && at < end) literals += more = data[at++]!;
    }
    at += literals;
    total += literals;
    if (at === end) return total;
    at += 2;
    let match = (token & 15) + MIN_MATCH;
    if (match === 15 + MIN_MATCH) {
      let more = 255;
      while (more === 255 && at < end) match += more = data[at++]!;
    }
    total += match;
  }
  throw corrupt("lz4", "a block ends inside a sequence");
}

/**
 * Decodes the block `data[start, end)`, whose length `lz4BlockDecodedBytes` gave, to `out` from `to`;
 * copies may reach back to `historyAt`. Returns the end of the output. Throws `ZipError`.
 */
export function decodeLz4Block(
  data: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  to: number,
  historyAt: number,
): number {
  let at = start;
  let put = to;
  while (at < end) {
    const token = data[at++]!;
    let literals = token >>> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) literals += more = data[at++]!;
    }
    if (literals > 32) out.set(data.subarray(at, at + literals), put);
    else for (let i = 0; i < literals; i++) out[put + i] = data[at + i]!;
    at += literals;
    put += literals;
    if (at === end) break;
    const offset = data[at]! | (data[at + 1]! << 8);
    at += 2;
    let match = (token & 15) + MIN_MATCH;
    if (match === 15 + MIN_MATCH) {
      let more = 255;
      while (more === 255) match += more = data[at++]!;
    }
    if (offset === 0 || offset > put - historyAt) throw corrupt("lz4", "a copy reaches before the start");
    copyBack(out, put - offset, put, match);
    put += match;
  }
  return put;
}

/** Most bytes `encodeLz4Block` can write. */
export function lz4BlockBytesMax(length: number): number {
  return length + Math.ceil(length / 255) + 16;
}

function wordAt(data: Uint8Array, at: number): number {
  return data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
}

/** Encodes `data[start, end)` greedily to `out` from `to`; returns the end of the output. */
export function encodeLz4Block(
  data: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  to: number,
): number {
  const table = new Int32Array(1 << HASH_BITS).fill(-1);
  let literalAt = start;
  let at = start;
  let misses = 0;
  let put = to;
  while (at + MATCH_LIMIT <= end) {
    const word = wordAt(data, at);
    const slot = Math.imul(word, HASH_MULTIPLIER) >>> (32 - HASH_BITS);
    const candidate = table[slot]!;
    table[slot] = at;
    if (candidate < 0 || at - candidate > OFFSET_MAX || wordAt(data, candidate) !== word) {
      // Data that does not repeat is skipped faster and faster.
      at += 1 + (misses++ >>> 6);
      continue;
    }
    misses = 0;
    let length = MIN_MATCH;
    while (at + length < end - LAST_LITERALS && data[candidate + length] === data[at + length]) length++;
    put = emitLiterals(data, literalAt, at, Math.min(length - MIN_MATCH, 15), out, put);
    const offset = at - candidate;
    out[put++] = offset;
    out[put++] = offset >>> 8;
    put = emitLengthRest(length - MIN_MATCH, out, put);
    at += length;
    literalAt = at;
  }
  return emitLiterals(data, literalAt, end, 0, out, put);
}

/** A token with its literals; the match that follows has the 4 bits `matchCode`. */
function emitLiterals(
  data: Uint8Array,
  from: number,
  end: number,
  matchCode: number,
  out: Uint8Array,
  to: number,
): number {
  const length = end - from;
  out[to++] = (Math.min(length, 15) << 4) | matchCode;
  to = emitLengthRest(length, out, to);
  out.set(data.subarray(from, end), to);
  return to + length;
}

/** What of a length does not fit into its 4 bits: bytes of 255 and a last one below. */
function emitLengthRest(length: number, out: Uint8Array, to: number): number {
  if (length < 15) return to;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) out[to++] = 255;
  out[to++] = rest;
  return to;
}
