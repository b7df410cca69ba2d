// Compression codecs as plain byte functions. Framing that is Kafka's own (xerial around snappy) belongs to
// protocol/records. Every decompression has a cap and returns fresh, exactly sized memory.

/** Codecs of the platform: gzip and zstd streams, the LZ4 frame format, a raw snappy block. */
export type ZipCodec = "gzip" | "snappy-block" | "lz4-frame" | "zstd";

/** Why a decompression gave nothing. */
export class ZipError extends Error {
  override readonly name: string = "ZipError";
  /**
   * `too-large`: the output would pass the cap. `corrupt`: not valid data of this codec. `missing`: no
   * implementation here.
   */
  readonly reason: "too-large" | "corrupt" | "missing";
  /** What came out before the damage, when `corrupt` and the codec can tell; a tool may still show it. */
  readonly decoded: Uint8Array | null;
  constructor(
    reason: "too-large" | "corrupt" | "missing",
    message: string,
    options?: { cause?: unknown; decoded?: Uint8Array | null },
  ) {
    super(message, options);
    this.reason = reason;
    this.decoded = options?.decoded ?? null;
  }
}

/** Compressed data that is opened piece by piece, off the loop, in bounded memory. */
export interface Unzipping {
  /** Bytes that opening holds beside the pieces, as far as the data says; a codec's window, most of all. */
  readonly heldBytes: number;
  /**
   * `done` runs in a later turn with the next piece, never empty, or with null at the end, or with why there
   * is none. A piece is valid until the next call. One call at a time, none after the end.
   */
  next(done: (piece: Uint8Array | null | ZipError) => void): void;
  /** Gives memory back; no `done` runs any more. Once, also after the end. */
  close(): void;
}

/** Compression and decompression. */
export interface Zip {
  /** `level` as the codec counts it; omitted: the codec's default. */
  compress(codec: ZipCodec, data: Uint8Array, level?: number): Uint8Array;
  /**
   * Throws `ZipError`. Never returns more than `bytesMax`, and never allocates more than that plus a fixed
   * amount.
   */
  decompress(codec: ZipCodec, data: Uint8Array, bytesMax: number): Uint8Array;
  /**
   * As `compress`, off the loop; `done` runs in a later turn. The caller keeps `data` unchanged until then.
   */
  compressLater(
    codec: ZipCodec,
    data: Uint8Array,
    level: number | undefined,
    done: (result: Uint8Array | ZipError) => void,
  ): void;
  /**
   * As `decompress`, off the loop; `done` runs in a later turn. The caller keeps `data` unchanged until then.
   */
  decompressLater(
    codec: ZipCodec,
    data: Uint8Array,
    bytesMax: number,
    done: (result: Uint8Array | ZipError) => void,
  ): void;
  /**
   * As `decompressLater`, for data that may unfold to much: nobody ever holds the whole of it. What comes
   * before damage, or before the cap is passed, comes as pieces. The caller keeps `data` unchanged until
   * `close`.
   */
  unzip(codec: ZipCodec, data: Uint8Array, bytesMax: number): Unzipping;
}
