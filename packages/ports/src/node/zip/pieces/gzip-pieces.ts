// gzip piece by piece: members one after the other, the checksum carried along, so that no step is longer
// than a piece. Accepts what ../gzip.ts accepts.
import { crc32, createInflateRaw } from "node:zlib";
import type { Unzipping, ZipError } from "../../../zip.ts";
import { corrupt, plainBytes, tooLarge } from "../byte-codec.ts";
import { littleEndianAt, memberBodyAt, TRAILER_BYTES } from "../gzip.ts";
import { FRAMES_MAX } from "../limits.ts";
import { EnginePieces, pieceBytesFor } from "./engine-pieces.ts";

const WINDOW_BYTES = 32_768;

/** One gzip body being opened. */
export class GzipPieces implements Unzipping {
  readonly heldBytes: number = WINDOW_BYTES;
  readonly #data: Uint8Array;
  readonly #bytesMax: number;
  #engine: EnginePieces | null = null;
  #isClosed = false;
  #bytes = 0;
  #members = 0;
  /** Where the member under way has its deflate data, and where the next one would begin. */
  #bodyAt = 0;
  #at = 0;
  #memberBytes = 0;
  #checksum = 0;

  constructor(data: Uint8Array, bytesMax: number) {
    this.#data = data;
    this.#bytesMax = bytesMax;
  }

  next(done: (piece: Uint8Array | null | ZipError) => void): void {
    if (this.#engine === null && !this.#openMember(done)) return;
    this.#engine?.next((result) => {
      if (result === null) this.#endMember(done);
      else if (result instanceof Error) done(corrupt("gzip", result.message, result));
      else done(this.#accept(result));
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#engine?.close();
    this.#engine = null;
  }

  /** False when there is no further member, or none that may be opened: `done` was told, or will be. */
  #openMember(done: (piece: null | ZipError) => void): boolean {
    const bodyAt = memberBodyAt(this.#data, this.#at);
    const problem =
      bodyAt < 0
        ? this.#members === 0
          ? corrupt("gzip", "no member header")
          : null
        : this.#members === FRAMES_MAX
          ? corrupt("gzip", `more than ${FRAMES_MAX} members`)
          : undefined;
    if (problem !== undefined) {
      setImmediate(() => {
        if (!this.#isClosed) done(problem);
      });
      return false;
    }
    this.#members += 1;
    this.#bodyAt = bodyAt;
    this.#memberBytes = 0;
    this.#checksum = 0;
    const { length } = this.#data;
    const said = length >= TRAILER_BYTES ? littleEndianAt(this.#data, length - 4) : null;
    const chunkSize = pieceBytesFor(said);
    this.#engine = new EnginePieces(createInflateRaw({ chunkSize }), this.#data.subarray(bodyAt), chunkSize);
    return true;
  }

  #accept(piece: Uint8Array): Uint8Array | ZipError {
    this.#bytes += piece.length;
    if (this.#bytes > this.#bytesMax) return tooLarge("gzip", this.#bytesMax);
    this.#memberBytes += piece.length;
    this.#checksum = crc32(piece, this.#checksum);
    return plainBytes(piece);
  }

  #endMember(done: (piece: Uint8Array | null | ZipError) => void): void {
    const trailerAt = this.#bodyAt + (this.#engine?.bytesRead ?? 0);
    this.#engine?.close();
    this.#engine = null;
    const data = this.#data;
    const isSound =
      trailerAt + TRAILER_BYTES <= data.length &&
      littleEndianAt(data, trailerAt) === this.#checksum >>> 0 &&
      littleEndianAt(data, trailerAt + 4) === this.#memberBytes >>> 0;
    if (!isSound) {
      done(corrupt("gzip", "the trailer is cut or does not match"));
      return;
    }
    this.#at = trailerAt + TRAILER_BYTES;
    this.next(done);
  }
}
