// The real Zip port: gzip and zstd by node:zlib, snappy and LZ4 by native packages, or by this folder's own
// codecs where those cannot be loaded.
import type { Unzipping, Zip, ZipCodec } from "../../zip.ts";
import type { ByteCodec } from "./byte-codec.ts";
import { gzipCodec } from "./gzip.ts";
import { createLz4Codec } from "./lz4.ts";
import { createNatives, type Natives } from "./natives.ts";
import { GzipPieces } from "./pieces/gzip-pieces.ts";
import { Lz4Pieces } from "./pieces/lz4-pieces.ts";
import { WholePiece } from "./pieces/whole-piece.ts";
import { ZstdPieces } from "./pieces/zstd-pieces.ts";
import { announcedSnappyBytes, createSnappyCodec } from "./snappy.ts";
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
    unzip: (codec, data, bytesMax) => unzip(codecs, codec, data, bytesMax),
  };
}

function unzip(
  codecs: Readonly<Record<ZipCodec, ByteCodec>>,
  codec: ZipCodec,
  data: Uint8Array,
  bytesMax: number,
): Unzipping {
  switch (codec) {
    case "gzip":
      return new GzipPieces(data, bytesMax);
    case "zstd":
      return new ZstdPieces(data, bytesMax);
    case "lz4-frame":
      return Lz4Pieces.open(codecs[codec], data, bytesMax);
    case "snappy-block":
      return new WholePiece(codecs[codec], data, bytesMax, announcedSnappyBytes(data, bytesMax));
  }
}
