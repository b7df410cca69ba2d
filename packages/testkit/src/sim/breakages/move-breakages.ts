// Ways to break what must be durable when a replica is moved to another log directory, and when a log is cut:
// noticed by the world of records, or by seeded lives of one log with a crash at any call of the disk.
import type { Breakage } from "./breakage.ts";

const SIMULATOR = "world records";
const MOVES = "log/src/future/future-log.test.ts";
const CUTS = "log/src/recovery/truncation.test.ts";
const MOVE = "log/src/future/future-log.ts";

export const moveBreakages: readonly Breakage[] = [
  {
    name: "a moved replica takes the log's place before it is durable",
    file: MOVE,
    find: "if (log.survivingEndOffset >= needed) this.#promote(log);",
    replace: "if (needed >= 0) this.#promote(log);",
    also: {
      find: "    this.directory.whenDurable(log, log.writtenEndOffset, () => {\n      this",
      replace: "    this.#host.rate.pay(0, () => {\n      this",
    },
    caughtBy: MOVES,
  },
  {
    name: "a moved replica takes the log's place without the log's last records",
    file: MOVE,
    find: "if (log.logEndOffset >= current.logEndOffset) this.#follow(log);",
    replace: "if (log.logEndOffset > 0 && log.logEndOffset + 6 >= current.logEndOffset) this.#follow(log);",
    also: {
      find: "if (log.survivingEndOffset >= needed)",
      replace: "if (log.survivingEndOffset >= Math.min(needed, log.logEndOffset))",
    },
    caughtBy: SIMULATOR,
  },
  {
    name: "records of a moved replica count before its new name is durable",
    file: MOVE,
    find: "    log.mirror = gate;\n",
    replace: "",
    caughtBy: MOVES,
  },
  {
    name: "a moved replica does not say what it replaces",
    file: MOVE,
    find: "    writeReplacedDirectoryLater(disk, this.path, identity, saveStarts);\n",
    replace: "    if (identity !== this.path) this.#host.rate.pay(0, () => saveStarts(null));\n",
    caughtBy: MOVES,
  },
  {
    name: "a replica that moves back still says what it had replaced",
    file: "log/src/checkpoint/replaced-directory.ts",
    find: "  if (disk.status(path) === null) {\n",
    replace: "  if (disk.status(path) !== undefined) {\n",
    caughtBy: MOVES,
  },
  {
    name: "a copy from before a crash is gone on with",
    file: "log/src/future/future-logs.ts",
    find: "} else if (wasClean && this.#keeper",
    replace: "} else if (this.#keeper",
    caughtBy: MOVES,
  },
  {
    name: "a replica is removed before the one in its place is durable",
    file: MOVE,
    find: "    this.#syncDirectory(directory, () => {\n      if (log.mirror === gate) log.mirror = null;",
    replace: "    this.#host.rate.pay(0, () => {\n      if (log.mirror === gate) log.mirror = null;",
    caughtBy: MOVES,
  },
  {
    name: "a cut is not durable when it is done",
    file: "log/src/partition-log.ts",
    find: "    this.#owner.syncNow(this);\n  }\n\n  #rules",
    replace: "  }\n\n  #rules",
    caughtBy: CUTS,
  },
  {
    name: "recovery points stay above a cut",
    file: "log/src/partition-log.ts",
    find: "    if (isLowered) this.#owner.checkpointNow();\n",
    replace: "",
    caughtBy: CUTS,
  },
  {
    name: "the sync journal brings back what was cut",
    file: "log/src/partition-log.ts",
    find: "    this.#owner.forgetJournaled(this);\n    const isLowered",
    replace: "    const isLowered",
    caughtBy: CUTS,
  },
];
