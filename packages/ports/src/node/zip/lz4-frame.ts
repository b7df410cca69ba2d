// The LZ4 frame format: a header with checksum, blocks, an end mark. Bytes behind the end mark are ignored,
// as Kafka's clients ignore them. Linked blocks, block checksums and content sizes are read; blocks written
// are independent. Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
import { corrupt, tooLarge } from "./byte-codec.ts";
import { decodeLz4Block, encodeLz4Block, lz4BlockBytesMax, lz4BlockDecodedBytes } from "./lz4-block.ts";
import { xxHash32 } from "./xxhash32.ts";

const MAGIC = 0x184d2204;
const FLAG_DICTIONARY = 0x01;
const FLAG_CONTENT_CHECKSUM = 0x04;
const FLAG_CONTENT_SIZE = 0x08;
const FLAG_BLOCK_CHECKSUM = 0x10;
const FLAG_INDEPENDENT = 0x20;
/** Set in a block's size when the block is stored as it is. */
const STORED_BIT = 0x8000_0000;
/** Blocks of 64 KiB; independent; no checksums: the header Kafka's producer writes. */
const WRITTEN_HEADER = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
const WRITTEN_BLOCK_BYTES = 65_536;
/** No byte of a block stands for more output than this. */
const LZ4_RATIO_MAX = 255;

/** What a scan of a whole frame found. */
export interface Lz4FrameFacts {
  readonly blocksAt: number;
  readonly flags: number;
  /** Exact length of the content. */
  readonly decodedBytes: number;
  /** Position behind the end mark and the content checksum. */
  readonly endAt: number;
}

function wordAt(data: Uint8Array, at: number): number {
  if (data.length - at < 4) throw corrupt("lz4", "the frame is cut");
  return (data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24)) >>> 0;
}

/** What the front of a frame says. */
export interface Lz4FrameHeader {
  readonly flags: number;
  readonly blockBytesMax: number;
  readonly blocksAt: number;
  /** No block copies from the one before it. */
  readonly isIndependent: boolean;
}

/** Reads and checks the header. Throws `ZipError`. */
export function readLz4FrameHeader(data: Uint8Array): Lz4FrameHeader {
  if (wordAt(data, 0) !== MAGIC) throw corrupt("lz4", "no frame magic");
  const flags = data[4] ?? 0;
  const blockCode = ((data[5] ?? 0) >>> 4) & 7;
  if (flags >>> 6 !== 1 || flags & FLAG_DICTIONARY || blockCode < 4) throw corrupt("lz4", "unknown header");
  const checksumAt = flags & FLAG_CONTENT_SIZE ? 14 : 6;
  if (data.length <= checksumAt) throw corrupt("lz4", "the frame is cut");
  if (((xxHash32(data, 4, checksumAt) >>> 8) & 0xff) !== data[checksumAt]) {
    throw corrupt("lz4", "the header's checksum does not match");
  }
  return {
    flags,
    blockBytesMax: 1 << (8 + 2 * blockCode),
    blocksAt: checksumAt + 1,
    isIndependent: (flags & FLAG_INDEPENDENT) !== 0,
  };
}

/** Bytes of the block at `at` without its size and its checksum; 0 at the end mark. Throws `ZipError`. */
function blockBytesAt(data: Uint8Array, at: number, header: Lz4FrameHeader): number {
  const word = wordAt(data, at);
  const size = word >= STORED_BIT ? word - STORED_BIT : word;
  if (word !== 0 && size > data.length - at - 4 - trailerBytes(header))
    throw corrupt("lz4", "a block is cut");
  if (size > header.blockBytesMax) throw corrupt("lz4", "a block is larger than its frame allows");
  return size;
}

function trailerBytes({ flags }: Lz4FrameHeader): number {
  return flags & FLAG_BLOCK_CHECKSUM ? 4 : 0;
}

/** Position behind the next `blocksMax` blocks from `at`; `at` itself at the end mark. Throws `ZipError`. */
export function lz4BlocksEnd(
  data: Uint8Array,
  at: number,
  blocksMax: number,
  header: Lz4FrameHeader,
): number {
  let end = at;
  for (let block = 0; block < blocksMax && wordAt(data, end) !== 0; block++) {
    end += 4 + blockBytesAt(data, end, header) + trailerBytes(header);
  }
  return end;
}

/** A bound of what the frame holds, from its blocks' sizes; looks no further than to `enough`. */
export function lz4BytesAtMost(data: Uint8Array, header: Lz4FrameHeader, enough: number): number {
  let bytes = 0;
  for (let at = header.blocksAt; bytes < enough; ) {
    const end = lz4BlocksEnd(data, at, 1, header);
    if (end === at) break;
    bytes += Math.min(header.blockBytesMax, (end - at) * LZ4_RATIO_MAX);
    at = end;
  }
  return bytes;
}

/** A frame of its own around the whole blocks `data[start, end)` of a frame with `header`. */
export function writeLz4Blocks(
  data: Uint8Array,
  start: number,
  end: number,
  header: Lz4FrameHeader,
): Uint8Array {
  const frame = new Uint8Array(WRITTEN_HEADER.length + end - start + 4);
  frame.set(WRITTEN_HEADER);
  frame[4] = header.flags & ~(FLAG_CONTENT_CHECKSUM | FLAG_CONTENT_SIZE);
  frame[5] = (Math.log2(header.blockBytesMax) - 8) << 3;
  frame[6] = xxHash32(frame, 4, 6) >>> 8;
  frame.set(data.subarray(start, end), WRITTEN_HEADER.length);
  return frame;
}

/**
 * Reads the header and adds up the blocks. Throws `ZipError`, also when the content would pass `bytesMax`.
 */
export function scanLz4Frame(data: Uint8Array, bytesMax: number): Lz4FrameFacts {
  const header = readLz4FrameHeader(data);
  const { flags, blockBytesMax, blocksAt } = header;
  let decodedBytes = 0;
  let at = blocksAt;
  for (;;) {
    const word = wordAt(data, at);
    const size = blockBytesAt(data, at, header);
    at += 4;
    if (word === 0) break;
    const blockBytes = word >= STORED_BIT ? size : lz4BlockDecodedBytes(data, at, at + size);
    if (blockBytes > blockBytesMax) throw corrupt("lz4", "a block holds more than its frame allows");
    decodedBytes += blockBytes;
    if (decodedBytes > bytesMax) throw tooLarge("lz4", bytesMax);
    at += size + trailerBytes(header);
  }
  const endAt = flags & FLAG_CONTENT_CHECKSUM ? Math.min(at + 4, data.length) : at;
  return { blocksAt, flags, decodedBytes, endAt };
}

/** Decodes a scanned frame, into the front of `memory` when some is given. Throws `ZipError`. */
export function decodeLz4Frame(data: Uint8Array, facts: Lz4FrameFacts, memory?: Uint8Array): Uint8Array {
  const out = memory?.subarray(0, facts.decodedBytes) ?? new Uint8Array(facts.decodedBytes);
  const isIndependent = (facts.flags & FLAG_INDEPENDENT) !== 0;
  let to = 0;
  let at = facts.blocksAt;
  for (;;) {
    const word = wordAt(data, at);
    at += 4;
    if (word === 0) break;
    const size = word >= STORED_BIT ? word - STORED_BIT : word;
    if (facts.flags & FLAG_BLOCK_CHECKSUM) {
      if (xxHash32(data, at, at + size) !== wordAt(data, at + size)) {
        throw corrupt("lz4", "a block's checksum does not match");
      }
    }
    if (word >= STORED_BIT) {
      out.set(data.subarray(at, at + size), to);
      to += size;
    } else {
      to = decodeLz4Block(data, at, at + size, out, to, isIndependent ? to : 0);
    }
    at += size + (facts.flags & FLAG_BLOCK_CHECKSUM ? 4 : 0);
  }
  return out;
}

/** Encodes a frame with blocks of 64 KiB; a block that does not shrink is stored. */
export function encodeLz4Frame(data: Uint8Array): Uint8Array {
  const blocks = Math.ceil(data.length / WRITTEN_BLOCK_BYTES);
  const out = new Uint8Array(
    WRITTEN_HEADER.length + blocks * (4 + lz4BlockBytesMax(WRITTEN_BLOCK_BYTES)) + 4,
  );
  out.set(WRITTEN_HEADER);
  let to = WRITTEN_HEADER.length;
  for (let start = 0; start < data.length; start += WRITTEN_BLOCK_BYTES) {
    const end = Math.min(start + WRITTEN_BLOCK_BYTES, data.length);
    let blockEnd = encodeLz4Block(data, start, end, out, to + 4);
    let word = blockEnd - to - 4;
    if (word >= end - start) {
      out.set(data.subarray(start, end), to + 4);
      blockEnd = to + 4 + end - start;
      word = (end - start) | STORED_BIT;
    }
    for (let i = 0; i < 4; i++) out[to + i] = word >>> (8 * i);
    to = blockEnd;
  }
  // A block that was tried and then stored may have left bytes where the end mark goes.
  out.fill(0, to, to + 4);
  return out.slice(0, to + 4);
}
