// Bounds of printing records.

/** Bytes of output collected before they are written. */
export const OUTPUT_BYTES: number = 64 * 1024;
/** Longest wait of one poll; a longer --timeout-ms takes several. */
export const POLL_MS_MAX: number = 2 ** 31 - 1;
