// CRC-32C (Castagnoli), the checksum of record batches v2 and snapshots. Long input goes to the native module
// when it is installed; short input and other platforms use tables, sixteen bytes a step. Both give the same
// numbers.
import { CRC_IN_SCRIPT_BYTES_MAX } from "../limits.ts";

type NativeCrc32c = (input: Uint8Array, seed?: number) => number;

const native: NativeCrc32c | null = await loadNative();

async function loadNative(): Promise<NativeCrc32c | null> {
  try {
    const loaded = await import("@node-rs/crc32");
    return loaded.crc32c;
  } catch {
    // Not built for this platform, or left out on purpose: the tables serve.
    return null;
  }
}

const POLYNOMIAL = 0x82f63b78;
const STRIDE = 16;

// TABLES[k * 256 + b]: the checksum of byte b followed by k zero bytes.
const TABLES: Uint32Array = makeTables();

function makeTables(): Uint32Array {
  const tables = new Uint32Array(STRIDE * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index += 1) {
    const previous = tables[index - 256] as number;
    tables[index] = (previous >>> 8) ^ (tables[previous & 0xff] as number);
  }
  return tables;
}

/**
 * Checksum, 0 to 2^32 - 1, of the bytes from `start` to `end`. With the checksum of what came before as
 * `seed` it is that of both together.
 */
export function crc32c(
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
  seed: number = 0,
): number {
  if (native !== null && end - start >= CRC_IN_SCRIPT_BYTES_MAX) {
    const whole = start === 0 && end === bytes.length;
    return native(whole ? bytes : bytes.subarray(start, end), seed) >>> 0;
  }
  return crc32cByTables(bytes, start, end, seed);
}

/** As `crc32c`, without native code. */
export function crc32cByTables(bytes: Uint8Array, start: number, end: number, seed: number = 0): number {
  const tables = TABLES;
  let crc = ~seed;
  let at = start;
  // A missing byte or table entry cannot occur below; `| 0` keeps the compiler and the engine on integers.
  for (const stop = end - STRIDE; at <= stop; at += STRIDE) {
    crc =
      (tables[3840 + ((bytes[at]! ^ crc) & 0xff)]! ^
        tables[3584 + ((bytes[at + 1]! ^ (crc >>> 8)) & 0xff)]! ^
        tables[3328 + ((bytes[at + 2]! ^ (crc >>> 16)) & 0xff)]! ^
        tables[3072 + (bytes[at + 3]! ^ (crc >>> 24))]! ^
        tables[2816 + bytes[at + 4]!]! ^
        tables[2560 + bytes[at + 5]!]! ^
        tables[2304 + bytes[at + 6]!]! ^
        tables[2048 + bytes[at + 7]!]! ^
        tables[1792 + bytes[at + 8]!]! ^
        tables[1536 + bytes[at + 9]!]! ^
        tables[1280 + bytes[at + 10]!]! ^
        tables[1024 + bytes[at + 11]!]! ^
        tables[768 + bytes[at + 12]!]! ^
        tables[512 + bytes[at + 13]!]! ^
        tables[256 + bytes[at + 14]!]! ^
        tables[bytes[at + 15]!]!) |
      0;
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
