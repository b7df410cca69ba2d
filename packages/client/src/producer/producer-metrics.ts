// What a producer counts.

/** Counts since the producer began. */
export interface ProducerCounters {
  /** Delivered. */
  records: number;
  /** Records given up. */
  errors: number;
  /** Records sent again. */
  retries: number;
  requests: number;
  batches: number;
  /** Of batches as sent, tries included. */
  bytes: number;
}

/** Counts, and how the memory stands. */
export interface ProducerMetrics extends Readonly<ProducerCounters> {
  readonly bufferTotalBytes: number;
  readonly bufferAvailableBytes: number;
  /** Calls of `send` that wait for memory or metadata. */
  readonly waiting: number;
}
