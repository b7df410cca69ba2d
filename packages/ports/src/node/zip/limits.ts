// Bounds of this folder's decoders.

/**
 * Frames or members in one compressed body. Producers write one; each further one costs a decoder of its
 * own.
 */
export const FRAMES_MAX = 64;
/**
 * No snappy element yields more than 64 bytes from 3: a preamble that announces more than this ratio lies.
 */
export const SNAPPY_RATIO_MAX = 22;
/**
 * Decoded bytes up to which the pure snappy and LZ4 decoders beat a call into native code (measured: 1.2 to
 * 5 times at 0.2 to 64 kB).
 */
export const PURE_BYTES_MAX = 65_536;
/** Windows of zstd: of what levels up to 19 write, and the largest that a consumer's decoder takes. */
export const ZSTD_WINDOW_BYTES_USUAL: number = 8 * 1024 * 1024;
export const ZSTD_WINDOW_LOG_MAX = 27;

/**
 * A body that is opened in pieces comes at once when it says that it holds less than this: an ordinary one.
 */
export const SINGLE_PIECE_BYTES_MAX: number = 2 * 1024 * 1024;
/** A piece of a larger one, and the least that a decoder writes into. */
export const PIECE_BYTES: number = 1024 * 1024;
export const PIECE_BYTES_MIN = 16_384;
/** Output of one LZ4 body that may come from a native, whose memory stays until a collection. */
export const LZ4_NATIVE_BYTES_MAX: number = 4 * 1024 * 1024;
/** A checksum on the loop goes over so much at a time: less than a millisecond. */
export const CHECKSUM_BYTES_PER_TURN: number = 1024 * 1024;
