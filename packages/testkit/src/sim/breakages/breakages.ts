// Ways to break the broker on purpose. Each must be noticed by the simulator, or by the named unit tests
// where the simulated world is not meant to reach it: a check of the checkers. `find` stands exactly once in
// its file.
import type { Breakage } from "./breakage.ts";
import { compactionBreakages } from "./compaction-breakages.ts";
import { groupBreakages } from "./group-breakages.ts";
import { journalBreakages } from "./journal-breakages.ts";
import { moveBreakages } from "./move-breakages.ts";
import { recoveryBreakages } from "./recovery-breakages.ts";
import { trimBreakages } from "./trim-breakages.ts";

const SIMULATOR = "world records";

/** What the world of records or a unit test notices. */
const recordBreakages: readonly Breakage[] = [
  {
    name: "acks=all answered before fdatasync",
    file: "broker/src/partition/partition.ts",
    find: "ownDurableEnd: log.durableEndOffset",
    replace: "ownDurableEnd: log.writtenEndOffset",
    caughtBy: SIMULATOR,
  },
  {
    name: "acks=all waits for written, as acks=1 does",
    file: "broker/src/partition/partition.ts",
    find: "else if (requiredAcks === 1) {",
    replace: "else if (requiredAcks !== 0) {",
    caughtBy: SIMULATOR,
  },
  {
    name: "high watermark from the log's end",
    file: "broker/src/partition/partition.ts",
    find: "ownDurableEnd: log.durableEndOffset",
    replace: "ownDurableEnd: log.logEndOffset",
    caughtBy: SIMULATOR,
  },
  {
    name: "consumers read to the log's end",
    file: "broker/src/partition/partition.ts",
    find: 'return reader === "read-committed" ? this.#log.lastStableOffset : this.#log.highWatermark;',
    replace: "return this.#log.logEndOffset;",
    caughtBy: SIMULATOR,
  },
  {
    name: "recovery believes a torn batch",
    file: "log/src/recovery/recover-segment.ts",
    find: "batchProblem(cursor.bytes, cursor.at) === null\n",
    replace: "batchProblem(cursor.bytes, cursor.at) !== undefined\n",
    caughtBy: SIMULATOR,
  },
  {
    name: "segments behind a hole stay in the log",
    file: "log/src/recovery/open-log.ts",
    find: "return endOffset < nextBase && endOffset >= sureEndOf(options) && nextBase > options.logStartOffset;",
    replace: "return options.recoveryPoint < 0;",
    caughtBy: SIMULATOR,
  },
  {
    name: "recovery does not sync what it believed",
    file: "log/src/recovery/open-log.ts",
    find: "    toSync.push(segment.log);\n",
    replace: "",
    caughtBy: SIMULATOR,
  },
  {
    name: "what a failed sync left in the cache is believed",
    file: "log/src/recovery/open-log.ts",
    find: "if (options.hasFailedSync) yield* writeAnew(segment);",
    replace: "",
    caughtBy: "world records",
  },
  {
    name: "producer state not rebuilt after a crash",
    file: "log/src/recovery/rebuild-producer-state.ts",
    find: "if (fromOffset < range.logEndOffset) {",
    replace: "if (fromOffset < 0) {",
    caughtBy: SIMULATOR,
  },
  {
    name: "producer snapshot loaded that lies beyond the log's end",
    file: "log/src/producer-state/producer-snapshots.ts",
    find: "this.#offsets = this.#offsets.filter((each) => each !== offset);",
    replace: "if (offset >= 0) return;",
    also: {
      find: "if (offset === undefined || offset > to || offset < from) continue;",
      replace: "if (offset === undefined || offset < from) continue;",
    },
    caughtBy: "log/src/producer-state/producer-snapshots.test.ts",
  },
  {
    name: "producer snapshot keeps the last batch alone",
    file: "log/src/producer-state/producer-snapshot.ts",
    find: "for (const batch of entry.batches.length === 0 ? [null] : entry.batches) {",
    replace: "for (const batch of [newest, ...entry.batches.slice(1).map(() => newest)]) {",
    caughtBy: SIMULATOR,
  },
  {
    name: "duplicates are not looked for",
    file: "log/src/producer-state/producer-state.ts",
    find: 'if (batch !== null) return { kind: "duplicate", batch };',
    replace: 'if (batch === undefined) return { kind: "duplicate", batch };',
    caughtBy: SIMULATOR,
  },
  {
    name: "sequences are not checked",
    file: "log/src/producer-state/producer-state.ts",
    find: "return isInSequence(entry.lastSequence, sequence);",
    replace: "return isInSequence(entry.lastSequence, sequence) || sequence > entry.lastSequence;",
    caughtBy: SIMULATOR,
  },
  {
    name: "time index names the offset after the right one",
    file: "log/src/segment/log-segment.ts",
    find: "this.timeIndex.maybeAppend(this.maxTimestamp, this.offsetOfMaxTimestamp);\n      this",
    replace: "this.timeIndex.maybeAppend(this.maxTimestamp, this.offsetOfMaxTimestamp + 1);\n      this",
    caughtBy: SIMULATOR,
  },
  {
    name: "indexes that a crash left with holes are believed",
    file: "log/src/recovery/recover-segment.ts",
    find: "const areSane = areLoaded && offsetIndex.ascends() && timeIndex.ascends();",
    replace: "const areSane = areLoaded;",
    caughtBy: "log/src/recovery/recover-segment.test.ts",
  },
  {
    name: "recovery starts behind what a lost time index knew",
    file: "log/src/recovery/recover-segment.ts",
    find: "offsetIndex.truncateTo(timeIndex.entries === 0 ? segment.baseOffset : timeIndex.lastOffset + 1);",
    replace: "",
    caughtBy: "log/src/recovery/recover-segment.test.ts",
  },
  {
    name: "recovery point ahead of what is durable",
    file: "log/src/partition-log.ts",
    find: "return Math.min(this.fileSyncedEndOffset, this.#opened.epochs.unsavedFrom);",
    replace: "return this.logEndOffset;",
    caughtBy: SIMULATOR,
  },
  {
    name: "a new segment's name is not synced",
    file: "log/src/sync-files.ts",
    find: "  if (!local.hasNewNames) {\n",
    replace: "  if (local.nameChanges >= 0) {\n    local.namesSynced(local.nameChanges);\n",
    caughtBy: SIMULATOR,
  },
  {
    name: "records of a new log count before its directory's name is durable",
    file: "log/src/directory/log-creation.ts",
    find: "    this.#names.sync(ended);\n",
    replace: "    ended(null);\n",
    caughtBy: SIMULATOR,
  },
  {
    name: "records of a new log count before it is durable of which topic they are",
    file: "log/src/directory/log-creation.ts",
    find: "    file.sync(ended);\n",
    replace: "    ended(null);\n",
    caughtBy: SIMULATOR,
  },
  {
    name: "records found after a crash count though their log's creation was not durable",
    file: "log/src/recovery/open-log.ts",
    find: "  if (creation === null && !options.isClean) options.creation?.syncNow();\n",
    replace: "",
    caughtBy: "log/src/log-manager.test.ts",
  },
  {
    name: "a roll forgets that the old segment is to be synced",
    file: "log/src/local-log.ts",
    find: "      this.#unsynced.add(active);\n    }\n    this.#writtenEndOffset",
    replace:
      "      this.#unsynced.clear();\n      this.#unsynced.add(active);\n    }\n    this.#writtenEndOffset",
    caughtBy: SIMULATOR,
  },
  {
    name: "a clean stop does not sync",
    file: "log/src/sync-files.ts",
    find: "if (file.exists()) file.opened().syncNow();",
    replace: "if (file.exists()) file.opened();",
    caughtBy: SIMULATOR,
  },
  {
    name: "a crashed directory is taken for one that was stopped cleanly",
    file: "log/src/directory/open-directory.ts",
    find: "const wasClean = takeCleanShutdownMarker(disk, path) !== null &&",
    replace: "const wasClean = takeCleanShutdownMarker(disk, path) !== undefined &&",
    caughtBy: SIMULATOR,
  },
  {
    name: "the controller answers before the commit",
    file: "metadata/src/controller/append-queue.ts",
    find: "else if (this.#lastQueuedOffset < this.#tail) waiter.committed();",
    replace: "else if (this.#lastQueuedOffset >= 0) waiter.committed();",
    caughtBy: SIMULATOR,
  },
  {
    name: "the metadata log counts before it is synced",
    file: "metadata/src/meta-log/engines/embedded/metadata-segment.ts",
    find: "    this.log.sync(done);\n",
    replace: "    this.log.readLater(new Uint8Array(1), 0, (error) => done(error));\n",
    caughtBy: SIMULATOR,
  },
  {
    name: "acks that wait for a log that failed go on waiting",
    file: "broker/src/partition/partition.ts",
    find: "    this.#acks.fail(errors.KAFKA_STORAGE_ERROR);\n",
    replace: "",
    caughtBy: SIMULATOR,
  },
  {
    name: "an ack is asked for that belongs to a log before its failure",
    file: "broker/src/partition/partition.ts",
    find: "else if (this.#logFailures !== appended.logFailures) wait",
    replace: "else if (this.#logFailures < appended.logFailures) wait",
    caughtBy: "broker/src/handlers/produce.test.ts",
  },
  {
    name: "a log that opens again does not tell what is durable in it",
    file: "log/src/partition-log.ts",
    find: '    this.listener.written(this);\n    if (this.config.durability === "fsync") this.listener.durable(this);\n',
    replace: "",
    caughtBy: "broker/src/handlers/produce.test.ts",
  },
  {
    name: "replies leave in the order of their answers",
    file: "broker/src/connection/client-connection.ts",
    find: "    const slots = this.#slots;\n    let count = 0;\n",
    replace:
      "    const slots = this.#slots.sort((a, b) => Number(b.isAnswered) - Number(a.isAnswered));\n" +
      "    let count = 0;\n",
    caughtBy: SIMULATOR,
  },
  {
    name: "a session forgets the new position of a partition",
    file: "broker/src/fetch-session/fetch-session.ts",
    find: "if (known !== undefined) known.wish = wish;",
    replace: "if (known !== undefined) known.wish ??= wish;",
    caughtBy: SIMULATOR,
  },
  {
    name: "a tail block is reused while a reply still shows it",
    file: "log/src/tail/tail-block-pool.ts",
    find: "if (block.leases === 0) this.#reclaim(block);\n    else this.#heldBySlicesBytes += block.memory.length;",
    replace: "this.#reclaim(block);",
    caughtBy: SIMULATOR,
  },
];

/** Every breakage. */
export const breakages: readonly Breakage[] = [
  ...recordBreakages,
  ...journalBreakages,
  ...compactionBreakages,
  ...trimBreakages,
  ...moveBreakages,
  ...recoveryBreakages,
  ...groupBreakages,
];
