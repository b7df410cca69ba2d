// One partition's directory looked at as a start of the broker looks at it, and further: every batch of every
// segment, every index entry, all aborted transactions. Works through a disk that is only looked at, with the
// checks of recovery and of the scrub. Not here: the directory around it (verify-directory.ts), what is done
// about it (mend-log.ts).
import { DiskError } from "@ottla/ports";
import { batchProblem } from "@ottla/protocol";
import { MalformedCheckpointError } from "../checkpoint/checkpoint-text.ts";
import {
  type EpochEntry,
  LEADER_EPOCH_CHECKPOINT,
  readLeaderEpochs,
} from "../checkpoint/leader-epoch-checkpoint.ts";
import { readPartitionMetadata } from "../checkpoint/partition-metadata.ts";
import type { CleanerThrottle } from "../cleaner/cleaner-throttle.ts";
import type { Cleaning } from "../cleaner/cleaning.ts";
import { LeaderEpochCache } from "../leader-epoch/leader-epoch-cache.ts";
import type { LogContext } from "../log-context.ts";
import { readProducerSnapshot } from "../producer-state/producer-snapshots.ts";
import { indexProblem } from "../recovery/check-indexes.ts";
import { transactionIndexProblem } from "../recovery/check-transaction-index.ts";
import { takeKnownRanges } from "../recovery/known-corrupt-ranges.ts";
import { areEpochsOf } from "../recovery/rebuild-epochs.ts";
import { scrubSegment } from "../scrub/scrub-segment.ts";
import { LogSegment } from "../segment/log-segment.ts";
import {
  baseOffsetOfFileName,
  LOG_SUFFIX,
  PRODUCER_SNAPSHOT_SUFFIX,
  SWAP_SUFFIX,
} from "../segment/segment-file-name.ts";
import type { Findings } from "./finding.ts";
import { isInJournal, judgeSegment } from "./judge-segment.ts";
import { findLeftovers } from "./leftovers.ts";
import type { LogFacts, VerifiedLog } from "./verified-log.ts";
import { findTransactions } from "./verify-transactions.ts";

/** What a look at logs is done with. */
export interface Look {
  /** Over a disk that is only looked at. */
  readonly context: LogContext;
  readonly throttle: CleanerThrottle;
  readonly findings: Findings;
  /** Told of bytes as they are checked. */
  readonly checked: (bytes: number) => void;
}

/** Looks at the log in `facts.path`. Throws `DiskError`. */
export function* verifyLog(look: Look, facts: LogFacts): Cleaning<VerifiedLog> {
  return yield* new LogLook(look, facts).run();
}

class LogLook {
  readonly #look: Look;
  readonly #facts: LogFacts;
  readonly #names: readonly string[];
  readonly #segments: readonly LogSegment[];
  /** Loading passes the rest of an entry over. */
  readonly #tornIndexes = new Set<LogSegment>();

  constructor(look: Look, facts: LogFacts) {
    const { disk } = look.context.ports;
    const { path } = facts;
    this.#look = look;
    this.#facts = facts;
    this.#names = disk.list(path);
    this.#segments = this.#names
      .map((name) => baseOffsetOfFileName(name, LOG_SUFFIX))
      .filter((base) => base !== null)
      .sort((left, right) => left - right)
      .map((base) => new LogSegment(look.context.files, path, base, 0, false));
  }

  *run(): Cleaning<VerifiedLog> {
    const { context, findings } = this.#look;
    const { path } = this.#facts;
    findLeftovers(this.#names, path, findings);
    if (!this.#facts.isMetadata) this.#lookAtIdentity();
    // Indexes first: what is appended meanwhile must not be indexed and not there.
    for (const segment of this.#segments) {
      const isTorn =
        segment.offsetIndex.file.size() % OFFSET_INDEX_ENTRY_BYTES !== 0 ||
        segment.timeIndex.file.size() % TIME_INDEX_ENTRY_BYTES !== 0;
      if (isTorn) this.#tornIndexes.add(segment);
      segment.offsetIndex.load(Number.POSITIVE_INFINITY);
      segment.timeIndex.load();
      segment.sizeInBytes = segment.log.size();
    }
    takeKnownRanges(context.ports.disk, path, this.#segments, context.cursor);
    let logEndOffset = this.#facts.logStartOffset;
    for (let index = 0; index < this.#segments.length; index++) {
      logEndOffset = yield* this.#lookAtSegment(index);
      yield;
    }
    this.#lookAtEnds(logEndOffset);
    const logStartOffset = Math.max(this.#facts.logStartOffset, this.#segments[0]?.baseOffset ?? 0);
    if (!this.#facts.isMetadata) {
      this.#lookAtSnapshots();
      this.#lookAtEpochs(Math.min(logStartOffset, logEndOffset), logEndOffset);
      yield* this.#lookAtTransactions(logEndOffset);
    }
    const bytes = this.#segments.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0);
    for (const segment of this.#segments) segment.close();
    return { path, segments: this.#segments.length, bytes, logStartOffset, logEndOffset };
  }

  #lookAtIdentity(): void {
    const { context, findings } = this.#look;
    const { path } = this.#facts;
    const file = `${path}/partition.metadata`;
    try {
      if (readPartitionMetadata(context.ports.disk, path) === null) {
        findings.add("missing-partition-metadata", file, "broker");
      }
    } catch (error) {
      if (!(error instanceof MalformedCheckpointError)) throw error;
      findings.add("malformed-partition-metadata", file, "nobody", { reason: error.message });
    }
  }

  /** Answers where the log ends, as far as it was looked at. */
  *#lookAtSegment(index: number): Cleaning<number> {
    const { context, findings } = this.#look;
    const { isInUse, wasClean, recoveryPoint } = this.#facts;
    const segment = this.#segments[index] as LogSegment;
    const { path } = segment.log;
    const nextBase = this.#segments[index + 1]?.baseOffset;
    const isLast = nextBase === undefined;
    const isRecovered = !wasClean && !isInUse && (isLast || nextBase > recoveryPoint);
    for (const { position, bytes, fromOffset, toOffset } of segment.corruptRanges) {
      findings.add("known-damage", path, "nobody", { position, bytes, fromOffset, toOffset });
    }
    const known = new Set(segment.corruptRanges);
    const mendedBy = isRecovered || this.#facts.isMetadata ? "broker" : "repair";
    const isMoving = isInUse && isLast;
    const problem = isMoving ? null : this.#indexProblem(segment, isLast);
    if (problem !== null) {
      findings.add("wrong-index", path.replace(/log$/, "*index"), mendedBy, { reason: problem });
    }
    const found = yield* scrubSegment(context, this.#look.throttle, {
      segment,
      endOffset: nextBase ?? Number.POSITIVE_INFINITY,
      indexIntervalBytes: 0,
      indexes: "look",
      isUnchanged: () => true,
      checked: this.#look.checked,
    });
    if (found === null) return this.#lookAtOldFormat(segment);
    if (found.wereIndexesWrong && problem === null && !isMoving) {
      findings.add("wrong-index-entries", path.replace(/log$/, "*index"), mendedBy);
    }
    this.#lookAtTransactionIndex(segment, nextBase, isMoving, mendedBy);
    const newRanges = segment.corruptRanges.filter((range) => !known.has(range));
    const { endOffset } = found;
    const end = judgeSegment(
      { segment, isLast, isRecovered, newRanges, endOffset },
      this.#facts,
      context.cursor,
      findings,
    );
    if (nextBase !== undefined) this.#lookAtSeam(segment, endOffset, nextBase);
    return end;
  }

  #indexProblem(segment: LogSegment, isLast: boolean): string | null {
    const { cursor } = this.#look.context;
    const problem = indexProblem(segment, segment.sizeInBytes, !isLast, cursor);
    return problem ?? (this.#tornIndexes.has(segment) ? "it ends within an entry" : null);
  }

  #lookAtTransactionIndex(
    segment: LogSegment,
    nextBase: number | undefined,
    isMoving: boolean,
    mendedBy: "repair" | "broker",
  ): void {
    if (isMoving) return;
    const problem = transactionIndexProblem(segment, nextBase, this.#look.context.cursor);
    if (problem === null) return;
    const { path } = segment.transactionIndex.file;
    this.#look.findings.add("wrong-transaction-index", path, mendedBy, { reason: problem });
  }

  /** Between two segments nothing may be missing, unless compaction took it. */
  #lookAtSeam(segment: LogSegment, endOffset: number, nextBase: number): void {
    const { isCompacted, isMetadata } = this.#facts;
    const { findings } = this.#look;
    const isSwapping = this.#names.some((name) => name.endsWith(SWAP_SUFFIX));
    if (isSwapping || segment.corruptRanges.some(({ toOffset }) => toOffset === nextBase)) return;
    const where = { fromOffset: Math.min(endOffset, nextBase), toOffset: Math.max(endOffset, nextBase) };
    if (endOffset > nextBase) findings.add("overlap", segment.log.path, "nobody", where);
    else if (endOffset < nextBase && !isCompacted) {
      findings.add(isMetadata ? "metadata-damage" : "gap", segment.log.path, "nobody", where);
    }
  }

  /** Messages of magic 0 and 1: whole, and their checksums right. */
  #lookAtOldFormat(segment: LogSegment): number {
    const { cursor } = this.#look.context;
    const { log, sizeInBytes } = segment;
    let endOffset = segment.baseOffset;
    cursor.start(log, 0, sizeInBytes);
    for (;;) {
      const step = cursor.step();
      if (step === "end") break;
      const isSound =
        step === "batch" && cursor.loadWhole() && batchProblem(cursor.bytes, cursor.at) === null;
      if (isSound) {
        endOffset = cursor.lastOffset + 1;
        continue;
      }
      const where = { position: cursor.position, fromOffset: endOffset };
      const bytes = step === "batch" ? cursor.sizeInBytes : sizeInBytes - cursor.position;
      this.#look.findings.add("damage", log.path, "nobody", { ...where, bytes });
      if (step === "damaged") break;
    }
    this.#look.checked(sizeInBytes);
    return endOffset;
  }

  #lookAtEnds(logEndOffset: number): void {
    const { durableEndOffset, logStartOffset, isInUse, isMetadata, path } = this.#facts;
    const { context, findings } = this.#look;
    if (isInUse || isMetadata) return;
    const last = this.#segments.at(-1);
    const knownEnd = Math.max(...(last?.corruptRanges.map(({ toOffset }) => toOffset) ?? []), logEndOffset);
    if (knownEnd < durableEndOffset && Number.isFinite(knownEnd)) {
      const file = last?.log.path ?? path;
      const where = { fromOffset: logEndOffset, toOffset: durableEndOffset };
      const position = last?.sizeInBytes ?? 0;
      const isJournaled =
        last !== undefined && isInJournal(last, position, logEndOffset, this.#facts, context.cursor);
      if (isJournaled) findings.add("journaled-records", file, "broker", { position, bytes: 0, ...where });
      else findings.add("lost-tail", file, "broker", { position, ...where });
    }
    if (logStartOffset > Math.max(logEndOffset, durableEndOffset)) {
      const where = { fromOffset: logEndOffset, toOffset: logStartOffset };
      findings.add("log-start-beyond-end", path, "broker", where);
    }
  }

  #lookAtSnapshots(): void {
    const { context, findings } = this.#look;
    for (const name of this.#names) {
      const offset = baseOffsetOfFileName(name, PRODUCER_SNAPSHOT_SUFFIX);
      if (offset === null) continue;
      const path = `${this.#facts.path}/${name}`;
      try {
        if (readProducerSnapshot(context.ports.disk, path, offset) !== null) continue;
        findings.add("wrong-producer-snapshot", path, "repair");
      } catch (error) {
        // Beside a broker an old one may go.
        if (!(error instanceof DiskError && error.code === "ENOENT")) throw error;
      }
    }
  }

  #lookAtEpochs(logStartOffset: number, logEndOffset: number): void {
    const { context, findings } = this.#look;
    const path = `${this.#facts.path}/${LEADER_EPOCH_CHECKPOINT}`;
    let entries: readonly EpochEntry[] = [];
    let reason: string | null = null;
    try {
      entries = readLeaderEpochs(context.ports.disk, path);
    } catch (error) {
      if (!(error instanceof MalformedCheckpointError)) throw error;
      reason = error.message.slice(path.length + 2);
    }
    const epochs = new LeaderEpochCache(context.ports.disk, this.#facts.path, entries);
    const segments = this.#facts.isInUse ? this.#segments.slice(0, -1) : this.#segments;
    const isRight = areEpochsOf(segments, epochs, logStartOffset, context.cursor);
    if (reason === null && !isRight) reason = "it does not tell the batches' epochs";
    if (reason === null || this.#segments.length === 0 || logEndOffset === 0) return;
    findings.add("wrong-leader-epochs", path, this.#facts.wasClean ? "repair" : "broker", { reason });
  }

  *#lookAtTransactions(logEndOffset: number): Cleaning<void> {
    const { context, findings } = this.#look;
    const { path, isInUse } = this.#facts;
    // The newest segment of a log in use goes on being written, its index, too.
    const segments = isInUse ? this.#segments.slice(0, -1) : this.#segments;
    const end = isInUse ? (this.#segments.at(-1)?.baseOffset ?? logEndOffset) : logEndOffset;
    if (segments.length === 0) return;
    for (const { segment, missing } of yield* findTransactions(context, path, segments, end)) {
      const [first] = missing;
      const file = segment.transactionIndex.file.path;
      if (first === undefined || findings.all.some((finding) => finding.path === file)) continue;
      const last = missing.at(-1) ?? first;
      const { wasClean, recoveryPoint } = this.#facts;
      const isRecovered = !wasClean && !isInUse && first.lastOffset >= recoveryPoint;
      findings.add("missing-aborted-transactions", file, isRecovered ? "broker" : "repair", {
        fromOffset: first.firstOffset,
        toOffset: last.lastOffset + 1,
        reason: `${missing.length} of them`,
      });
    }
  }
}

const OFFSET_INDEX_ENTRY_BYTES = 8;
const TIME_INDEX_ENTRY_BYTES = 12;
