// Limits of the client.

/** Requests on the way to one broker, where no setting says otherwise; further ones wait in this program. */
export const IN_FLIGHT_MAX = 100;

/** Requests that wait for one broker; above it they fail at once. */
export const QUEUED_REQUESTS_MAX = 10_000;

/** Largest answer that is taken: a Fetch answer of the default 50 MiB, and one oversized batch. */
export const RESPONSE_BYTES_MAX: number = 256 * 1024 * 1024;

/** Bootstrap addresses of one client. */
export const BOOTSTRAP_ADDRESSES_MAX = 1000;

/** Brokers that one client talks to are what the cluster's metadata says; more are not believed. */
export const NODES_MAX = 10_000;

/** Part by which a back-off is drawn up or down. */
export const BACK_OFF_JITTER = 0.2;

/** The software name and version that brokers are told (KIP-511). */
export const SOFTWARE_NAME = "ottla";
export const SOFTWARE_VERSION = "0.1.0";

/** Bodies above this many bytes are compressed off the loop. */
export const COMPRESSED_ON_LOOP_BYTES_MAX: number = 64 * 1024;

/** Records that wait for memory or metadata; further ones are refused at once. */
export const WAITING_RECORDS_MAX = 1_000_000;

/** Records of one batch before compression, in bytes. */
export const UNPACKED_BATCH_BYTES_MAX: number = 1024 * 1024;

/** Nodes, topics and partitions that metrics are kept apart for; the others count in the sums alone. */
export const METRIC_NODES_MAX = 1000;
export const METRIC_TOPICS_MAX = 1000;
export const METRIC_PARTITIONS_MAX = 1000;
