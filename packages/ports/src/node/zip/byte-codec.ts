// What each codec of this folder offers, and how a failure becomes a `ZipError`.
import { ZipError } from "../../zip.ts";

/** Completion of work off the loop. */
export type ZipDone = (result: Uint8Array | ZipError) => void;

/** One codec. The contract is that of `Zip`. */
export interface ByteCodec {
  compress(data: Uint8Array, level: number | undefined): Uint8Array;
  decompress(data: Uint8Array, bytesMax: number): Uint8Array;
  compressLater(data: Uint8Array, level: number | undefined, done: ZipDone): void;
  decompressLater(data: Uint8Array, bytesMax: number, done: ZipDone): void;
}

/** A plain view: callers must not meet `Buffer`, whose `slice` shares memory. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The output would pass the cap. */
export function tooLarge(codec: string, bytesMax: number): ZipError {
  return new ZipError("too-large", `${codec} data decompresses to more than ${bytesMax} bytes`);
}

/** Not valid data; `decoded` is what came out before the damage. */
export function corrupt(codec: string, why: string, cause?: unknown, decoded?: Uint8Array): ZipError {
  return new ZipError("corrupt", `${codec} data is damaged: ${why}`, { cause, decoded: decoded ?? null });
}

/** Whatever a codec threw, as a `ZipError`. */
export function asZipError(codec: string, error: unknown): ZipError {
  if (error instanceof ZipError) return error;
  return corrupt(codec, error instanceof Error ? error.message : String(error), error);
}

/** Runs synchronous work in a later turn, for codecs without a native that could leave the loop. */
export function runLater(codec: string, work: () => Uint8Array, done: ZipDone): void {
  setImmediate(() => {
    let result: Uint8Array | ZipError;
    try {
      result = work();
    } catch (error) {
      result = asZipError(codec, error);
    }
    done(result);
  });
}

/**
 * Hands the outcome of a native promise to `done`; a throw inside `done` stays a bug and ends the process.
 */
export function settle(codec: string, promise: Promise<Uint8Array>, done: ZipDone): void {
  promise.then(
    (bytes) => done(plainBytes(bytes)),
    (error: unknown) => done(asZipError(codec, error)),
  );
}
