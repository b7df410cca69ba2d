// Bounds of reading and writing record batches.

/**
 * Decompressed bytes a batch may hold per byte a partition accepts compressed. Text at its best shrinks
 * some 20 times.
 */
export const DECOMPRESSION_RATIO_MAX = 64;
/** Decompressed bytes any batch may hold. */
export const DECOMPRESSED_BYTES_MAX: number = 64 * 1024 * 1024;
/** Compressed bodies up to this size are handled on the loop; larger ones go through the "later" doors. */
export const SYNC_COMPRESSED_BYTES_MAX: number = 64 * 1024;
/** Records of one batch that a validation names one by one; the others only count. */
export const BAD_RECORDS_MAX = 1000;
/** Uncompressed bytes per block when writing snappy, as Kafka's producer frames it. */
export const SNAPPY_BLOCK_BYTES: number = 32 * 1024;
/** Snappy blocks in one body: 64 MiB in blocks of 32 KiB are 2,048; each block costs a call. */
export const SNAPPY_BLOCKS_MAX = 16_384;

/** Cap on what a batch of a partition with `max.message.bytes` = `messageBytesMax` may decompress to. */
export function decompressedBytesMax(messageBytesMax: number): number {
  return Math.min(DECOMPRESSION_RATIO_MAX * messageBytesMax, DECOMPRESSED_BYTES_MAX);
}
