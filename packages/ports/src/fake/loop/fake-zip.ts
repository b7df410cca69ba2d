// Codecs of a simulated node: the passed-in ones, which are pure, with later calls as events of the pool. The
// input is read when the event happens, so a caller that reuses it too early is found out.

import { type Unzipping, type Zip, type ZipCodec, ZipError } from "../../zip.ts";
import type { FakeLife } from "../fake-life.ts";
import { createMissingZip } from "./missing-zip.ts";

/** Codecs of one life; without `codecs` all are missing. */
export function createFakeZip(life: FakeLife, codecs: Zip | undefined): Zip {
  const later = (run: () => void) => {
    life.schedule("zip", life.drawUs(life.host.delays.poolUs), run);
  };
  if (codecs === undefined) return createMissingZip(later);
  return {
    compress: (codec, data, level) => codecs.compress(codec, data, level),
    decompress: (codec, data, bytesMax) => codecs.decompress(codec, data, bytesMax),
    compressLater: (codec, data, level, done) =>
      later(() => done(attempt(() => codecs.compress(codec, data, level)))),
    decompressLater: (codec, data, bytesMax, done) =>
      later(() => done(attempt(() => codecs.decompress(codec, data, bytesMax)))),
    unzip: (codec, data, bytesMax) => new FakeUnzipping(codecs, codec, data, bytesMax, later),
  };
}

/** Not a divisor of anything, so that cuts come in odd places. */
const PIECE_BYTES = 65_521;

/** Opens at once, hands out pieces, and overwrites each when the next is asked for. */
class FakeUnzipping implements Unzipping {
  readonly heldBytes: number = 0;
  readonly #open: () => Uint8Array | ZipError;
  readonly #later: (run: () => void) => void;
  #body: Uint8Array | ZipError | null = null;
  #at = 0;
  #lent: Uint8Array | null = null;
  #isClosed = false;

  constructor(
    codecs: Zip,
    codec: ZipCodec,
    data: Uint8Array,
    bytesMax: number,
    later: (run: () => void) => void,
  ) {
    this.#open = () => attempt(() => codecs.decompress(codec, data, bytesMax));
    this.#later = later;
  }

  next(done: (piece: Uint8Array | null | ZipError) => void): void {
    this.#lent?.fill(0xdd);
    this.#later(() => {
      if (this.#isClosed) return;
      this.#body ??= this.#open();
      if (this.#body instanceof ZipError) {
        done(this.#body);
        return;
      }
      const end = Math.min(this.#at + PIECE_BYTES, this.#body.length);
      const piece = this.#body.slice(this.#at, end);
      this.#at = end;
      this.#lent = piece;
      done(piece.length === 0 ? null : piece);
    });
  }

  close(): void {
    this.#lent?.fill(0xdd);
    this.#isClosed = true;
  }
}

function attempt(call: () => Uint8Array): Uint8Array | ZipError {
  try {
    return call();
  } catch (error) {
    if (error instanceof ZipError) return error;
    throw error;
  }
}
