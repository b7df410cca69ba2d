// Ways to break what recovery does about damage below the durable end and about wrong indexes, checkpoints
// and snapshots. The simulated worlds damage bits, not whole files, so tests of damaged files notice these.
import type { Breakage } from "./breakage.ts";

const LOST = "log/src/recovery/lost-records.test.ts";

export const recoveryBreakages: readonly Breakage[] = [
  {
    name: "a file that ends before its durable records is believed",
    file: "log/src/recovery/recover-segment.ts",
    find: "const isShort = this.#isEndSure && this.#endOffset < this.#durableEndOffset;",
    replace: "const isShort = this.#endOffset < 0;",
    caughtBy: LOST,
  },
  {
    name: "damage that an earlier life found is forgotten",
    file: "log/src/recovery/open-log.ts",
    find: "  takeKnownRanges(disk, options.path, segments, context.cursor);\n",
    replace: "",
    caughtBy: LOST,
  },
  {
    name: "without recovery points damage below the high watermark is cut away",
    file: "log/src/recovery/open-directory-logs.ts",
    find: "durableEndOffset: Math.max(recoveryPoint, from.highWatermarks.get(name) ?? 0),",
    replace: "durableEndOffset: recoveryPoint,",
    caughtBy: LOST,
  },
  {
    name: "indexes of another segment are believed",
    file: "log/src/recovery/check-indexes.ts",
    find: "if (isIts && cursor.maxTimestamp === timeIndex.lastTimestamp) return null;",
    replace: "return null;",
    caughtBy: "log/src/recovery/damaged-files.test.ts",
  },
  {
    name: "leader epochs that are not the batches' are believed",
    file: "log/src/recovery/rebuild-epochs.ts",
    find: "epochs.epochFor(cursor.baseOffset) === epoch;",
    replace: "epochs.epochFor(cursor.baseOffset) >= -1;",
    caughtBy: "log/src/recovery/damaged-files.test.ts",
  },
  {
    name: "the scrub does not look at CRCs",
    file: "log/src/scrub/scrub-segment.ts",
    find: "return isInOrder && batchProblem(bytes, at) === null ? size : 0;",
    replace: "return isInOrder ? size : 0;",
    caughtBy: "log/src/scrub/log-scrub.test.ts",
  },
];
