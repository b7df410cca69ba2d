// Bounds of reading standard input.

/**
 * Bytes of one line. A producer refuses far shorter ones; this keeps a stream without line ends out of
 * memory.
 */
export const LINE_BYTES_MAX: number = 256 * 1024 * 1024;
