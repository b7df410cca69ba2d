// Every bound of this package in one place. Sizes in bytes, times in milliseconds.

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes read at a time when a partition is loaded. */
export const LOAD_SLICE_BYTES: number = 256 * KIB;

/** Records replayed per slice then; one to two milliseconds of work, of code that has hardly run before. */
export const LOAD_SLICE_RECORDS = 256;

/** What one batch of a coordinator's log may unfold to when it is compressed. */
export const LOADED_BATCH_BYTES_MAX: number = 64 * MIB;

/** Groups, or partitions of groups, that are asked in one piece. */
export const GROUPS_PER_PIECE = 16;

/**
 * Offsets of a request above which records are made and encoded in slices, before the group is asked; and
 * those beyond which they are not, since no batch holds so many.
 */
export const COMMITTED_AT_ONCE_MAX = 500;
export const COMMITTED_IN_SLICES_MAX = 50_000;

/** A load that failed is tried again after this time. */
export const LOAD_RETRY_MS = 1000;

/** Writes of one partition that wait for their commit; more are answered COORDINATOR_NOT_AVAILABLE. */
export const PENDING_WRITES_MAX = 100_000;

/** Timers that run in one slice. */
export const TIMERS_PER_SLICE = 256;

/** Bytes around key and value of a record in a batch, at most, and of a batch around its records. */
export const RECORD_OVERHEAD_BYTES = 36;

/** Members that were given an id and have not come back with it, per group. */
export const PENDING_MEMBERS_MAX = 10_000;

/**
 * Bytes that live groups, their members with metadata and assignments, and ids given out may hold, over all
 * groups of a coordinator.
 */
export const MEMBER_BYTES_MAX: number = 128 * MIB;

/** Of them, bytes of one group: its leader is told all its members' metadata in one answer. */
export const GROUP_BYTES_MAX: number = 64 * MIB;

/** What a live group counts for besides its members, and what an id that was given out does. */
export const GROUP_OVERHEAD_BYTES: number = 4 * KIB;
export const PENDING_MEMBER_BYTES: number = KIB;

/** Bytes a member counts for besides its metadata and assignment. */
export const MEMBER_OVERHEAD_BYTES: number = 2 * KIB;

/** A member whose id is not known to its client yet is forgotten after this time (Kafka: a constant, too). */
export const NEW_MEMBER_JOIN_TIMEOUT_MS: number = 5 * 60 * 1000;

/** Groups that one slice of the offset expiry looks at, and the tombstones after which it ends early. */
export const EXPIRY_GROUPS_PER_SLICE = 500;
export const EXPIRY_RECORDS_PER_SLICE = 1000;
