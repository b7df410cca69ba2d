// Limits of the metadata package, with units.

/** Bytes of one append to a MetaLog, in every engine. A larger atomic decision is refused before replay. */
export const META_LOG_BATCH_BYTES_MAX: number = 512 * 1024;

/** Bytes an engine hands out per read; at least one entry goes out. */
export const META_LOG_READ_BYTES_MAX: number = 1024 * 1024;

/** Records one decision may make (Kafka: MAX_RECORDS_PER_USER_OP). */
export const DECISION_RECORDS_MAX: number = 10_000;

/**
 * Decisions that wait for their commit; more are answered with THROTTLING_QUOTA_EXCEEDED's kin, a retriable
 * error.
 */
export const PENDING_DECISIONS_MAX: number = 10_000;

/** Bytes of records held back between BeginTransactionRecord and EndTransactionRecord. */
export const TRANSACTION_BYTES_MAX: number = 64 * 1024 * 1024;

/** Partitions a topic may have by its records; a bound on sparse arrays, not a policy. */
export const PARTITIONS_PER_TOPIC_MAX: number = 1_000_000;

/** Bytes of a snapshot file that is read whole. */
export const SNAPSHOT_BYTES_MAX: number = 1024 * 1024 * 1024;

/** Bytes of records in one batch of a snapshot file: made in one piece, in about a millisecond. */
export const SNAPSHOT_BATCH_BYTES: number = 64 * 1024;

/** Taken first for the frame of a record: most are no larger. */
export const FRAME_BYTES_FIRST = 64;

/** Memory that the frames of very many records share, at a time. */
export const FRAMES_CHUNK_BYTES: number = 16 * 1024;

/** A decision of more records is replayed and written in slices, while nothing else is decided. */
export const DECISION_RECORDS_AT_ONCE = 512;

/** Bytes between two entries of the metadata log's offset index. */
export const INDEX_INTERVAL_BYTES: number = 4096;

/** Producer ids per block (KIP-730). */
export const PRODUCER_ID_BLOCK_SIZE: number = 1000;

/**
 * Bytes of a batch that another implementation may have written (Kafka: MAX_BATCH_SIZE_BYTES), with room for
 * the header.
 */
export const META_LOG_FOREIGN_BATCH_BYTES_MAX: number = 9 * 1024 * 1024;

/** Partitions that one request may create (Kafka: MAX_PARTITIONS_PER_BATCH). */
export const PARTITIONS_PER_REQUEST_MAX: number = 10_000;

/** Length of a stored setting (Kafka: Short.MAX_VALUE). */
export const CONFIG_VALUE_CHARACTERS_MAX: number = 32_767;

/** Tries of one append whose outcome stays unknown. */
export const APPEND_ATTEMPTS_MAX: number = 10;
