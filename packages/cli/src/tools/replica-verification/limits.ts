// Bounds of kafka-replica-verification. Times in milliseconds, sizes in bytes.

export const CONNECT_TIMEOUT_MS = 10_000;

/** Beside what a request may wait. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** Brokers answer a Fetch with `fetch.max.bytes` at most, 55 MiB unless somebody changed that. */
export const RESPONSE_BYTES_MAX: number = 512 * 1024 * 1024;

/** After a broker did not answer. */
export const RETRY_MS = 100;
