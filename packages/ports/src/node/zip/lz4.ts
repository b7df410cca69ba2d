// LZ4 frames: native for large bodies and for compression, plain TypeScript for small bodies and where no
// native loads. A scan of the frame comes first either way: it yields the exact content length for the cap
// and the frame's end, which the native decoder does not look for.
import { asZipError, type ByteCodec, plainBytes, runLater, settle } from "./byte-codec.ts";
import { PURE_BYTES_MAX } from "./limits.ts";
import { decodeLz4Frame, encodeLz4Frame, type Lz4FrameFacts, scanLz4Frame } from "./lz4-frame.ts";
import type { Natives } from "./natives.ts";

/** The codec "lz4-frame". The natives have no levels, so a level changes nothing. */
export function createLz4Codec(natives: Natives): ByteCodec {
  const decompress = (data: Uint8Array, bytesMax: number): Uint8Array => {
    const facts = scanLz4Frame(data, bytesMax);
    const native = facts.decodedBytes <= PURE_BYTES_MAX ? null : natives.lz4();
    if (!native) return decodeLz4Frame(data, facts);
    try {
      return plainBytes(native.decompressFrameSync(data.subarray(0, facts.endAt)));
    } catch (error) {
      throw asZipError("lz4", error);
    }
  };
  const compress = (data: Uint8Array): Uint8Array => {
    const native = natives.lz4();
    return native ? plainBytes(native.compressFrameSync(data)) : encodeLz4Frame(data);
  };
  return {
    compress,
    decompress,
    compressLater(data, _level, done) {
      const native = natives.lz4();
      if (native) settle("lz4", native.compressFrame(data), done);
      else runLater("lz4", () => compress(data), done);
    },
    decompressLater(data, bytesMax, done) {
      const native = natives.lz4();
      let facts: Lz4FrameFacts;
      try {
        facts = scanLz4Frame(data, bytesMax);
      } catch (error) {
        setImmediate(done, asZipError("lz4", error));
        return;
      }
      if (native) settle("lz4", native.decompressFrame(data.subarray(0, facts.endAt)), done);
      else runLater("lz4", () => decompress(data, bytesMax), done);
    },
  };
}
