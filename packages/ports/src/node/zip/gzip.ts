// gzip members over node's raw inflate. Member headers and trailers are read here, because a consumer
// accepts bytes after the last member that are no member, and because a damaged body should still give what
// came before the damage.
import {
  constants,
  crc32,
  gzip,
  gzipSync,
  type InputType,
  inflateRaw,
  inflateRawSync,
  type ZlibOptions,
} from "node:zlib";
import { asZipError, type ByteCodec, corrupt, plainBytes, tooLarge, type ZipDone } from "./byte-codec.ts";
import { CHECKSUM_BYTES_PER_TURN, FRAMES_MAX } from "./limits.ts";

/** Checksum and length behind a member's data. */
export const TRAILER_BYTES = 8;
/** Node's own default. */
const CHUNK_BYTES_MIN = 16_384;
const FLAG_HEADER_CRC = 0x02;
const FLAG_EXTRA = 0x04;
const FLAG_NAME = 0x08;
const FLAG_COMMENT = 0x10;

/** With `info: true` node also returns the engine, which knows how many bytes it consumed. */
interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

/** Position of the deflate data of the member at `at`, or −1 when no whole member header lies there. */
export function memberBodyAt(data: Uint8Array, at: number): number {
  if (data.length - at < 10 || data[at] !== 0x1f || data[at + 1] !== 0x8b || data[at + 2] !== 8) return -1;
  const flags = data[at + 3]!;
  let next = at + 10;
  if (flags & FLAG_EXTRA) next += 2 + (data[next] ?? 0) + ((data[next + 1] ?? 0) << 8);
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    if (!(flags & flag)) continue;
    const zero = data.indexOf(0, next);
    if (zero < 0) return -1;
    next = zero + 1;
  }
  if (flags & FLAG_HEADER_CRC) next += 2;
  return next <= data.length ? next : -1;
}

/** The unsigned number of four bytes at `at`. */
export function littleEndianAt(data: Uint8Array, at: number): number {
  return (data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24)) >>> 0;
}

/** Decoded members so far, and where the next one would start. */
interface Progress {
  readonly members: Uint8Array[];
  bytes: number;
  at: number;
}

function joined(progress: Progress): Uint8Array {
  if (progress.members.length === 1) return plainBytes(progress.members[0]!);
  const all = new Uint8Array(progress.bytes);
  let at = 0;
  for (const member of progress.members) {
    all.set(member, at);
    at += member.length;
  }
  return all;
}

/** Position of the next member's deflate data; null when the data is complete. Throws `ZipError`. */
function nextBody(data: Uint8Array, progress: Progress): number | null {
  const bodyAt = memberBodyAt(data, progress.at);
  if (bodyAt < 0) {
    if (progress.members.length === 0) throw corrupt("gzip", "no member header");
    return null;
  }
  if (progress.members.length === FRAMES_MAX) throw corrupt("gzip", `more than ${FRAMES_MAX} members`);
  return bodyAt;
}

/** The checksum of much data, so much of it per turn of the loop that nobody else waits for long. */
function checksumLater(bytes: Uint8Array, done: (checksum: number) => void): void {
  let checksum = 0;
  let at = 0;
  const step = (): void => {
    const end = Math.min(at + CHECKSUM_BYTES_PER_TURN, bytes.length);
    checksum = crc32(bytes.subarray(at, end), checksum);
    at = end;
    if (at < bytes.length) setImmediate(step);
    else done(checksum);
  };
  step();
}

/** Accepts one inflated member with its checksum after looking at its trailer. Throws `ZipError`. */
function acceptMember(
  data: Uint8Array,
  bodyAt: number,
  inflated: Inflated,
  checksum: number,
  progress: Progress,
): void {
  progress.members.push(inflated.buffer);
  progress.bytes += inflated.buffer.length;
  const trailerAt = bodyAt + inflated.engine.bytesWritten;
  const isSound =
    trailerAt + TRAILER_BYTES <= data.length &&
    littleEndianAt(data, trailerAt) === checksum >>> 0 &&
    littleEndianAt(data, trailerAt + 4) === inflated.buffer.length >>> 0;
  if (!isSound) throw corrupt("gzip", "the trailer is cut or does not match", undefined, joined(progress));
  progress.at = trailerAt + TRAILER_BYTES;
}

function options(bytesMax: number, progress: Progress): ZlibOptions {
  return { info: true, maxOutputLength: Math.max(1, bytesMax - progress.bytes) };
}

/**
 * As `options`, with room for the whole output in one piece if the data says its size truly: many pieces
 * would each cost a trip to the pool and all be copied in the end. A size that lies costs address space, no
 * memory.
 */
function roomyOptions(data: Uint8Array, bytesMax: number, progress: Progress): ZlibOptions {
  const how = options(bytesMax, progress);
  const said = data.length >= TRAILER_BYTES ? littleEndianAt(data, data.length - 4) : 0;
  const chunkSize = Math.min(Math.max(said, CHUNK_BYTES_MIN), how.maxOutputLength ?? 0) + 1;
  return chunkSize > CHUNK_BYTES_MIN ? { ...how, chunkSize } : how;
}

/** What a member whose deflate data is cut gives up to the cut; empty when it is damaged in the middle. */
function salvage(body: Uint8Array, bytesMax: number, progress: Progress): Uint8Array {
  try {
    const finishFlush = constants.Z_SYNC_FLUSH;
    progress.members.push(
      inflateRawSync(body, { finishFlush, maxOutputLength: Math.max(1, bytesMax - progress.bytes) }),
    );
    progress.bytes += progress.members.at(-1)!.length;
  } catch {
    // Nothing more to save: the damage is reported by the caller.
  }
  return joined(progress);
}

/** `saved` is called only for data that is damaged. */
function failure(error: unknown, bytesMax: number, saved: () => Uint8Array): Error {
  if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") return tooLarge("gzip", bytesMax);
  return corrupt("gzip", (error as Error).message, error, saved());
}

function decompress(data: Uint8Array, bytesMax: number): Uint8Array {
  const progress: Progress = { members: [], bytes: 0, at: 0 };
  for (;;) {
    const bodyAt = nextBody(data, progress);
    if (bodyAt === null) break;
    const body = data.subarray(bodyAt);
    let inflated: Inflated;
    try {
      inflated = inflateRawSync(body, options(bytesMax, progress)) as unknown as Inflated;
    } catch (error) {
      throw failure(error, bytesMax, () => salvage(body, bytesMax, progress));
    }
    acceptMember(data, bodyAt, inflated, crc32(inflated.buffer), progress);
  }
  if (progress.bytes > bytesMax) throw tooLarge("gzip", bytesMax);
  return joined(progress);
}

function decompressLater(data: Uint8Array, bytesMax: number, done: ZipDone): void {
  const progress: Progress = { members: [], bytes: 0, at: 0 };
  const step = (): void => {
    let bodyAt: number | null;
    try {
      bodyAt = nextBody(data, progress);
    } catch (error) {
      setImmediate(done, asZipError("gzip", error));
      return;
    }
    if (bodyAt === null) {
      done(progress.bytes > bytesMax ? tooLarge("gzip", bytesMax) : joined(progress));
      return;
    }
    const at = bodyAt;
    const body = data.subarray(at);
    inflateMember(body, roomyOptions(data, bytesMax, progress), (error, inflated) => {
      // What stands before the cut is not opened again here: that would hold the loop.
      if (inflated === undefined) {
        done(
          asZipError(
            "gzip",
            failure(error, bytesMax, () => joined(progress)),
          ),
        );
        return;
      }
      checksumLater(inflated.buffer, (checksum) => {
        try {
          acceptMember(data, at, inflated, checksum, progress);
        } catch (wrong) {
          done(asZipError("gzip", wrong));
          return;
        }
        step();
      });
    });
  };
  step();
}

/** `inflateRaw` as it behaves with `info: true`, which its declared type does not know. */
const inflateMember = inflateRaw as unknown as (
  body: InputType,
  how: ZlibOptions,
  done: (error: Error | null, inflated?: Inflated) => void,
) => void;

/** gzip. Level 1 to 9, default 6. */
export const gzipCodec: ByteCodec = {
  compress: (data, level) => plainBytes(gzipSync(data, level === undefined ? {} : { level })),
  decompress,
  compressLater: (data, level, done) =>
    gzip(data, level === undefined ? {} : { level }, (error, result) =>
      done(error ? asZipError("gzip", error) : plainBytes(result)),
    ),
  decompressLater,
};
