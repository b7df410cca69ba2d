// Ways to break the compaction of logs, noticed by the world of records or, where that seldom comes to it, by
// the seeded lives of a compacted log with crashes in its cleanings and swaps.
import type { Breakage } from "./breakage.ts";

const LIVES = "log/src/cleaner/compaction.test.ts";

export const compactionBreakages: readonly Breakage[] = [
  {
    name: "a failed sync of a cleaning sets its log aside and nothing else",
    file: "log/src/cleaner/log-cleaner.ts",
    find: "else if (error instanceof DiskError && isFailedSync(error)) {",
    replace: 'else if (error instanceof DiskError && isFailedSync(error) && error.code === "") {',
    caughtBy: "log/src/cleaner/log-cleaner.test.ts",
  },
  {
    name: "compaction goes beyond the last stable offset",
    file: "log/src/cleaner/cleanable-range.ts",
    find: "Math.min(log.lastStableOffset, active.baseOffset, log.recoveryPoint)",
    replace: "Math.min(active.baseOffset, log.recoveryPoint)",
    caughtBy: LIVES,
  },
  {
    name: "old segments go before the new one is synced",
    file: "log/src/cleaner/rewrite/cleaned-segment.ts",
    find: "      yield* syncOnPool(file);\n",
    replace: "",
    caughtBy: LIVES,
  },
  {
    name: "tombstones go before their delete horizon",
    file: "log/src/cleaner/rewrite/retained-records.ts",
    find: "(record.valueLength < 0 && !this.#keepsTombstones)",
    replace: "record.valueLength < 0",
    caughtBy: LIVES,
  },
  {
    name: "what a swap replaced stays beside it",
    file: "log/src/recovery/sort-files.ts",
    find: "if (removeReplaced(disk, directory, names)) {",
    replace: "if (names.length < 0 && removeReplaced(disk, directory, names)) {",
    caughtBy: "log/src/cleaner/compaction.fuzz.ts",
  },
  {
    name: "what is cut off comes back with a cleaned segment that was about to be swapped in",
    file: "log/src/local-log.ts",
    find: "    for (const file of [...(this.#swapping?.files() ?? [])].reverse()) file.remove();\n",
    replace: "",
    caughtBy: "log/src/cleaner/log-cleaner.test.ts",
  },
  {
    name: "what a cleaned segment replaces goes before the swap is durable",
    file: "log/src/cleaner/live-log.ts",
    find: "const failure = yield* this.#syncNames();",
    replace: "const failure = null as DiskError | null;\n    yield;",
    caughtBy: "log/src/cleaner/log-cleaner.test.ts",
  },
];
