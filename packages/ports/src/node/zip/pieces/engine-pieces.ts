// Output of one of node's decompression streams, a piece at a time: the stream is paused while the owner
// looks at a piece, so at most one more waits in it. A buffer of the stream is freed when its last piece was
// looked at.
import type { InflateRaw, ZstdDecompress } from "node:zlib";
import { PIECE_BYTES, PIECE_BYTES_MIN, SINGLE_PIECE_BYTES_MAX } from "../limits.ts";
import { freeMemory } from "./free-memory.ts";

/** Told with a piece, with null at the end of the stream, or with its failure. */
export type EngineDone = (result: Uint8Array | null | Error) => void;

/** How large a stream's buffer should be for `saidBytes` of output; null when the data does not say. */
export function pieceBytesFor(saidBytes: number | null): number {
  if (saidBytes === null || saidBytes >= SINGLE_PIECE_BYTES_MAX) return PIECE_BYTES;
  // One byte more than is used, or node takes another buffer to find the end.
  return Math.max(saidBytes + 1, PIECE_BYTES_MIN);
}

type Engine = InflateRaw | ZstdDecompress;

/** Reads one stream. */
export class EnginePieces {
  readonly #engine: Engine;
  readonly #chunkBytes: number;
  #done: EngineDone | null = null;
  /** What came without being asked for. */
  #early: null | Error | undefined;
  #lent: Uint8Array | null = null;
  /** A piece in a buffer that the engine writes on into. */
  #unfilled: Uint8Array | null = null;
  #hasEnded = false;

  /** `chunkBytes` is the engine's `chunkSize`. */
  constructor(engine: Engine, input: Uint8Array, chunkBytes: number) {
    this.#engine = engine;
    this.#chunkBytes = chunkBytes;
    engine.pause();
    engine.on("data", (piece: Uint8Array) => {
      engine.pause();
      this.#lent = piece;
      this.#deliver(piece);
    });
    engine.once("end", () => {
      this.#hasEnded = true;
      this.#deliver(null);
    });
    engine.on("error", (error: Error) => this.#deliver(error));
    engine.end(input);
  }

  /** Input bytes that the output so far took. */
  get bytesRead(): number {
    return this.#engine.bytesWritten;
  }

  next(done: EngineDone): void {
    this.#free();
    this.#done = done;
    const early = this.#early;
    if (early === undefined) this.#engine.resume();
    else setImmediate(() => this.#deliver(early));
  }

  close(): void {
    this.#done = null;
    this.#free();
    if (this.#hasEnded && this.#unfilled !== null) freeMemory(this.#unfilled, this.#chunkBytes);
    this.#unfilled = null;
    this.#engine.destroy();
  }

  #deliver(result: Uint8Array | null | Error): void {
    const done = this.#done;
    this.#done = null;
    if (done !== null) done(result);
    else if (result === null || result instanceof Error) this.#early ??= result;
  }

  #free(): void {
    const lent = this.#lent;
    this.#lent = null;
    if (lent === null) return;
    if (lent.byteOffset + lent.length === this.#chunkBytes) freeMemory(lent, this.#chunkBytes);
    else this.#unfilled = lent;
  }
}
