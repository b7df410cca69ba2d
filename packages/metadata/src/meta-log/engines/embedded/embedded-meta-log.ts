// The engine of a cluster with one controller: a local log in the format and the directory of Kafka's
// metadata quorum, so that Apache Kafka can start on our directory, its tools read it, and we start on
// Kafka's. One append is one batch, on disk (fdatasync) before it counts. A failed write or sync ends the
// engine: what is on disk is then decided by the next start, which a marker tells of a failed sync.
import {
  type Clock,
  type Disk,
  DiskError,
  type Logger,
  leaveFailedSyncMarker,
  type Slices,
  type Turn,
} from "@ottla/ports";
import {
  buildControlBatch,
  CONTROL_LEADER_CHANGE,
  leaderChangeValue,
  makeLeaderChangeMessageVoter,
  type Offset,
} from "@ottla/protocol";
import { META_LOG_BATCH_BYTES_MAX } from "../../../limits.ts";
import { type KraftState, kraftControls } from "../../../records/kraft-state.ts";
import { buildRecordsBatch, type MetadataBatch, readMetadataBatch } from "../../../records/metadata-batch.ts";
import type {
  MetaLog,
  MetaLogAppendOutcome,
  MetaLogBatch,
  MetaLogEntry,
  MetaLogReadResult,
  MetaLogSnapshot,
  MetaLogSubscriber,
  MetaLogSubscription,
} from "../../meta-log.ts";
import { Subscribers } from "../../subscribers.ts";
import { METADATA_PARTITION_DIRECTORY } from "./file-names.ts";
import { encodeLeaderEpochs, LEADER_EPOCH_FILE } from "./leader-epochs.ts";
import { MetadataSegment } from "./metadata-segment.ts";
import { type OpenedDirectory, openDirectory, removeSegment } from "./open-directory.ts";
import { encodeQuorumState, QUORUM_STATE_FILE } from "./quorum-state.ts";
import { readEntries } from "./read-entries.ts";
import type { Snapshots } from "./snapshots.ts";

/** When segments roll and what is kept. */
export interface EmbeddedMetaLogLimits {
  /** `metadata.log.segment.bytes` */
  readonly segmentBytes: number;
  /** `metadata.log.segment.ms` */
  readonly segmentMs: number;
  /** `metadata.max.retention.bytes`; negative: no limit. */
  readonly retentionBytes: number;
  /** `metadata.max.retention.ms`; negative: no limit. */
  readonly retentionMs: number;
}

export interface EmbeddedMetaLogOptions {
  readonly ports: { readonly disk: Disk; readonly clock: Clock; readonly turn: Turn };
  /** Snapshots are encoded in slices of the loop. */
  readonly slices: Slices;
  /** The metadata log directory; the log lies in `__cluster_metadata-0` within it. */
  readonly metadataLogDir: string;
  readonly limits: EmbeddedMetaLogLimits;
  /** Ids of the voters when they are configured and not in the log. */
  readonly staticVoterIds: readonly number[];
  /** Hears of repairs at open, and of a disk that failed. */
  readonly logger: Logger;
}

/** A metadata log on the local disk. */
export class EmbeddedMetaLog implements MetaLog {
  readonly #options: EmbeddedMetaLogOptions;
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #segments: MetadataSegment[];
  readonly #snapshots: Snapshots;
  readonly #epochStarts: OpenedDirectory["epochStarts"];
  readonly #subscribers: Subscribers;
  #kraft: KraftState;
  #tail: Offset;
  #epoch: number;
  #bytesSinceSnapshot: number;
  #failure: Error | null = null;
  #isAppending = false;
  #isWritingSnapshot = false;
  /**
   * Appends of this process, by base offset, so that they can be told apart when read back. Only the last one
   * is kept.
   */
  #lastAppend: { readonly baseOffset: Offset; readonly id: string } | null = null;
  #whenIdle: (() => void) | null = null;

  private constructor(options: EmbeddedMetaLogOptions, directory: string, opened: OpenedDirectory) {
    this.#options = options;
    this.#disk = options.ports.disk;
    this.#directory = directory;
    this.#segments = opened.segments;
    this.#snapshots = opened.snapshots;
    this.#epochStarts = opened.epochStarts;
    this.#kraft = opened.kraft;
    this.#tail = opened.tail;
    this.#epoch = opened.claimedEpoch;
    this.#bytesSinceSnapshot = opened.bytesSinceSnapshot;
    this.#subscribers = new Subscribers((from, done) => this.read(from, done));
  }

  /** Opens or makes the log; blocks while it checks every batch. @throws MetadataError, DiskError */
  static open(options: EmbeddedMetaLogOptions): EmbeddedMetaLog {
    const directory = `${options.metadataLogDir}/${METADATA_PARTITION_DIRECTORY}`;
    const opened = openDirectory(options.ports.disk, directory, options.logger);
    const log = new EmbeddedMetaLog(options, directory, opened);
    log.#writeEpochStarts();
    return log;
  }

  get tail(): Offset {
    return this.#tail;
  }

  get startOffset(): Offset {
    return (this.#segments[0] as MetadataSegment).baseOffset;
  }

  /** The highest epoch claimed here, also when its first append was lost. */
  get epoch(): number {
    return this.#epoch;
  }

  get bytesSinceSnapshot(): number {
    return this.#bytesSinceSnapshot;
  }

  /** The quorum as the log tells it. */
  get kraft(): KraftState {
    return this.#kraft;
  }

  append(
    expectedTail: Offset,
    appendId: string,
    batch: MetaLogBatch,
    done: (outcome: MetaLogAppendOutcome) => void,
  ): void {
    const later = (outcome: MetaLogAppendOutcome): void => this.#later(() => done(outcome));
    if (this.#failure !== null) return later({ kind: "refused", cause: this.#failure });
    if (this.#isAppending)
      return later({ kind: "refused", cause: new Error("an append is in flight already") });
    if (expectedTail !== this.#tail) return later({ kind: "conflict", tail: this.#tail });
    const bytes = batch.kind === "records" ? this.#recordsBatch(batch) : this.#leaderChangeBatch(batch);
    if (bytes.length > META_LOG_BATCH_BYTES_MAX) {
      return later({ kind: "refused", cause: new Error(`an append of ${bytes.length} bytes is too large`) });
    }
    this.#isAppending = true;
    const segment = this.#attempt(() => {
      // The epoch is spent before anything is written in it, whatever becomes of the append.
      if (batch.kind === "leader-change") this.#claim(batch.epoch, batch.leaderId);
      const active = this.#segmentFor(bytes.length);
      active.write(bytes);
      return active;
    });
    if (segment === null) return later(this.#ended());
    segment.sync((error) => {
      this.#isAppending = false;
      if (error !== null) this.#fail(error);
      const outcome = error === null ? this.#appended(segment, bytes, appendId) : this.#ended();
      done(outcome);
      this.#whenIdle?.();
    });
  }

  read(from: Offset, done: (result: MetaLogReadResult) => void): void {
    this.#later(() => {
      if (this.#failure !== null) return done({ kind: "failed", cause: this.#failure });
      if (from < this.startOffset) return done({ kind: "trimmed", startOffset: this.startOffset });
      try {
        const batches = readEntries(this.#segments, from, this.#tail);
        done({ kind: "entries", entries: batches.map((batch) => this.#toEntry(batch)), tail: this.#tail });
      } catch (error) {
        done({ kind: "failed", cause: error as Error });
      }
    });
  }

  subscribe(from: Offset, subscriber: MetaLogSubscriber): MetaLogSubscription {
    return this.#subscribers.subscribe(from, subscriber);
  }

  latestSnapshot(done: (result: MetaLogSnapshot | null | Error) => void): void {
    const id = this.#snapshots.newest;
    if (id === null) return done(null);
    let result: MetaLogSnapshot | Error;
    try {
      const { lastContainedTimestampMs, records } = this.#snapshots.read(id);
      result = { id, lastContainedTimestampMs, records };
    } catch (error) {
      result = error as Error;
    }
    done(result);
  }

  writeSnapshot(snapshot: MetaLogSnapshot, done: (error: Error | null) => void): void {
    const { id, lastContainedTimestampMs, records } = snapshot;
    const newestEnd = this.#snapshots.newest?.endOffset ?? -1;
    if (this.#failure !== null) return this.#later(() => done(this.#failure));
    if (this.#isWritingSnapshot || id.endOffset <= newestEnd || id.endOffset > this.#tail) {
      return this.#later(() => done(null));
    }
    this.#isWritingSnapshot = true;
    const bytesBefore = this.#bytesSinceSnapshot;
    const content = { lastContainedTimestampMs, kraft: this.#kraft, records };
    const { slices, ports } = this.#options;
    slices.run("metadata snapshot", this.#snapshots.encode(id, content, ports.clock.wallMs()), {
      done: (bytes) =>
        this.#snapshots.write(id, bytes, (error) => {
          this.#isWritingSnapshot = false;
          // What was appended while the snapshot was written is not in it; counting from here is near enough
          // to decide on the next.
          if (error === null) this.#bytesSinceSnapshot -= bytesBefore;
          done(error);
          this.#whenIdle?.();
        }),
    });
  }

  clean(nowMs: number): void {
    const { retentionBytes, retentionMs } = this.#options.limits;
    const isOver = (): boolean => {
      const bytes =
        this.#snapshots.totalBytes() + this.#segments.reduce((sum, segment) => sum + segment.size, 0);
      const oldest = this.#snapshots.oldest;
      const isOld =
        retentionMs >= 0 && oldest !== null && this.#snapshots.modifiedMs(oldest) < nowMs - retentionMs;
      return isOld || (retentionBytes >= 0 && bytes > retentionBytes);
    };
    while (this.#snapshots.count > 1 && isOver()) {
      this.#snapshots.removeOldest();
      this.#removeSegmentsBelow(this.#snapshots.oldest?.endOffset ?? (0 as Offset));
    }
  }

  close(done: (error: Error | null) => void): void {
    const finish = (): void => {
      if (this.#isAppending || this.#isWritingSnapshot) return;
      this.#whenIdle = null;
      if (this.#failure === null) this.#attempt(() => this.#active.finish());
      for (const segment of this.#segments) segment.close();
      const failure = this.#failure;
      this.#failure ??= new Error("the metadata log is closed");
      this.#later(() => done(failure));
    };
    this.#whenIdle = finish;
    finish();
  }

  get #active(): MetadataSegment {
    return this.#segments.at(-1) as MetadataSegment;
  }

  #recordsBatch(batch: Extract<MetaLogBatch, { kind: "records" }>): Uint8Array {
    return buildRecordsBatch({ ...batch, baseOffset: this.#tail });
  }

  #leaderChangeBatch(batch: Extract<MetaLogBatch, { kind: "leader-change" }>): Uint8Array {
    const voters = this.#voterIds().map((voterId) => makeLeaderChangeMessageVoter({ voterId }));
    const granting = [makeLeaderChangeMessageVoter({ voterId: batch.leaderId })];
    const value = leaderChangeValue({
      version: 0,
      leaderId: batch.leaderId,
      voters,
      grantingVoters: granting,
    });
    // The first leader of a quorum with voters in the log writes them there: until then they stand in a
    // snapshot only.
    const first = this.#tail === 0 ? kraftControls(this.#kraft) : [];
    return buildControlBatch({
      baseOffset: this.#tail,
      leaderEpoch: batch.epoch,
      timestamp: this.#options.ports.clock.wallMs(),
      records: [{ type: CONTROL_LEADER_CHANGE, value }, ...first],
    });
  }

  #voterIds(): readonly number[] {
    return this.#kraft.voters?.voters.map((voter) => voter.voterId) ?? this.#options.staticVoterIds;
  }

  #claim(epoch: number, leaderId: number): void {
    const content = encodeQuorumState(
      { leaderId, leaderEpoch: epoch },
      this.#kraft.kraftVersion,
      this.#voterIds(),
    );
    this.#disk.replaceFile(`${this.#directory}/${QUORUM_STATE_FILE}`, content);
    this.#epoch = epoch;
    this.#epochStarts.push({ epoch, startOffset: this.#tail });
    this.#writeEpochStarts();
  }

  #writeEpochStarts(): void {
    this.#disk.replaceFile(`${this.#directory}/${LEADER_EPOCH_FILE}`, encodeLeaderEpochs(this.#epochStarts));
  }

  /** The active segment, rolled when it is full or old. */
  #segmentFor(bytes: number): MetadataSegment {
    const { segmentBytes, segmentMs } = this.#options.limits;
    const active = this.#active;
    const ageMs = this.#options.ports.clock.wallMs() - active.firstTimestampMs;
    if (active.size === 0 || (active.size + bytes <= segmentBytes && ageMs < segmentMs)) return active;
    active.finish();
    const next = MetadataSegment.open(this.#disk, this.#directory, this.#tail);
    this.#disk.syncDirectory(this.#directory);
    this.#segments.push(next);
    return next;
  }

  #appended(segment: MetadataSegment, bytes: Uint8Array, appendId: string): MetaLogAppendOutcome {
    const batch = readMetadataBatch(bytes, 0);
    this.#lastAppend = { baseOffset: batch.baseOffset, id: appendId };
    // Indexes are hints: when they cannot be written the log is full or broken, and so is the next append.
    if (this.#attempt(() => (segment.note(batch), true)) === null) return this.#ended();
    this.#tail = (batch.lastOffset + 1) as Offset;
    this.#bytesSinceSnapshot += batch.bytes;
    this.#subscribers.announce(this.#toEntry(batch));
    return { kind: "ok", baseOffset: batch.baseOffset, lastOffset: batch.lastOffset };
  }

  #toEntry(batch: MetadataBatch): MetaLogEntry {
    const own = this.#lastAppend?.baseOffset === batch.baseOffset ? this.#lastAppend.id : null;
    const { baseOffset, lastOffset, epoch, timestampMs, bytes, records } = batch;
    const isLeaderChange = batch.controls.some((control) => control.type === CONTROL_LEADER_CHANGE);
    return {
      baseOffset,
      lastOffset,
      epoch,
      appendId: own,
      timestampMs,
      bytes,
      records,
      opensEpoch: isLeaderChange,
    };
  }

  #removeSegmentsBelow(offset: Offset): void {
    while (this.#segments.length > 1 && (this.#segments[1] as MetadataSegment).baseOffset <= offset) {
      const segment = this.#segments.shift() as MetadataSegment;
      segment.close();
      removeSegment(this.#disk, this.#directory, segment.baseOffset);
    }
  }

  /** Runs disk work; a failure ends the engine and gives null. */
  #attempt<Result>(work: () => Result): Result | null {
    try {
      return work();
    } catch (error) {
      this.#isAppending = false;
      this.#fail(error as Error);
      return null;
    }
  }

  #fail(cause: Error): void {
    const isInDoubt = cause instanceof DiskError && cause.operation === "sync";
    if (isInDoubt && !leaveFailedSyncMarker(this.#disk, this.#directory)) {
      this.#options.logger.error("start the machine anew before the broker: its cache cannot be trusted", {
        path: this.#directory,
      });
    }
    this.#failure ??= new Error(`the metadata log in ${this.#directory} failed`, { cause });
  }

  #ended(): MetaLogAppendOutcome {
    const cause = this.#failure ?? new Error("the metadata log failed");
    this.#subscribers.fail(cause);
    return { kind: "unknown", cause };
  }

  #later(callback: () => void): void {
    this.#options.ports.turn.nextSlice(callback);
  }
}
