// Data that can only be opened at once: one piece. A raw snappy block, and what is damaged from its start.
import type { Unzipping, ZipError } from "../../../zip.ts";
import type { ByteCodec } from "../byte-codec.ts";

/** The whole of `data` as a piece. */
export class WholePiece implements Unzipping {
  readonly heldBytes: number;
  readonly #codec: ByteCodec;
  readonly #data: Uint8Array;
  readonly #bytesMax: number;
  #isOpened = false;
  #isClosed = false;

  constructor(codec: ByteCodec, data: Uint8Array, bytesMax: number, heldBytes: number) {
    this.#codec = codec;
    this.#data = data;
    this.#bytesMax = bytesMax;
    this.heldBytes = heldBytes;
  }

  next(done: (piece: Uint8Array | null | ZipError) => void): void {
    const tell = (result: Uint8Array | null | ZipError): void => {
      if (this.#isClosed) return;
      done(result instanceof Uint8Array && result.length === 0 ? null : result);
    };
    if (this.#isOpened) {
      setImmediate(tell, null);
      return;
    }
    this.#isOpened = true;
    this.#codec.decompressLater(this.#data, this.#bytesMax, tell);
  }

  close(): void {
    this.#isClosed = true;
  }
}
