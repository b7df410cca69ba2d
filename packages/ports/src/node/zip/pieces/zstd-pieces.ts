// zstd piece by piece, frame after frame. Accepts what ../zstd.ts accepts. A frame's window may grow beyond
// what the first frame told only as far as an ordinary one reaches.
import { constants, createZstdDecompress } from "node:zlib";
import type { Unzipping, ZipError } from "../../../zip.ts";
import { corrupt, plainBytes, tooLarge } from "../byte-codec.ts";
import { FRAMES_MAX, ZSTD_WINDOW_BYTES_USUAL, ZSTD_WINDOW_LOG_MAX } from "../limits.ts";
import { contentBytes, windowBytes } from "../zstd.ts";
import { EnginePieces, pieceBytesFor } from "./engine-pieces.ts";

/** One zstd body being opened. */
export class ZstdPieces implements Unzipping {
  readonly heldBytes: number;
  readonly #data: Uint8Array;
  readonly #bytesMax: number;
  readonly #windowLogMax: number;
  #engine: EnginePieces | null = null;
  #isClosed = false;
  #bytes = 0;
  #frames = 0;
  #at = 0;

  constructor(data: Uint8Array, bytesMax: number) {
    this.#data = data;
    this.#bytesMax = bytesMax;
    const window = Math.max(windowBytes(data), ZSTD_WINDOW_BYTES_USUAL);
    this.#windowLogMax = Math.min(Math.ceil(Math.log2(window)), ZSTD_WINDOW_LOG_MAX);
    // No decoder holds more than it was given to decode.
    this.heldBytes = Math.min(windowBytes(data), contentBytes(data) ?? Number.MAX_SAFE_INTEGER, bytesMax);
  }

  next(done: (piece: Uint8Array | null | ZipError) => void): void {
    if (this.#engine === null && !this.#openFrame(done)) return;
    this.#engine?.next((result) => {
      if (result === null) this.#endFrame(done);
      else if (result instanceof Error) done(corrupt("zstd", result.message, result));
      else {
        this.#bytes += result.length;
        done(this.#bytes > this.#bytesMax ? tooLarge("zstd", this.#bytesMax) : plainBytes(result));
      }
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#engine?.close();
    this.#engine = null;
  }

  /** False when there is no further frame, or none that may be opened: `done` will be told. */
  #openFrame(done: (piece: null | ZipError) => void): boolean {
    const frame = this.#data.subarray(this.#at);
    const said = contentBytes(frame);
    let problem: null | ZipError | undefined;
    if (frame.length === 0) problem = null;
    else if (this.#frames === FRAMES_MAX) problem = corrupt("zstd", `more than ${FRAMES_MAX} frames`);
    // Its header binds a frame, so there is no need to open one that says it is too large.
    else if ((said ?? 0) > this.#bytesMax - this.#bytes) problem = tooLarge("zstd", this.#bytesMax);
    if (problem !== undefined) {
      const known = problem;
      setImmediate(() => {
        if (!this.#isClosed) done(known);
      });
      return false;
    }
    this.#frames += 1;
    const chunkSize = pieceBytesFor(said);
    const params = { [constants.ZSTD_d_windowLogMax]: this.#windowLogMax };
    this.#engine = new EnginePieces(createZstdDecompress({ chunkSize, params }), frame, chunkSize);
    return true;
  }

  #endFrame(done: (piece: Uint8Array | null | ZipError) => void): void {
    const bytesRead = this.#engine?.bytesRead ?? 0;
    this.#engine?.close();
    this.#engine = null;
    this.#at += bytesRead;
    if (bytesRead === 0) done(corrupt("zstd", "a frame without bytes"));
    else this.next(done);
  }
}
