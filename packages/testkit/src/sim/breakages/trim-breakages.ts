// Ways to break how records go in order, and what must survive a failed sync: compaction, retention, log
// starts, the metadata log. Noticed by the world of records, or by unit tests where it seldom comes to that.
import type { Breakage } from "./breakage.ts";

const SIMULATOR = "world records";
const RETENTION_TEST = "log/src/retention.test.ts";
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
    name: "retention takes the last word on producers",
    file: "log/src/retention.ts",
    find: "if (snapshotOffsets.includes(first.baseOffset)) break;",
    replace: "if (snapshotOffsets.length >= 0) break;",
    also: {
      file: "log/src/recovery/rebuild-producer-state.ts",
      find: "Math.max(range.reindexFrom ?? range.logEndOffset, firstOffset)",
      replace: "range.reindexFrom ?? range.logEndOffset",
    },
    caughtBy: RETENTION_TEST,
  },
  {
    name: "retention does not wait until log starts are saved",
    file: "log/src/retain-logs.ts",
    find: "directory.checkpoints.saveStarts(done)",
    replace: "directory.names.sync(done)",
    caughtBy: RETENTION_TEST,
  },
  {
    name: "a log start is forgotten before what retention took is gone for good",
    file: "log/src/partition-log.ts",
    find: " || local.hasRetiredNames;",
    replace: ";",
    caughtBy: RETENTION_TEST,
  },
  {
    name: "a new log does not wait until the checkpoints forget the one before",
    file: "log/src/directory/offset-checkpoints.ts",
    find: "while (this.#stale.has(name)) yield* this.#saveAll();",
    replace: "",
    caughtBy: "log/src/log-manager.test.ts",
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
];
