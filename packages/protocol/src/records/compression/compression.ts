// Compression of record bodies: Kafka's codec ids, and Kafka's framing where it is its own (xerial blocks
// around snappy, LZ4 frames whose header checksum magic 0 computed wrongly). The codecs themselves are the
// Zip port's. Every decompression has a cap, named by the caller and bounded in limits.ts.
import { type Zip, ZipError } from "@ottla/ports";
import { RecordsError } from "../records-error.ts";
import { plainLz4Frame } from "./lz4-framing.ts";
import { frameSnappy, joinBytes, snappyBlocks, splitForSnappy } from "./snappy-framing.ts";

export const COMPRESSION_NONE = 0;
export const COMPRESSION_GZIP = 1;
export const COMPRESSION_SNAPPY = 2;
export const COMPRESSION_LZ4 = 3;
export const COMPRESSION_ZSTD = 4;

/** Names as in configs and tools, by codec id. */
export const COMPRESSION_NAMES: readonly string[] = ["none", "gzip", "snappy", "lz4", "zstd"];

/** Completion of work off the loop. */
export type CompressionDone = (result: Uint8Array | RecordsError) => void;

/** The error that a failure of codec `codec` means to a client. */
export function recordsError(codec: number, cause: unknown): RecordsError {
  if (cause instanceof RecordsError) return cause;
  if (!(cause instanceof ZipError)) throw cause;
  const message = `${COMPRESSION_NAMES[codec] ?? codec}: ${cause.message}`;
  const options = { cause, decoded: cause.decoded };
  if (cause.reason === "too-large") return new RecordsError("MESSAGE_TOO_LARGE", message, options);
  if (cause.reason === "missing") return new RecordsError("UNSUPPORTED_COMPRESSION_TYPE", message, options);
  return new RecordsError("UNKNOWN_SERVER_ERROR", message, options);
}

/** The error that a codec id without codec means to a client. */
export function unknownCodec(codec: number): RecordsError {
  return new RecordsError("UNKNOWN_SERVER_ERROR", `unknown compression codec ${codec}`);
}

/**
 * Decompresses a record body (or, below magic 2, a compressed message's value) of codec `codec`. Codec none
 * gives `body` itself. Throws `RecordsError`.
 */
export function decompressBody(
  codec: number,
  magic: number,
  body: Uint8Array,
  zip: Zip,
  bytesMax: number,
): Uint8Array {
  try {
    switch (codec) {
      case COMPRESSION_NONE:
        return body;
      case COMPRESSION_GZIP:
        return zip.decompress("gzip", body, bytesMax);
      case COMPRESSION_SNAPPY:
        return decompressSnappy(body, zip, bytesMax);
      case COMPRESSION_LZ4:
        return zip.decompress("lz4-frame", plainLz4Frame(body, magic), bytesMax);
      case COMPRESSION_ZSTD:
        return zip.decompress("zstd", body, bytesMax);
      default:
        throw unknownCodec(codec);
    }
  } catch (error) {
    throw recordsError(codec, error);
  }
}

function decompressSnappy(body: Uint8Array, zip: Zip, bytesMax: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let rest = bytesMax;
  for (const block of snappyBlocks(body)) {
    const part = zip.decompress("snappy-block", block, rest);
    rest -= part.length;
    parts.push(part);
  }
  return joinBytes(parts);
}

/** As `decompressBody`, off the loop; `done` runs in a later turn. `body` must stay unchanged until then. */
export function decompressBodyLater(
  codec: number,
  magic: number,
  body: Uint8Array,
  zip: Zip,
  bytesMax: number,
  done: CompressionDone,
): void {
  const finish = (result: Uint8Array | ZipError): void =>
    done(result instanceof ZipError ? recordsError(codec, result) : result);
  switch (codec) {
    case COMPRESSION_GZIP:
      zip.decompressLater("gzip", body, bytesMax, finish);
      return;
    case COMPRESSION_LZ4:
    case COMPRESSION_SNAPPY: {
      let blocks: Uint8Array[];
      try {
        blocks = codec === COMPRESSION_LZ4 ? [plainLz4Frame(body, magic)] : snappyBlocks(body);
      } catch (error) {
        deliverLater(recordsError(codec, error), zip, done);
        return;
      }
      eachLater(blocks, (block, bytesSoFar, blockDone) =>
        zip.decompressLater(
          codec === COMPRESSION_LZ4 ? "lz4-frame" : "snappy-block",
          block,
          bytesMax - bytesSoFar,
          blockDone,
        ),
      )((result) => finish(result instanceof ZipError ? result : joinBytes(result)));
      return;
    }
    case COMPRESSION_ZSTD:
      zip.decompressLater("zstd", body, bytesMax, finish);
      return;
    default:
      deliverLater(codec === COMPRESSION_NONE ? body : unknownCodec(codec), zip, done);
  }
}

/** Delivers a result that is known at once in a later turn; the port's own "later" is the only clock here. */
function deliverLater(result: Uint8Array | RecordsError, zip: Zip, done: CompressionDone): void {
  zip.compressLater("gzip", new Uint8Array(0), undefined, () => done(result));
}

type BlockWork = (
  block: Uint8Array,
  bytesSoFar: number,
  done: (result: Uint8Array | ZipError) => void,
) => void;

/** Runs `work` for the blocks one after the other, so that one body never fills the pool's queue. */
function eachLater(
  blocks: readonly Uint8Array[],
  work: BlockWork,
): (done: (result: Uint8Array[] | ZipError) => void) => void {
  return (done) => {
    const parts: Uint8Array[] = [];
    let bytesSoFar = 0;
    const step = (): void => {
      work(blocks[parts.length]!, bytesSoFar, (result) => {
        if (result instanceof ZipError) {
          done(result);
          return;
        }
        parts.push(result);
        bytesSoFar += result.length;
        if (parts.length === blocks.length) done(parts);
        else step();
      });
    };
    step();
  };
}

/** Compresses a record body. `level` as the codec counts it, ignored by snappy. Throws `RecordsError`. */
export function compressBody(codec: number, body: Uint8Array, zip: Zip, level?: number): Uint8Array {
  try {
    switch (codec) {
      case COMPRESSION_NONE:
        return body;
      case COMPRESSION_GZIP:
        return zip.compress("gzip", body, level);
      case COMPRESSION_SNAPPY:
        return frameSnappy(splitForSnappy(body).map((block) => zip.compress("snappy-block", block)));
      case COMPRESSION_LZ4:
        return zip.compress("lz4-frame", body, level);
      case COMPRESSION_ZSTD:
        return zip.compress("zstd", body, level);
      default:
        throw unknownCodec(codec);
    }
  } catch (error) {
    throw recordsError(codec, error);
  }
}

/** As `compressBody`, off the loop; `done` runs in a later turn. `body` must stay unchanged until then. */
export function compressBodyLater(
  codec: number,
  body: Uint8Array,
  zip: Zip,
  level: number | undefined,
  done: CompressionDone,
): void {
  const finish = (result: Uint8Array | ZipError): void =>
    done(result instanceof ZipError ? recordsError(codec, result) : result);
  switch (codec) {
    case COMPRESSION_GZIP:
      zip.compressLater("gzip", body, level, finish);
      return;
    case COMPRESSION_SNAPPY:
      eachLater(splitForSnappy(body), (block, _bytesSoFar, blockDone) =>
        zip.compressLater("snappy-block", block, undefined, blockDone),
      )((result) => finish(result instanceof ZipError ? result : frameSnappy(result)));
      return;
    case COMPRESSION_LZ4:
      zip.compressLater("lz4-frame", body, level, finish);
      return;
    case COMPRESSION_ZSTD:
      zip.compressLater("zstd", body, level, finish);
      return;
    default:
      deliverLater(codec === COMPRESSION_NONE ? body : unknownCodec(codec), zip, done);
  }
}
