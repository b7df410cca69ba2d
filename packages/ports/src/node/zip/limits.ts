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
