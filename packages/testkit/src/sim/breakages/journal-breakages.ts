// Ways to break the sync journal of a log directory on purpose.
import type { Breakage } from "./breakage.ts";

const SIMULATOR = "world records";
const JOURNAL_TEST = "log/src/journal/sync-journal.test.ts";

/** What the world of records, or the journal's own tests where no log is cut in that world, notice. */
export const journalBreakages: readonly Breakage[] = [
  {
    name: "sync journal: what is in it counts before its fdatasync",
    file: "log/src/journal/sync-journal.ts",
    find: "    file.sync((error) => {\n",
    replace: "    file.readLater(new Uint8Array(1), 0, (error) => {\n",
    caughtBy: SIMULATOR,
  },
  {
    name: "sync journal: a half is used again before the logs' own files are synced",
    file: "log/src/journal/journal-half.ts",
    find: "return this.unsynced.size === 0;",
    replace: "return this.unsynced.size >= 0;",
    caughtBy: SIMULATOR,
  },
  {
    name: "sync journal: recovery does not look into it",
    file: "log/src/recovery/open-log.ts",
    find: "journaled: options.journaled?.segment(segment.baseOffset, options.recoveryPoint) ?? null,",
    replace: "journaled: null,",
    caughtBy: SIMULATOR,
  },
  {
    name: "sync journal: the recovery point moves with it",
    file: "log/src/partition-log.ts",
    find: "return Math.min(this.fileSyncedEndOffset, this.#opened.epochs.unsavedFrom);",
    replace: "return Math.min(this.survivingEndOffset, this.#opened.epochs.unsavedFrom);",
    caughtBy: SIMULATOR,
  },
  {
    name: "sync journal: gone before the logs' files are recovered from it",
    file: "log/src/directory/open-directory.ts",
    find: "if (readCleanShutdownMarker(disk, path) !== null) removeSyncJournal(disk, path);",
    replace: "removeSyncJournal(disk, path);",
    caughtBy: SIMULATOR,
  },
  {
    name: "sync journal: what was cut off a log stays in it",
    file: "log/src/partition-log.ts",
    find: "    this.mirror?.lost();\n    this.#owner.forgetJournaled(this);\n",
    replace: "    this.mirror?.lost();\n",
    caughtBy: JOURNAL_TEST,
  },
  {
    name: "sync journal: records of a deleted topic are given to one of the same name",
    file: "log/src/journal/journaled-logs.ts",
    find: "return `${name}/${topicId}`;",
    replace: "return `${name}/${topicId.length}`;",
    also: {
      file: "log/src/journal/sync-journal.ts",
      find: "if (!this.#halves.some((half) => half.present.has(key))) return;",
      replace: "if (this.#halves.some((half) => half.present.has(key))) return;",
    },
    caughtBy: JOURNAL_TEST,
  },
];
