// The xerial framing of snappy in record bodies: a header of 16 bytes, then blocks with an int32 length in
// front. Other clients write one raw snappy block instead; readers take both.
import { int32At, setInt32 } from "../int64.ts";
import { SNAPPY_BLOCK_BYTES, SNAPPY_BLOCKS_MAX } from "../limits.ts";
import { RecordsError } from "../records-error.ts";
import { varintBytes } from "../varint-walk.ts";

/** 0x82 "SNAPPY" 0, version 1, readable from version 1. */
const HEADER: Uint8Array = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1);
const MAGIC_BYTES = 8;
const VERSION_MIN = 1;

function startsFrame(body: Uint8Array, at: number): boolean {
  if (body.length - at < HEADER.length) return false;
  for (let i = 0; i < MAGIC_BYTES; i++) if (body[at + i] !== HEADER[i]) return false;
  return true;
}

function damaged(why: string): RecordsError {
  return new RecordsError("UNKNOWN_SERVER_ERROR", `snappy: ${why}`);
}

/** The raw snappy blocks in `body`, as views; at least one. Throws `RecordsError`. */
export function snappyBlocks(body: Uint8Array): Uint8Array[] {
  if (body.length === 0) throw damaged("an empty body");
  if (!startsFrame(body, 0)) return [body];
  if (int32At(body, MAGIC_BYTES) < VERSION_MIN) throw damaged("an unknown version of the framing");
  const blocks: Uint8Array[] = [];
  let at = HEADER.length;
  while (body.length - at >= 4) {
    if (startsFrame(body, at)) {
      // Framed bodies may be concatenated.
      at += HEADER.length;
      continue;
    }
    const length = int32At(body, at);
    if (length < 0 || length > body.length - at - 4) throw damaged("a block is cut");
    if (blocks.length === SNAPPY_BLOCKS_MAX) throw damaged(`more than ${SNAPPY_BLOCKS_MAX} blocks`);
    blocks.push(body.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blocks.length === 0 ? [Uint8Array.of(0)] : blocks;
}

/** What a raw block says it holds; 0 when it says nothing that can be. */
export function snappyBlockBytes(block: Uint8Array): number {
  const size = varintBytes(block, 0, block.length, 5);
  let value = 0;
  for (let at = 0; at < size; at++) value += (block[at]! & 0x7f) * 2 ** (7 * at);
  return value;
}

/** `body` cut into the blocks it is compressed in, as views; at least one. */
export function splitForSnappy(body: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += SNAPPY_BLOCK_BYTES) {
    blocks.push(body.subarray(at, at + SNAPPY_BLOCK_BYTES));
  }
  return blocks.length === 0 ? [body] : blocks;
}

/** Header and length-prefixed compressed blocks. */
export function frameSnappy(blocks: readonly Uint8Array[]): Uint8Array {
  const size = blocks.reduce((sum, block) => sum + 4 + block.length, HEADER.length);
  const out = new Uint8Array(size);
  out.set(HEADER);
  let at = HEADER.length;
  for (const block of blocks) {
    setInt32(out, at, block.length);
    out.set(block, at + 4);
    at += 4 + block.length;
  }
  return out;
}

/** The parts back to back; a single part as it is. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
