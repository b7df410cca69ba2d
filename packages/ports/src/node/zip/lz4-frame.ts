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

/**
 * Reads the header and adds up the blocks. Throws `ZipError`, also when the content would pass `bytesMax`.
 */
export function scanLz4Frame(data: Uint8Array, bytesMax: number): Lz4FrameFacts {
  if (wordAt(data, 0) !== MAGIC) throw corrupt("lz4", "no frame magic");
  const flags = data[4] ?? 0;
  const blockCode = ((data[5] ?? 0) >>> 4) & 7;
  if (flags >>> 6 !== 1 || flags & FLAG_DICTIONARY || blockCode < 4) throw corrupt("lz4", "unknown header");
  const checksumAt = flags & FLAG_CONTENT_SIZE ? 14 : 6;
  if (data.length <= checksumAt) throw corrupt("lz4", "the frame is cut");
  if (((xxHash32(data, 4, checksumAt) >>> 8) & 0xff) !== data[checksumAt]) {
    throw corrupt("lz4", "the header's checksum does not match");
  }
  const blockBytesMax = 1 << (8 + 2 * blockCode);
  const blockTrailer = flags & FLAG_BLOCK_CHECKSUM ? 4 : 0;
  const blocksAt = checksumAt + 1;
  let decodedBytes = 0;
  let at = blocksAt;
  for (;;) {
    const word = wordAt(data, at);
    at += 4;
    if (word === 0) break;
    const isStored = word >= STORED_BIT;
    const size = isStored ? word - STORED_BIT : word;
    if (size > data.length - at - blockTrailer) throw corrupt("lz4", "a block is cut");
    if (size > blockBytesMax) throw corrupt("lz4", "a block is larger than its frame allows");
    const blockBytes = isStored ? size : lz4BlockDecodedBytes(data, at, at + size);
    if (blockBytes > blockBytesMax) throw corrupt("lz4", "a block holds more than its frame allows");
    decodedBytes += blockBytes;
    if (decodedBytes > bytesMax) throw tooLarge("lz4", bytesMax);
    at += size + blockTrailer;
  }
  const endAt = flags & FLAG_CONTENT_CHECKSUM ? Math.min(at + 4, data.length) : at;
  return { blocksAt, flags, decodedBytes, endAt };
}

/** Decodes a scanned frame. Throws `ZipError`. */
export function decodeLz4Frame(data: Uint8Array, facts: Lz4FrameFacts): Uint8Array {
  const out = new Uint8Array(facts.decodedBytes);
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
