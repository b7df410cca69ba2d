// What Kafka demands of an LZ4 frame beyond the format: version 1 and independent blocks, since its
// consumers read no others. Magic 0 wrote a wrong header checksum (KIP-57 context: KAFKA-3160), so its
// frames get a fresh, plain header before decoding.
import { RecordsError } from "../records-error.ts";

const FRAME_MAGIC = [0x04, 0x22, 0x4d, 0x18];
const FLAGS_AT = 4;
const BLOCK_SIZE_AT = 5;
const FLAG_BLOCK_CHECKSUM = 0x10;
const FLAG_CONTENT_SIZE = 0x08;
/** Version 1, independent blocks, no checksums. */
const PLAIN_FLAGS = 0x60;
/** Header checksum of `PLAIN_FLAGS` with each block size code from 4 (64 KiB) to 7 (4 MiB). */
const PLAIN_CHECKSUMS = [0x82, 0xfb, 0x51, 0x73];

function damaged(why: string): RecordsError {
  return new RecordsError("UNKNOWN_SERVER_ERROR", `lz4: ${why}`);
}

/** `body` as a frame with a correct header checksum, copied only for magic 0. Throws `RecordsError`. */
export function plainLz4Frame(body: Uint8Array, magic: number): Uint8Array {
  if (body.length < 7) throw damaged("the frame header is cut");
  const flags = body[FLAGS_AT]!;
  if (flags >>> 6 !== 1) throw damaged(`frame version ${flags >>> 6}`);
  if ((flags & 0x20) === 0) throw damaged("linked blocks are not supported by Kafka's consumers");
  if (magic > 0) return body;
  const checksum = PLAIN_CHECKSUMS[((body[BLOCK_SIZE_AT]! >>> 4) & 7) - 4];
  if (checksum === undefined || flags & FLAG_BLOCK_CHECKSUM) throw damaged("an unknown header in magic 0");
  const blocksAt = flags & FLAG_CONTENT_SIZE ? 15 : 7;
  const frame = new Uint8Array(7 + Math.max(0, body.length - blocksAt));
  if (FRAME_MAGIC.some((byte, i) => body[i] !== byte)) throw damaged("no frame magic");
  frame.set(FRAME_MAGIC);
  frame[FLAGS_AT] = PLAIN_FLAGS;
  frame[BLOCK_SIZE_AT] = body[BLOCK_SIZE_AT]! & 0x70;
  frame[6] = checksum;
  frame.set(body.subarray(blocksAt), 7);
  return frame;
}
