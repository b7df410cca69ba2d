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
    find: "durableEndOffset: Math.max(recoveryPoint, highWatermark),",
    replace: "durableEndOffset: recoveryPoint,",
    caughtBy: LOST,
  },
  {
    name: "a log that was cut within a hole of its compaction is taken for damaged",
    file: "log/src/recovery/recover-segment.ts",
    find: "if (cleanedEndOffset >= this.#durableEndOffset) {",
    replace: "if (cleanedEndOffset < 0) {",
    caughtBy: "log/src/cleaner/log-cleaner.test.ts",
  },
  {
    name: "a high watermark that nobody made durable counts as durable",
    file: "log/src/recovery/open-directory-logs.ts",
    find: "const highWatermark = from.areHighWatermarksDurable ?",
    replace: "const highWatermark = from.highWatermarks !== null ?",
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
    name: "the scrub passes over a segment that has lost its end",
    file: "log/src/scrub/scrub-segment.ts",
    find: "if (isWhole && newRanges === 0 && endOffset < target.endOffset) {",
    replace: "if (isWhole && newRanges === 0 && endOffset < 0) {",
    caughtBy: "log/src/scrub/log-scrub.test.ts",
  },
  {
    name: "the scrub believes what transaction indexes tell",
    file: "log/src/scrub/scrub-segment.ts",
    find: "const entries = isWhole ?",
    replace: "const entries = isWhole && newRanges < 0 ?",
    caughtBy: "log/src/scrub/log-scrub.test.ts",
  },
  {
    name: "the scrub does not look at CRCs",
    file: "log/src/scrub/scrub-segment.ts",
    find: "return isInOrder && batchProblem(bytes, at) === null ? size : 0;",
    replace: "return isInOrder ? size : 0;",
    caughtBy: "log/src/scrub/log-scrub.test.ts",
  },
];
