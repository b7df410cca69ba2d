// Every bound of this package in one place. Sizes in bytes, times in milliseconds.

const KIB = 1024;
const MIB = 1024 * KIB;

/** Compressed bodies up to this size are opened on the loop; larger ones on the pool. */
export const ZIP_ON_LOOP_BYTES_MAX: number = 64 * KIB;

/**
 * What a body opened on the loop may unfold to; one that holds more goes to the pool, however small it is
 * compressed.
 */
export const UNZIP_ON_LOOP_BYTES_MAX: number = MIB;

/**
 * What an ordinary body on the pool takes while it is open: pieces and a codec's window, or all of it when it
 * is compressed anew. One that takes more goes to the lane for huge ones.
 */
export const UNZIP_NARROW_BYTES_MAX: number = 4 * MIB;

/** Records of a batch judged in one step; a compressed batch can hold millions. */
export const RECORDS_PER_SLICE = 50_000;

/** Bodies open at a time, ordinary and huge ones. */
export const UNZIP_NARROW_IN_FLIGHT_MAX = 4;
export const UNZIP_WIDE_IN_FLIGHT_MAX = 1;

/**
 * What a stored batch may unfold to when a look-up by time opens it; appends have protocol's smaller bound.
 */
export const STORED_BODY_BYTES_MAX: number = 128 * MIB;

/** Sizes of tail blocks; a larger batch gets a block of its own size. */
export const TAIL_BLOCK_BYTES: readonly number[] = [4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB + 64 * KIB];

/** The largest block that is borrowed for more than one batch. */
export const TAIL_BLOCK_SHARED_BYTES_MAX: number = 256 * KIB;

/** Tail blocks of all logs together, unless the owner gives another budget. */
export const TAIL_CACHE_BYTES_DEFAULT: number = 32 * MIB;

/** Free blocks kept for reuse. */
export const TAIL_FREE_BYTES_MAX: number = 8 * MIB;

/** A block remembers the position of a batch about every so many bytes. */
export const TAIL_MARK_BYTES: number = 4 * KIB;

/** A log that was not appended to for this long gives its blocks back. */
export const TAIL_IDLE_MS = 30_000;

/** Reads up to this size are done on the loop when the range is warm: what consumers ask of a partition. */
export const READ_ON_LOOP_BYTES_MAX: number = MIB;

/** Reads on the loop take at most about this share of each window; the pool does the others. */
export const LOOP_READ_SHARE_MS = 3;
export const LOOP_READ_WINDOW_MS = 6;

/**
 * A read on the loop that took longer met pages that were not cached: for a while the pool does all reads.
 */
export const LOOP_READ_SLOW_MS = 2;
export const LOOP_READS_OFF_MS = 1_000;

/** One read of one partition; a larger first batch still comes whole. */
export const READ_BYTES_MAX: number = 32 * MIB;

/** Segments counted from the newest whose pages are taken to be in the page cache. */
export const WARM_SEGMENTS = 2;

/**
 * Free read buffers kept for reuse: two answers of a consumer that reads sixteen partitions at its default of
 * 1 MiB each. Fresh memory costs a page fault every 4 KiB and keeps the collector busy.
 */
export const READ_FREE_BYTES_MAX: number = 34 * MIB;

/** Bytes of read buffers lent at a time, unless the owner gives another bound. */
export const READ_LENT_BYTES_DEFAULT: number = 128 * MIB;

/** One read takes at most one over this of what may still be lent. */
export const READ_ALLOWANCE_SHARE = 4;

/**
 * Data starts this far into a read buffer: a copy from a page multiple to a page plus 1 to 31 runs five times
 * slower on Zen 3 and 4.
 */
export const READ_BUFFER_LEAD_BYTES = 112;

/** Headers are looked for in pieces of this size. */
export const SCAN_CHUNK_BYTES: number = 16 * KIB;

/** Recovery reads and checks in pieces of this size. */
export const RECOVERY_CHUNK_BYTES: number = MIB;

/**
 * An offset index that knows nothing of so many bytes at the end of its segment has lost entries:
 * `index.interval.bytes` is 4 KiB as a rule, and whoever sets it higher pays with a check at each start.
 */
export const INDEX_GAP_BYTES_MAX: number = 4 * MIB;

/** Logs looked after in one piece: those with index entries to write take the disk. */
export const LOGS_TICKED_PER_PIECE: number = 32;

/** Lines of a checkpoint that are compared, or encoded, in one piece. */
export const CHECKPOINT_LINES_PER_PAGE = 1024;

/** Bytes of a log that recovery checks in one piece: about a millisecond. */
export const RECOVERY_PIECE_BYTES: number = MIB;

/** Batches kept per producer to recognise a repeated send (KIP-98; as Apache Kafka). */
export const PRODUCER_BATCHES_MAX = 5;

/** Open files of all logs: this share of the process's limit, within these bounds. */
export const OPEN_FILES_SHARE = 0.25;
export const OPEN_FILES_MIN = 16;
export const OPEN_FILES_MAX = 16_384;

/** Open files of logs that close at once when the system has no descriptor left. */
export const FILES_CLOSED_IN_NEED = 16;

/** A checkpoint file larger than this is not read. */
export const CHECKPOINT_BYTES_MAX: number = 64 * MIB;

/** fdatasync calls in flight over all directories: half of the smallest pool this design allows. */
export const SYNCS_IN_FLIGHT_MAX = 4;

/**
 * With so many in flight a log waits, and gathers appends, before its own begins: 16 partitions with batches
 * of 64 kB cost 9,200 syncs per GB with four in flight at once, 6,500 with two, at the same throughput.
 */
export const SYNCS_PATIENT_MIN = 2;
export const SYNC_PATIENCE_MS = 20;

/** How often ends are checkpointed and failed logs are opened again. */
export const CHECKPOINT_INTERVAL_MS = 1_000;

/** A read of damage is told in the log this often at most. */
export const CORRUPT_READ_TOLD_MS = 10_000;

/** The scrub reads and checks in pieces of this size: well below a millisecond. */
export const SCRUB_CHUNK_BYTES: number = 256 * KIB;

/** The scrub begins this long after a start, and a round this long after the one before. */
export const SCRUB_FIRST_MS = 60_000;
export const SCRUB_ROUND_MS = 3_600_000;

/** Idle blocks are not returned more often than this. */
export const HOUSEKEEPING_INTERVAL_MS = 10_000;

/** Files whose deletion was asked for, removed per tick. */
export const FILES_REMOVED_PER_TICK_MAX = 64;

/** Longest name of a directory entry (as the usual file systems). */
export const FILE_NAME_BYTES_MAX = 255;

/** Groups of the sync journal begin at multiples of this, so that none shares a page with an older one. */
export const JOURNAL_PAGE_BYTES: number = 4 * KIB;

/** A log with more than this to sync goes to its own file: there its bytes are written once. */
export const JOURNAL_RUN_BYTES_MAX: number = 16 * KIB;

/** What one write to the sync journal takes of all logs. */
export const JOURNAL_GROUP_BYTES_MAX: number = MIB;

/** A sync journal with fewer bytes than this is none; one with more is not read. */
export const JOURNAL_BYTES_MIN: number = 32 * KIB;
export const JOURNAL_BYTES_MAX: number = 256 * MIB;

/** Small syncs after which a journal is worth its preparation. */
export const JOURNAL_AFTER_SMALL_SYNCS = 4;

/** Zeros written and synced in one step of preparing a journal: others wait for the disk meanwhile. */
export const JOURNAL_ZEROS_BYTES: number = 256 * KIB;

/** A journal that could not be prepared (a full disk, say) is tried again after this. */
export const JOURNAL_RETRY_MS = 60_000;

/** The files behind one half are synced by the time the other one is so full. */
export const JOURNAL_RELEASED_BY_SHARE = 0.75;

/** Such syncs in flight, and when the journal cannot go on without them. */
export const JOURNAL_SPARE_SYNCS_MAX = 1;
export const JOURNAL_SPARE_SYNCS_STUCK_MAX = 2;

/** So often a checkpoint that is gathered in pieces begins anew as others wrote; then it goes at once. */
export const CHECKPOINT_GATHERS_DISTURBED_MAX = 4;

/** The cleaner ends a piece of its work after so many bytes or records: well below a millisecond. */
export const CLEANER_PIECE_BYTES: number = 128 * KIB;
export const CLEANER_PIECE_RECORDS = 500;

/** A map always keeps free slots, whatever load factor is set. */
export const CLEANER_LOAD_FACTOR_MAX = 0.95;

/** Cleaning may run ahead of its allowed rate by this much. */
export const CLEANER_BURST_MS = 100;

/** Read and write buffers of one cleaning, whatever `log.cleaner.io.buffer.size` says. */
export const CLEANER_CHUNK_BYTES_MAX: number = 4 * MIB;

/** A log that had no room on its disk is not tried again before. */
export const CLEANER_POSTPONED_MS = 60_000;

/** A replica is copied to another log directory in steps of so many bytes: some milliseconds at most. */
export const MOVE_CHUNK_BYTES: number = 256 * KIB;

/** Copying may run ahead of its allowed rate by this much, and looks anew at the rate after so long. */
export const MOVE_BURST_MS = 100;
export const MOVE_WAIT_MS_MAX = 1_000;

/** Log directories wished for partitions that are not there yet; more are not remembered. */
export const PREFERRED_DIRECTORIES_MAX = 10_000;

/** What is to be done after a full disk is tried again after so long. */
export const MOVE_RETRY_MS = 1_000;

/**
 * Kept free of clients' records in each log directory, for what must go on when its disk is full: metadata,
 * committed offsets, checkpoints, a stop in order. On a small disk this share of it.
 */
export const DISK_RESERVE_BYTES: number = 64 * MIB;
export const DISK_RESERVE_SHARE = 0.05;

/** A full disk is taken to have room again when this much more than the reserve is free. */
export const DISK_RESUME_FACTOR = 1.25;

/** The room on a disk is asked for at most so often: with plenty left, and with little. */
export const DISK_ROOM_INTERVAL_MS = 1_000;
export const DISK_ROOM_SHORT_INTERVAL_MS = 100;
export const DISK_PLENTY_RESERVES = 8;

/** While a disk is full, retention looks for what may go this often. */
export const FULL_DISK_RETENTION_INTERVAL_MS = 10_000;

/** What a look at a directory changes in memory instead of on disk: indexes, snapshots, checkpoints. */
export const LOOKED_AT_FILE_BYTES_MAX: number = 256 * MIB;

/** Log directories are looked at with so many files open. */
export const LOOK_OPEN_FILES_MAX = 64;
