// The real Zip port: gzip and zstd by node:zlib, snappy and LZ4 by native packages, or by this folder's own
// codecs where those cannot be loaded.
import type { Zip, ZipCodec } from "../../zip.ts";
import type { ByteCodec } from "./byte-codec.ts";
import { gzipCodec } from "./gzip.ts";
import { createLz4Codec } from "./lz4.ts";
import { createNatives, type Natives } from "./natives.ts";
import { createSnappyCodec } from "./snappy.ts";
import { zstdCodec } from "./zstd.ts";

/** Compression of the platform. Pass `NO_NATIVES` to do without native packages. */
export function createNodeZip(natives: Natives = createNatives()): Zip {
  const codecs: Record<ZipCodec, ByteCodec> = {
    gzip: gzipCodec,
    zstd: zstdCodec,
    "snappy-block": createSnappyCodec(natives),
    "lz4-frame": createLz4Codec(natives),
  };
  return {
    compress: (codec, data, level) => codecs[codec].compress(data, level),
    decompress: (codec, data, bytesMax) => codecs[codec].decompress(data, bytesMax),
    compressLater: (codec, data, level, done) => codecs[codec].compressLater(data, level, done),
    decompressLater: (codec, data, bytesMax, done) => codecs[codec].decompressLater(data, bytesMax, done),
  };
}
