// Stands in where no codec exists: every call says so. Lets code that never meets a compressed batch run
// without codecs.
import { type Zip, type ZipCodec, ZipError } from "../../zip.ts";

function missing(codec: ZipCodec): ZipError {
  return new ZipError("missing", `no implementation of ${codec}`);
}

/** Codecs that are all missing. `later` runs a callback in a later turn. */
export function createMissingZip(later: (callback: () => void) => void): Zip {
  return {
    compress: (codec) => {
      throw missing(codec);
    },
    decompress: (codec) => {
      throw missing(codec);
    },
    compressLater: (codec, _data, _level, done) => later(() => done(missing(codec))),
    decompressLater: (codec, _data, _bytesMax, done) => later(() => done(missing(codec))),
    unzip: (codec) => ({
      heldBytes: 0,
      next: (done) => later(() => done(missing(codec))),
      close: () => {},
    }),
  };
}
