// All replicas of a broker that are on their way to another log directory: which begin, which copy now, which
// wait for their turn, and what becomes of those that end early. Invariant: a partition has one move at a
// time, also while the log it replaced is being removed. Not here: the steps of a move (future-log.ts).
import { DiskError, type Pieces, type Slices } from "@ottla/ports";
import type { LogDirectory } from "../directory/log-directory.ts";
import { futureDirectoryName, logDirectoryName } from "../directory/log-directory-name.ts";
import type { FoundFuture } from "../directory/open-directory.ts";
import { MOVE_RETRY_MS } from "../limits.ts";
import type { LogContext } from "../log-context.ts";
import type { PartitionLog } from "../partition-log.ts";
import type { OpenedLog } from "../recovery/opened-log.ts";
import { FutureLog, type FutureLogHost, type MoveEnd } from "./future-log.ts";
import { MoveRate } from "./move-rate.ts";

/** Who keeps the logs. */
export interface FutureLogsKeeper {
  /** The log of the partition in use. */
  log(topic: string, partition: number): PartitionLog | null;
  directoryOf(log: PartitionLog): LogDirectory;
  /** A log of `directory` with the parts of `opened`, which is not in use. */
  created(current: PartitionLog, directory: LogDirectory, opened: OpenedLog): PartitionLog;
  /** `log` is in use instead of `current`. */
  promoted(current: PartitionLog, log: PartitionLog): void;
  /** A replaced log's directory gets another name and is removed later. Throws `DiskError`. */
  retire(replaced: PartitionLog): void;
  /** A copy leaves its directory; its files stay. */
  forget(log: PartitionLog): void;
}

/** What the moves are made of. */
export interface FutureLogsOptions {
  readonly context: LogContext;
  readonly slices: Slices;
  readonly keeper: FutureLogsKeeper;
  readonly bytesPerSecond: () => number;
  /** Moves that copy at a time. */
  readonly copyingMax: number;
}

/** A replica found on its way, and whether what it holds can be trusted. */
interface Resumable {
  readonly found: FoundFuture;
  readonly directory: LogDirectory;
  readonly wasClean: boolean;
}

/** The moves of one broker. */
export class FutureLogs implements FutureLogHost {
  readonly context: LogContext;
  readonly rate: MoveRate;
  readonly #slices: Slices;
  readonly #keeper: FutureLogsKeeper;
  readonly #copyingMax: number;
  readonly #moves = new Map<string, FutureLog>();
  /** Begin when the move before is over for good. */
  readonly #next = new Map<string, () => void>();
  readonly #copying = new Set<FutureLog>();
  readonly #waiting = new Map<FutureLog, () => void>();
  #found: Resumable[] = [];
  #moved = 0;
  #isClosed = false;

  constructor(options: FutureLogsOptions) {
    this.context = options.context;
    this.rate = new MoveRate(options.context.ports, options.bytesPerSecond);
    this.#slices = options.slices;
    this.#keeper = options.keeper;
    this.#copyingMax = options.copyingMax;
  }

  /** Moves that have ended well. */
  get movedCount(): number {
    return this.#moved;
  }

  /** Moves under way. */
  get count(): number {
    return this.#moves.size;
  }

  /** The copy that is being made of `log`; null: none, or not open yet. */
  futureOf(log: PartitionLog): PartitionLog | null {
    const move = this.#moves.get(log.directoryName);
    return move?.current === log ? move.log : null;
  }

  /**
   * Moves the log to `directory`, in place of any other move of it; to where it is: ends that move. `done`
   * runs once the copy has its place in the directory, and is being made.
   */
  move(current: PartitionLog, directory: LogDirectory, done: () => void): void {
    const name = current.directoryName;
    const under = this.#moves.get(name);
    if (under !== undefined && under.current !== current) {
      // The log that was replaced is on its way out.
      this.#next.set(name, () => this.move(current, directory, () => {}));
      done();
      return;
    }
    if (under?.directory === directory) {
      done();
      return;
    }
    under?.end("cancelled", "another directory is wanted");
    if (current.directory === directory.path) {
      done();
      return;
    }
    const unique = this.context.ports.random.bytes(16);
    const path = `${directory.path}/${futureDirectoryName(current.topic, current.partition, unique)}`;
    this.#begin(current, { directory, path }, false, done);
  }

  /** The partition of this name is gone, or its log is. */
  cancel(name: string): void {
    this.#next.delete(name);
    this.#moves.get(name)?.end("cancelled", "the partition is gone");
    for (const { found, directory } of this.#found) {
      if (logDirectoryName(found.topic, found.partition) === name)
        directory.doomed.addDirectory(found.path, 0);
    }
    this.#found = this.#found.filter(({ found }) => logDirectoryName(found.topic, found.partition) !== name);
  }

  /** At opening: a replica that was on its way. */
  foundOne(found: FoundFuture, directory: LogDirectory, wasClean: boolean): void {
    this.#found.push({ found, directory, wasClean });
  }

  /** Partitions with a copy that was found, of which no log is in use. */
  orphans(): readonly FoundFuture[] {
    return this.#found
      .map(({ found }) => found)
      .filter(({ topic, partition }) => this.#keeper.log(topic, partition) === null);
  }

  /** Goes on with what was found, where the log it is a copy of is in use. */
  resume(): void {
    if (this.#found.length === 0) return;
    const waiting: Resumable[] = [];
    for (const one of this.#found) {
      const { found, directory, wasClean } = one;
      const current = this.#keeper.log(found.topic, found.partition);
      // Its log may lie in a directory that is offline: then the copy is all there is.
      if (current === null) waiting.push(one);
      else if (current.directory === directory.path || this.#moves.has(current.directoryName)) {
        directory.doomed.addDirectory(found.path, 0);
      } else if (wasClean && this.#keeper.directoryOf(current).isOnline) {
        this.#begin(current, { directory, path: found.path }, true, () => {});
      } else {
        // After a crash the log may have gone on with other records than the copy has.
        directory.doomed.addDirectory(found.path, 0);
        this.move(current, directory, () => {});
      }
    }
    this.#found = waiting;
  }

  /** No step is made any more; copies stay for the next life. */
  close(): void {
    this.#isClosed = true;
    this.#next.clear();
    for (const move of [...this.#moves.values()]) move.end("stopped");
  }

  #begin(
    current: PartitionLog,
    to: { readonly directory: LogDirectory; readonly path: string },
    isResumed: boolean,
    done: () => void,
  ): void {
    const source = this.#keeper.directoryOf(current);
    const move = new FutureLog(this, { current, source, ...to }, isResumed);
    this.#moves.set(current.directoryName, move);
    this.context.logger.info("moving a replica to another log directory", {
      from: current.path,
      to: to.path,
    });
    move.begin(done);
  }

  // What a move asks.

  later<Result>(
    pieces: Pieces<Result>,
    done: (result: Result) => void,
    failed: (error: unknown) => void,
  ): void {
    this.#slices.later("future log opening", pieces, { done, failed });
  }

  created(move: FutureLog, opened: OpenedLog): PartitionLog {
    return this.#keeper.created(move.current, move.directory, opened);
  }

  queue(move: FutureLog, start: () => void): void {
    if (this.#copying.size >= this.#copyingMax) {
      this.#waiting.set(move, start);
      return;
    }
    this.#copying.add(move);
    start();
  }

  caughtUp(move: FutureLog): void {
    this.#waiting.delete(move);
    this.#copying.delete(move);
    for (const [next, start] of this.#waiting) {
      if (this.#copying.size >= this.#copyingMax) return;
      this.#waiting.delete(next);
      this.#copying.add(next);
      start();
    }
  }

  promoted(move: FutureLog, log: PartitionLog): void {
    this.#keeper.promoted(move.current, log);
  }

  retire(replaced: PartitionLog): void {
    this.#keeper.retire(replaced);
  }

  ended(move: FutureLog, how: MoveEnd | "moved", reason: string): void {
    const name = move.current.directoryName;
    const { logger } = this.context;
    this.#moves.delete(name);
    if (how === "moved") {
      this.#moved += 1;
      logger.info("a replica was moved", { topic: name, to: move.directory.path });
    } else if (how !== "stopped") {
      logger.warn("the move of a replica ended early", { path: move.path, how, reason });
      this.#drop(move, how);
    }
    this.caughtUp(move);
    const next = this.#next.get(name);
    this.#next.delete(name);
    next?.();
  }

  #drop(move: FutureLog, how: MoveEnd): void {
    const { log, directory, path } = move;
    const { disk, timers } = this.context.ports;
    if (log !== null) this.#keeper.forget(log);
    // With its log out of reach the copy is all there is: it stays for the next start.
    if (how === "lost" && !move.source.isOnline) return;
    if (directory.isOnline) {
      try {
        if (disk.status(path) !== null) directory.doomed.addDirectory(path, 0);
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        directory.goOffline(error);
      }
    }
    if (how === "lost") timers.set(MOVE_RETRY_MS, () => this.#again(move));
  }

  /** The log is open again: what it holds is copied anew. */
  #again(move: Pick<FutureLog, "current" | "directory">): void {
    const { current, directory } = move;
    const { topic, partition, directoryName } = current;
    if (this.#isClosed || this.#moves.has(directoryName) || !directory.isOnline) return;
    if (this.#keeper.log(topic, partition) !== current) return;
    if (current.isWritable) this.move(current, directory, () => {});
    else if (this.#keeper.directoryOf(current).isOnline) {
      this.context.ports.timers.set(MOVE_RETRY_MS, () => this.#again(move));
    }
  }
}
