// LZ4 frames piece by piece: some blocks at a time, put into a small frame of their own that ../lz4.ts
// decodes. What unfolds to more than an ordinary body is decoded here, block after block into the same
// memory, because what a native hands out stays until a collection. Blocks that copy from the ones before
// them cannot be parted; Kafka has none. As Kafka's clients do, a content size and a checksum over the whole
// content are passed over.
import type { Unzipping, ZipError } from "../../../zip.ts";
import { asZipError, type ByteCodec, runLater, tooLarge } from "../byte-codec.ts";
import { LZ4_NATIVE_BYTES_MAX, PIECE_BYTES, SINGLE_PIECE_BYTES_MAX } from "../limits.ts";
import {
  decodeLz4Frame,
  type Lz4FrameHeader,
  lz4BlocksEnd,
  lz4BytesAtMost,
  readLz4FrameHeader,
  scanLz4Frame,
  writeLz4Blocks,
} from "../lz4-frame.ts";
import { freeMemory } from "./free-memory.ts";
import { WholePiece } from "./whole-piece.ts";

/** One LZ4 frame being opened by `codec`. */
export class Lz4Pieces implements Unzipping {
  readonly heldBytes: number;
  readonly #codec: ByteCodec;
  readonly #data: Uint8Array;
  readonly #bytesMax: number;
  readonly #header: Lz4FrameHeader;
  #isClosed = false;
  #bytes = 0;
  #at: number;
  #memory: Uint8Array | null = null;

  private constructor(codec: ByteCodec, data: Uint8Array, bytesMax: number, header: Lz4FrameHeader) {
    this.#codec = codec;
    this.#data = data;
    this.#bytesMax = bytesMax;
    this.#header = header;
    this.#at = header.blocksAt;
    this.heldBytes = Math.min(Math.max(PIECE_BYTES, header.blockBytesMax), bytesMax);
  }

  static open(codec: ByteCodec, data: Uint8Array, bytesMax: number): Unzipping {
    try {
      const header = readLz4FrameHeader(data);
      const isLarge = lz4BytesAtMost(data, header, SINGLE_PIECE_BYTES_MAX) >= SINGLE_PIECE_BYTES_MAX;
      if (header.isIndependent && isLarge) return new Lz4Pieces(codec, data, bytesMax, header);
    } catch {
      // What is wrong with it is told by the codec.
    }
    return new WholePiece(codec, data, bytesMax, bytesMax);
  }

  next(done: (piece: Uint8Array | null | ZipError) => void): void {
    const isNative = this.#bytes < LZ4_NATIVE_BYTES_MAX;
    const blocksMax = isNative ? Math.max(1, Math.floor(PIECE_BYTES / this.#header.blockBytesMax)) : 1;
    const take = (result: Uint8Array | null | ZipError): void => {
      if (this.#isClosed) return;
      if (!(result instanceof Uint8Array)) {
        done(result?.reason === "too-large" ? tooLarge("lz4", this.#bytesMax) : result);
        return;
      }
      this.#bytes += result.length;
      if (result.length === 0) this.next(done);
      else done(result);
    };
    let blocks: Uint8Array;
    try {
      const end = lz4BlocksEnd(this.#data, this.#at, blocksMax, this.#header);
      if (end === this.#at) {
        setImmediate(take, null);
        return;
      }
      const isAll =
        this.#at === this.#header.blocksAt && end === lz4BlocksEnd(this.#data, end, 1, this.#header);
      blocks = isAll ? this.#data : writeLz4Blocks(this.#data, this.#at, end, this.#header);
      this.#at = end;
    } catch (error) {
      setImmediate(take, asZipError("lz4", error));
      return;
    }
    const bytesMax = this.#bytesMax - this.#bytes;
    if (isNative) this.#codec.decompressLater(blocks, bytesMax, take);
    else runLater("lz4", () => this.#decode(blocks, bytesMax), take);
  }

  /** Takes no longer than the compressed bytes ask for: copies of any length run at the speed of memory. */
  #decode(blocks: Uint8Array, bytesMax: number): Uint8Array {
    const facts = scanLz4Frame(blocks, bytesMax);
    this.#memory ??= new Uint8Array(this.#header.blockBytesMax);
    return decodeLz4Frame(blocks, facts, this.#memory);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#memory !== null) freeMemory(this.#memory);
    this.#memory = null;
  }
}
