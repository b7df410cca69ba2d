// Bounds of dumping files.

/** Bytes read from a log file at once; a batch beyond it is read by itself. */
export const READ_AHEAD_BYTES: number = 1024 * 1024;
/** Bytes that one index, snapshot or transaction index may have to be read whole. */
export const INDEX_FILE_BYTES_MAX: number = 256 * 1024 * 1024;
/** Characters of output collected before they are written. */
export const OUTPUT_CHARACTERS: number = 64 * 1024;
