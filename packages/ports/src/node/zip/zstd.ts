// zstd frames over node's decoder. Node stops after the first frame and says nothing about bytes behind it;
// a consumer goes on to the next frame and refuses bytes that are none, so frames are walked here.
import {
  constants,
  type InputType,
  type ZstdOptions,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
} from "node:zlib";
import { asZipError, type ByteCodec, corrupt, plainBytes, tooLarge, type ZipDone } from "./byte-codec.ts";
import { FRAMES_MAX } from "./limits.ts";

/** Sizes of a piece of output; what a frame usually yields where it does not say. */
const CHUNK_BYTES_MIN = 16_384;
const CHUNK_BYTES_MAX = 4 * 1024 * 1024;
const USUAL_RATIO = 4;

/** With `info: true` node also returns the engine, which knows how many bytes it consumed. */
interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

interface Progress {
  readonly frames: Uint8Array[];
  bytes: number;
  at: number;
}

function joined(progress: Progress): Uint8Array {
  if (progress.frames.length === 1) return plainBytes(progress.frames[0]!);
  const all = new Uint8Array(progress.bytes);
  let at = 0;
  for (const frame of progress.frames) {
    all.set(frame, at);
    at += frame.length;
  }
  return all;
}

function options(bytesMax: number, progress: Progress): ZstdOptions {
  return { info: true, maxOutputLength: Math.max(1, bytesMax - progress.bytes) };
}

/**
 * As `options`, with room for the whole output of a frame in one piece where its header says the size, else
 * for a usual one. A size that lies costs address space, no memory.
 */
function roomyOptions(frame: Uint8Array, bytesMax: number, progress: Progress): ZstdOptions {
  const how = options(bytesMax, progress);
  const said = contentBytes(frame) ?? Math.min(frame.length * USUAL_RATIO, CHUNK_BYTES_MAX);
  return { ...how, chunkSize: Math.min(Math.max(said, CHUNK_BYTES_MIN), how.maxOutputLength ?? 0) + 1 };
}

/** What the header of a frame says; null when it does not say. Format: RFC 8878, 3.1.1.1. */
export function contentBytes(frame: Uint8Array): number | null {
  if (frame[0] !== 0x28 || frame[1] !== 0xb5 || frame[2] !== 0x2f || frame[3] !== 0xfd) return null;
  const descriptor = frame[4] ?? 0;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const size = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  if (size === 0 || frame.length < at + size) return null;
  let bytes = size === 2 ? 256 : 0;
  for (let index = 0; index < size; index++) bytes += (frame[at + index] ?? 0) * 2 ** (8 * index);
  return bytes;
}

/** Bytes of output that a decoder of this frame keeps to copy from, as its header says; 0 when cut. */
export function windowBytes(frame: Uint8Array): number {
  const descriptor = frame[4] ?? 0;
  if ((descriptor & 0x20) !== 0) return contentBytes(frame) ?? 0;
  const window = frame[5] ?? 0;
  const base = 2 ** (10 + (window >>> 3));
  return base + (base / 8) * (window & 7);
}

function failure(error: unknown, bytesMax: number, progress: Progress): Error {
  if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") return tooLarge("zstd", bytesMax);
  return corrupt("zstd", (error as Error).message, error, joined(progress));
}

/** Takes a decoded frame. Throws `ZipError` when it is one too many or did not advance. */
function acceptFrame(inflated: Inflated, progress: Progress): void {
  progress.frames.push(inflated.buffer);
  progress.bytes += inflated.buffer.length;
  progress.at += inflated.engine.bytesWritten;
  if (inflated.engine.bytesWritten === 0) throw corrupt("zstd", "a frame without bytes");
  if (progress.frames.length > FRAMES_MAX) throw corrupt("zstd", `more than ${FRAMES_MAX} frames`);
}

function decompress(data: Uint8Array, bytesMax: number): Uint8Array {
  const progress: Progress = { frames: [], bytes: 0, at: 0 };
  while (progress.at < data.length) {
    let inflated: Inflated;
    try {
      const rest = data.subarray(progress.at);
      inflated = zstdDecompressSync(rest, options(bytesMax, progress)) as unknown as Inflated;
    } catch (error) {
      throw failure(error, bytesMax, progress);
    }
    acceptFrame(inflated, progress);
  }
  if (progress.bytes > bytesMax) throw tooLarge("zstd", bytesMax);
  return joined(progress);
}

function decompressLater(data: Uint8Array, bytesMax: number, done: ZipDone): void {
  const progress: Progress = { frames: [], bytes: 0, at: 0 };
  const step = (): void => {
    if (progress.at >= data.length) {
      done(progress.bytes > bytesMax ? tooLarge("zstd", bytesMax) : joined(progress));
      return;
    }
    const frame = data.subarray(progress.at);
    // Its header binds a frame, so there is no need to open one that says it is too large.
    if ((contentBytes(frame) ?? 0) > bytesMax - progress.bytes) {
      setImmediate(done, tooLarge("zstd", bytesMax));
      return;
    }
    decodeFrame(frame, roomyOptions(frame, bytesMax, progress), (error, inflated) => {
      let problem: unknown = error && failure(error, bytesMax, progress);
      if (inflated) {
        try {
          acceptFrame(inflated, progress);
        } catch (wrong) {
          problem = wrong;
        }
      }
      if (problem) done(asZipError("zstd", problem));
      else step();
    });
  };
  if (data.length === 0) setImmediate(step);
  else step();
}

/** `zstdDecompress` as it behaves with `info: true`, which its declared type does not know. */
const decodeFrame = zstdDecompress as unknown as (
  body: InputType,
  how: ZstdOptions,
  done: (error: Error | null, inflated?: Inflated) => void,
) => void;

function levelOptions(level: number | undefined): ZstdOptions {
  return level === undefined ? {} : { params: { [constants.ZSTD_c_compressionLevel]: level } };
}

/** zstd. Level −131072 to 22, default 3. No bytes decompress to no bytes, as a consumer reads them. */
export const zstdCodec: ByteCodec = {
  compress: (data, level) => plainBytes(zstdCompressSync(data, levelOptions(level))),
  decompress,
  compressLater: (data, level, done) =>
    zstdCompress(data, levelOptions(level), (error, result) =>
      done(error ? asZipError("zstd", error) : plainBytes(result)),
    ),
  decompressLater,
};
