// Limits of a connection to a broker.

/** Smallest possible response frame: a correlation id. */
export const RESPONSE_BYTES_MIN = 4;

/** Rest of a frame from which on bytes are received in place instead of being copied. */
export const IN_PLACE_BYTES_MIN: number = 16 * 1024;

/** Bytes that the request writer allocates at a time. */
export const WRITER_CHUNK_BYTES: number = 16 * 1024;

/**
 * Version of ApiVersions that is tried first. Version 5 would cost a second round trip with brokers that do
 * not have it yet, and tells a client nothing more.
 */
export const API_VERSIONS_VERSION_TRIED = 4;
