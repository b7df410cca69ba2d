// Ways to break how records go in order, and what must survive a sync that failed: compaction, retention, log
// starts, the metadata log. Noticed by the world of records, or by the unit tests where it seldom comes to it.
import type { Breakage } from "./breakage.ts";

const SIMULATOR = "world records";
const META_LOG_TEST = "metadata/src/meta-log/engines/embedded/embedded-meta-log.test.ts";

export const trimBreakages: readonly Breakage[] = [
  {
    name: "compaction drops the last value of a key",
    file: "log/src/cleaner/rewrite/retained-records.ts",
    find: "return offset >= this.#map.get(this.#body.bytes",
    replace: "return offset > this.#map.get(this.#body.bytes",
    caughtBy: SIMULATOR,
  },
  {
    name: "compaction gives tombstones no time",
    file: "log/src/cleaner/rewrite/filter-batch.ts",
    find: "Math.min(rules.nowMs + rules.deleteRetentionMs, Number.MAX_SAFE_INTEGER)",
    replace: "Math.min(rules.nowMs, Number.MAX_SAFE_INTEGER)",
    caughtBy: SIMULATOR,
  },
  {
    name: "compaction drops the last batch of a producer",
    file: "log/src/cleaner/rewrite/filter-batch.ts",
    find: "const staysEmpty = isLastOfProducer(bytes, at, rules) || lastOffset",
    replace: "const staysEmpty = lastOffset",
    caughtBy: SIMULATOR,
  },
  {
    name: "a swap takes the old segments before the new one's name is sure",
    file: "log/src/cleaner/swap-segments.ts",
    find: "  disk.syncDirectory(local.directory);\n  retire(old);",
    replace: "  retire(old);",
    caughtBy: SIMULATOR,
  },
  {
    name: "a swap that a crash cut short is not completed",
    file: "log/src/recovery/sort-files.ts",
    find: "if (removeReplaced(disk, directory, names)) {",
    replace: "if (names.length < 0 && removeReplaced(disk, directory, names)) {",
    caughtBy: SIMULATOR,
  },
  {
    name: "deleted records are told of before their log start is saved",
    file: "broker/src/handlers/delete-records.ts",
    find: "else broker.logs.saveStart(log, (error) => settled(error === null));",
    replace: "else settled(true);",
    caughtBy: SIMULATOR,
  },
  {
    name: "log starts are not saved",
    file: "log/src/directory/offset-checkpoints.ts",
    find: "(log) => (log.isStartMoved ? log.logStartOffset : null)",
    replace: "(log) => (log.isStartMoved ? null : null)",
    caughtBy: SIMULATOR,
  },
  {
    name: "retention takes young segments",
    file: "log/src/retention.ts",
    find: "return nowMs - newest > log.config.retentionMs;",
    replace: "return nowMs - newest > log.config.retentionMs / 2;",
    caughtBy: SIMULATOR,
  },
  {
    name: "retention takes the last word on producers",
    file: "log/src/retention.ts",
    find: "if (state.snapshotOffsets.includes(first.baseOffset)) break;",
    replace: "if (state.snapshotOffsets.length >= 0) break;",
    also: {
      file: "log/src/recovery/rebuild-producer-state.ts",
      find: "Math.max(range.reindexFrom ?? range.logEndOffset, firstOffset)",
      replace: "range.reindexFrom ?? range.logEndOffset",
    },
    caughtBy: "log/src/retention.test.ts",
  },
  {
    name: "the metadata log believes what a failed sync left in the cache",
    file: "metadata/src/meta-log/engines/embedded/open-directory.ts",
    find: "for (const segment of scan.found().segments) segment.writeAnew();",
    replace: "",
    caughtBy: SIMULATOR,
  },
  {
    name: "the metadata log forgets which segment goes first",
    file: "metadata/src/meta-log/engines/embedded/open-directory.ts",
    find: "  }\n  disk.syncDirectory(directory);\n}",
    replace: "  }\n}",
    caughtBy: META_LOG_TEST,
  },
  {
    name: "a truncation is not durable before the next append",
    file: "log/src/partition-log.ts",
    find: "    // Else a crash could find what was cut off before a segment that began after the cut.\n    this.#owner.syncNow(this);\n",
    replace: "",
    caughtBy: "log/src/recovery/crash.test.ts",
  },
];
