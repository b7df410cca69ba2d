// A compressed body opened piece by piece, whatever its codec, in bounded memory: for who looks at all of it
// and keeps nothing (record checks). Same errors as `decompressBodyLater`; what comes before the damage comes
// as pieces. Not here: what the pieces hold (../walk/piecewise-walk.ts).
import type { Unzipping, Zip, ZipError } from "@ottla/ports";
import { RecordsError } from "../records-error.ts";
import {
  COMPRESSION_GZIP,
  COMPRESSION_LZ4,
  COMPRESSION_SNAPPY,
  COMPRESSION_ZSTD,
  recordsError,
  unknownCodec,
} from "./compression.ts";
import { plainLz4Frame } from "./lz4-framing.ts";
import { snappyBlockBytes, snappyBlocks } from "./snappy-framing.ts";

/** A body being opened. As `Unzipping`, with the errors of records. */
export interface BodyPieces {
  /** Bytes that opening holds beside the piece, as far as the body says. */
  readonly heldBytes: number;
  /**
   * `done` runs in a later turn with a piece that is valid until the next call, with null at the end, or with
   * what is wrong.
   */
  next(done: (piece: Uint8Array | null | RecordsError) => void): void;
  /** Gives memory back; no `done` runs any more. */
  close(): void;
}

/**
 * Opens a body of codec `codec`, of magic 1 or 2. Throws `RecordsError` for one that shows damage at once.
 */
export function openBody(codec: number, body: Uint8Array, zip: Zip, bytesMax: number): BodyPieces {
  switch (codec) {
    case COMPRESSION_GZIP:
      return new PlainPieces(codec, zip.unzip("gzip", body, bytesMax));
    case COMPRESSION_LZ4:
      return new PlainPieces(codec, zip.unzip("lz4-frame", plainLz4Frame(body, 1), bytesMax));
    case COMPRESSION_ZSTD:
      return new PlainPieces(codec, zip.unzip("zstd", body, bytesMax));
    case COMPRESSION_SNAPPY:
      return new SnappyPieces(snappyBlocks(body), zip, bytesMax);
    default:
      throw unknownCodec(codec);
  }
}

class PlainPieces implements BodyPieces {
  readonly #codec: number;
  readonly #unzipping: Unzipping;

  constructor(codec: number, unzipping: Unzipping) {
    this.#codec = codec;
    this.#unzipping = unzipping;
  }

  get heldBytes(): number {
    return this.#unzipping.heldBytes;
  }

  next(done: (piece: Uint8Array | null | RecordsError) => void): void {
    this.#unzipping.next((piece) => {
      done(piece === null || piece instanceof Uint8Array ? piece : recordsError(this.#codec, piece));
    });
  }

  close(): void {
    this.#unzipping.close();
  }
}

/** A piece per block. */
class SnappyPieces implements BodyPieces {
  readonly heldBytes: number;
  readonly #blocks: readonly Uint8Array[];
  readonly #zip: Zip;
  readonly #bytesMax: number;
  #next = 0;
  #bytes = 0;
  #block: Unzipping | null = null;

  constructor(blocks: readonly Uint8Array[], zip: Zip, bytesMax: number) {
    this.#blocks = blocks;
    this.#zip = zip;
    this.#bytesMax = bytesMax;
    const largest = blocks.reduce((bytes, block) => Math.max(bytes, snappyBlockBytes(block)), 0);
    this.heldBytes = Math.min(largest, bytesMax);
  }

  next(done: (piece: Uint8Array | null | RecordsError) => void): void {
    this.#block ??= this.#zip.unzip("snappy-block", this.#blocks[this.#next]!, this.#bytesMax - this.#bytes);
    this.#block.next((piece) => this.#arrived(piece, done));
  }

  close(): void {
    this.#block?.close();
  }

  #arrived(
    piece: Uint8Array | null | ZipError,
    done: (piece: Uint8Array | null | RecordsError) => void,
  ): void {
    if (piece instanceof Uint8Array) {
      this.#bytes += piece.length;
      done(piece);
    } else if (piece !== null) done(recordsError(COMPRESSION_SNAPPY, piece));
    else if (this.#next + 1 === this.#blocks.length) done(null);
    else {
      this.#block?.close();
      this.#block = null;
      this.#next += 1;
      this.next(done);
    }
  }
}
