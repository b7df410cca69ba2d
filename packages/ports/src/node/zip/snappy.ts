// Raw snappy blocks: native for large bodies and for compression, plain TypeScript for small bodies and
// where no native loads. The announced length is checked against the cap, and against what the input can
// hold at all, before anything is allocated.
import { asZipError, type ByteCodec, corrupt, plainBytes, runLater, settle, tooLarge } from "./byte-codec.ts";
import { PURE_BYTES_MAX, SNAPPY_RATIO_MAX } from "./limits.ts";
import type { Natives } from "./natives.ts";
import {
  decodeSnappyBlock,
  encodeSnappyBlock,
  readSnappyPreamble,
  type SnappyPreamble,
} from "./snappy-block.ts";

function checkedPreamble(data: Uint8Array, bytesMax: number): SnappyPreamble {
  const preamble = readSnappyPreamble(data);
  if (preamble.decodedBytes > data.length * SNAPPY_RATIO_MAX) throw corrupt("snappy", "the length lies");
  if (preamble.decodedBytes > bytesMax) throw tooLarge("snappy", bytesMax);
  return preamble;
}

/**
 * What a block says it holds, as far as it may be believed: at most `bytesMax`, nothing when it is damaged.
 */
export function announcedSnappyBytes(data: Uint8Array, bytesMax: number): number {
  try {
    return checkedPreamble(data, bytesMax).decodedBytes;
  } catch {
    return 0;
  }
}

/** The codec "snappy-block". It has no levels. */
export function createSnappyCodec(natives: Natives): ByteCodec {
  const decompress = (data: Uint8Array, bytesMax: number): Uint8Array => {
    const preamble = checkedPreamble(data, bytesMax);
    const native = preamble.decodedBytes <= PURE_BYTES_MAX ? null : natives.snappy();
    if (!native) return decodeSnappyBlock(data, preamble);
    try {
      return plainBytes(native.uncompressSync(data, { asBuffer: true }));
    } catch (error) {
      throw asZipError("snappy", error);
    }
  };
  const compress = (data: Uint8Array): Uint8Array => {
    const native = natives.snappy();
    return native ? plainBytes(native.compressSync(data)) : encodeSnappyBlock(data);
  };
  return {
    compress,
    decompress,
    compressLater(data, _level, done) {
      const native = natives.snappy();
      if (native) settle("snappy", native.compress(data), done);
      else runLater("snappy", () => compress(data), done);
    },
    decompressLater(data, bytesMax, done) {
      const native = natives.snappy();
      try {
        checkedPreamble(data, bytesMax);
      } catch (error) {
        setImmediate(done, asZipError("snappy", error));
        return;
      }
      if (native) settle("snappy", native.uncompress(data, { asBuffer: true }), done);
      else runLater("snappy", () => decompress(data, bytesMax), done);
    },
  };
}
