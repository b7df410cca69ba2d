// Limits of the consumer.

/** Longest time that polls give records without letting the loop read and write. */
export const POLL_SLICE_MS = 5;

/** Time for goodbyes to brokers when the consumer closes, if the caller names none; Apache Kafka's. */
export const CLOSE_TIMEOUT_MS = 30_000;

/** Time beyond the rebalance timeout that a JoinGroup answer may take; Apache Kafka's. */
export const JOIN_GRACE_MS = 5000;
