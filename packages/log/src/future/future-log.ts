// One replica on its way to another log directory of this broker: a copy in `<partition>.<id>-future` that
// follows the log in use and then takes its place. Invariants: once the copy follows, what counts as durable
// is durable in both; the copy takes the log's place by one rename, and from then on is the log; until that
// rename is durable nothing more counts as durable, as a power cut may bring the other one back. While both
// are there under their final name, `.ottla_replaces` tells the copy from what it replaces.
//
//   opening -> copying -> following -> ended
import { DiskError, type Pieces } from "@ottla/ports";
import type { Offset } from "@ottla/protocol";
import { writePartitionMetadataLater } from "../checkpoint/partition-metadata.ts";
import {
  removeReplacedDirectoryLater,
  writeReplacedDirectoryLater,
} from "../checkpoint/replaced-directory.ts";
import type { LogDirectory } from "../directory/log-directory.ts";
import type { LogContext } from "../log-context.ts";
import type { LogListener } from "../log-listener.ts";
import type { PartitionLog } from "../partition-log.ts";
import type { LogSlice, ReadResult } from "../read/log-slice.ts";
import { openLogInPieces } from "../recovery/open-log.ts";
import type { OpenedLog } from "../recovery/opened-log.ts";
import type { LogMirror } from "./log-mirror.ts";
import type { MoveRate } from "./move-rate.ts";

/** Why a move ended before its end. */
export type MoveEnd = "failed" | "lost" | "cancelled" | "stopped";

/** What a move asks of the one who keeps the logs. */
export interface FutureLogHost {
  readonly context: LogContext;
  readonly rate: MoveRate;
  /** Runs pieces in slices of the loop, later. */
  later<Result>(
    pieces: Pieces<Result>,
    done: (result: Result) => void,
    failed: (error: unknown) => void,
  ): void;
  /** The copy as a log of its directory. */
  created(move: FutureLog, opened: OpenedLog): PartitionLog;
  /** It is the move's turn to copy: `start` runs now or later. `caughtUp` gives the turn back. */
  queue(move: FutureLog, start: () => void): void;
  caughtUp(move: FutureLog): void;
  /** The copy is the log from now on. */
  promoted(move: FutureLog, log: PartitionLog): void;
  /** The log that was replaced can go. Throws `DiskError`. */
  retire(replaced: PartitionLog): void;
  /** Nothing more comes of it. */
  ended(move: FutureLog, how: MoveEnd | "moved", reason: string): void;
}

/** One move. */
export class FutureLog implements LogMirror, LogListener {
  /** The log that is being replaced. */
  readonly current: PartitionLog;
  readonly source: LogDirectory;
  readonly directory: LogDirectory;
  /** Of the partition's directory, while it is a future one. */
  readonly path: string;
  readonly #host: FutureLogHost;
  readonly #isResumed: boolean;
  #log: PartitionLog | null = null;
  #state: "opening" | "copying" | "following" | "ended" = "opening";
  #opened: () => void = () => {};
  /** What counted as durable when the copy began to follow. */
  #toldEndOffset = 0;

  constructor(
    host: FutureLogHost,
    move: { current: PartitionLog; source: LogDirectory; directory: LogDirectory; path: string },
    isResumed: boolean,
  ) {
    this.#host = host;
    this.current = move.current;
    this.source = move.source;
    this.directory = move.directory;
    this.path = move.path;
    this.#isResumed = isResumed;
  }

  /** Null while it is being opened. */
  get log(): PartitionLog | null {
    return this.#log;
  }

  get durableEndOffset(): number {
    return this.#state === "following" ? (this.#log?.durableEndOffset ?? 0) : Number.POSITIVE_INFINITY;
  }

  /** `opened` runs in a later turn, once the copy is there or the move has ended. */
  begin(opened: () => void): void {
    this.#opened = opened;
    this.current.mirror = this;
    const { disk } = this.#host.context.ports;
    // Left by the move that brought the log where it is now: it must not speak for that place any more.
    removeReplacedDirectoryLater(
      disk,
      this.current.path,
      this.#guarded(() => this.#make()),
    );
  }

  /** Ends the move; with `keepsFiles` the copy stays as it is. Nothing once it took the log's place. */
  end(how: MoveEnd, reason = ""): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    if (this.current.mirror === this) this.current.mirror = null;
    this.#host.ended(this, how, reason);
    this.#opened();
    // What was durable in the log alone counts again, also where its own writes are all that counts.
    this.current.listener.durable(this.current);
  }

  // As mirror of the log in use.

  appended(batch: Uint8Array): void {
    if (this.#state === "following") this.#append(batch);
  }

  flushed(): void {
    if (this.#state === "following") this.#log?.flush();
  }

  lost(): void {
    this.end("lost", "the log it is copied from failed or was cut");
  }

  // As listener of the copy.

  written(): void {}

  durable(): void {
    if (this.#state === "following") this.current.tellDurable();
  }

  failed(_log: PartitionLog, error: DiskError): void {
    this.end("failed", error.message);
  }

  #make(): void {
    const { disk } = this.#host.context.ports;
    if (this.#isResumed) {
      this.#open();
      return;
    }
    const { directoryName, topicId } = this.current;
    const create = this.#guarded(() => {
      disk.makeDirectory(this.path);
      const open = this.#guarded(() => this.#open());
      writePartitionMetadataLater(disk, this.path, topicId, open);
    });
    this.#host.later(
      this.directory.beginAnewInPieces(directoryName, topicId),
      () => create(null),
      (error) => this.end("failed", String(error)),
    );
  }

  #open(): void {
    const { current } = this;
    const { local } = current.opened;
    const pieces = openLogInPieces(this.#host.context, {
      path: this.path,
      config: current.config,
      isClean: this.#isResumed,
      hasFailedSync: false,
      recoveryPoint: 0,
      durableEndOffset: 0,
      journaled: null,
      // A move makes its own directory durable.
      creation: null,
      // The first batch may begin before the log's start; its segment does not.
      logStartOffset: local.segmentFor(current.logStartOffset)?.baseOffset ?? current.logStartOffset,
    });
    this.#host.later(
      pieces,
      (opened) => {
        if (this.#state !== "opening") {
          opened.local.close();
          return;
        }
        this.#log = this.#host.created(this, opened);
        this.#log.listener = this;
        this.#state = "copying";
        this.#opened();
        this.#opened = () => {};
        this.#host.queue(this, () => this.#copyMore());
      },
      (error) => this.end("failed", String(error)),
    );
  }

  /** Begins a step; between steps nothing of the log is unwritten. */
  #copyMore(): void {
    const { current } = this;
    const log = this.#log;
    if (this.#state !== "copying" || log === null) return;
    log.updateConfig(current.config);
    if (log.logEndOffset >= current.logEndOffset) this.#follow(log);
    else if (!this.directory.room.takes(this.#host.rate.stepBytes)) {
      this.#host.rate.afterFullDisk(() => this.#copyMore());
    } else if (current.logStartOffset >= current.writtenEndOffset) {
      // All there was is deleted.
      this.#attempt(() => log.truncateFullyAndStartAt(current.writtenEndOffset));
      this.#host.rate.pay(0, () => this.#copyMore());
    } else {
      const offset = Math.max(log.logEndOffset, current.logStartOffset) as Offset;
      const upperBound = current.writtenEndOffset;
      const { stepBytes } = this.#host.rate;
      current.read({ offset, bytesMax: stepBytes, atLeastOneBatch: true, upperBound }, (result) =>
        this.#copied(log, result),
      );
    }
  }

  #copied(log: PartitionLog, result: ReadResult): void {
    if (result.kind === "failed") {
      this.end("failed", result.message);
      return;
    }
    if (result.kind === "out-of-range" || result.slice.bytes === 0 || this.#state !== "copying") {
      if (result.kind === "slice") result.slice.release();
      this.#host.rate.pay(0, () => this.#copyMore());
      return;
    }
    const { bytes } = result.slice;
    this.#append(inOnePart(result.slice));
    result.slice.release();
    log.flush();
    // Readers of the copy are far.
    log.dropIdle(Number.POSITIVE_INFINITY);
    log.updateHighWatermark(this.current.highWatermark);
    // At the pace of the disk: unsynced bytes that pile up hold up everybody's writes.
    this.directory.whenDurable(log, log.writtenEndOffset, () => {
      this.#host.rate.pay(bytes, () => this.#copyMore());
    });
  }

  #append(records: Uint8Array): void {
    this.#log?.appendAsFollower(records, (outcome) => {
      if (outcome.kind === "refused") this.end("failed", outcome.message ?? outcome.error.name);
    });
  }

  /** Both ends meet: from here on the copy gets what the log gets. */
  #follow(log: PartitionLog): void {
    const { disk } = this.#host.context.ports;
    const { checkpoints } = this.directory;
    if (log.logEndOffset > this.current.logEndOffset) {
      this.end("lost", "the copy is longer than the log");
      return;
    }
    this.#toldEndOffset = this.current.durableEndOffset;
    this.#state = "following";
    this.#host.caughtUp(this);
    this.#followStart(log);
    const identity = this.source.id ?? this.source.path;
    const promote = this.#guarded(() => this.#promoteOnceDurable(log));
    const saveRecoveryPoints = this.#guarded(() => checkpoints.saveRecoveryPoints(promote));
    const saveStarts = this.#guarded(() => checkpoints.saveStarts(saveRecoveryPoints));
    writeReplacedDirectoryLater(disk, this.path, identity, saveStarts);
  }

  #promoteOnceDurable(log: PartitionLog): void {
    const { current } = this;
    if (log.logStartOffset < current.logStartOffset) {
      // Deleted records do not come back with the copy.
      this.#followStart(log);
      this.directory.checkpoints.saveStarts(this.#guarded(() => this.#promoteOnceDurable(log)));
      return;
    }
    const needed = current.config.durability === "fsync" ? this.#toldEndOffset : current.survivingEndOffset;
    if (log.survivingEndOffset >= needed) this.#promote(log);
    else {
      this.directory.whenDurable(log, needed, (isDurable) => {
        if (this.#state !== "following") return;
        if (isDurable) this.#promoteOnceDurable(log);
        else this.end("failed", "the copy could not be made durable");
      });
    }
  }

  /** The one rename that makes the copy the log. */
  #promote(log: PartitionLog): void {
    const { current, directory } = this;
    const { disk } = this.#host.context.ports;
    const path = `${directory.path}/${current.directoryName}`;
    this.#followStart(log);
    try {
      disk.rename(this.path, path);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      directory.goOffline(error);
      return;
    }
    this.#state = "ended";
    current.mirror = null;
    // A power cut may still bring the other one back, which gets no more records.
    const gate = { durableEndOffset: current.durableEndOffset, appended() {}, flushed() {}, lost() {} };
    log.takePlaceOf(current, path);
    log.mirror = gate;
    this.#host.promoted(this, log);
    this.#syncDirectory(directory, () => {
      if (log.mirror === gate) log.mirror = null;
      log.listener.durable(log);
      this.#retireReplaced(path);
    });
  }

  #retireReplaced(path: string): void {
    const { disk } = this.#host.context.ports;
    try {
      this.#host.retire(this.current);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      // At the next start the log that is in use says which one is to go.
      this.source.goOffline(error);
      return;
    }
    this.#syncDirectory(this.source, () => {
      // What is left over is looked at by the next move.
      removeReplacedDirectoryLater(disk, path, () => {});
      this.#host.ended(this, "moved", "");
    });
  }

  #followStart(log: PartitionLog): void {
    log.updateHighWatermark(this.current.highWatermark);
    log.deleteRecordsBelow(this.current.logStartOffset);
  }

  /** `done` once names in the directory are durable. */
  #syncDirectory(directory: LogDirectory, done: () => void): void {
    directory.names.sync((error) => {
      if (error === null) done();
      else directory.goOffline(error);
    });
  }

  /** Goes on after an operation of the disk, unless it failed or the move has ended meanwhile. */
  #guarded(next: () => void): (error: DiskError | null) => void {
    return (error) => {
      if (this.#state === "ended") return;
      if (error !== null) this.end("failed", error.message);
      else this.#attempt(next);
    };
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.end("failed", error.message);
    }
  }
}

/** The bytes of a slice, copied only where they lie in several parts. */
function inOnePart({ parts, bytes }: LogSlice): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
