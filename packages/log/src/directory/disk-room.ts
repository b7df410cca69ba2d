// Whether clients may still write to a log directory: its file system keeps a reserve free for what must go
// on when it is full. Between two looks at the file system the bytes taken are counted. Invariant: full and
// with room alternate, each told once. Not here: what else needs room, and an append that failed for want of
// it (partition-log.ts).
import { DiskError } from "@ottla/ports";
import {
  DISK_PLENTY_RESERVES,
  DISK_RESERVE_BYTES,
  DISK_RESERVE_SHARE,
  DISK_RESUME_FACTOR,
  DISK_ROOM_INTERVAL_MS,
  DISK_ROOM_SHORT_INTERVAL_MS,
} from "../limits.ts";
import type { LogContext } from "../log-context.ts";

/** The room of one log directory. */
export class DiskRoom {
  readonly #context: LogContext;
  readonly #directory: string;
  #freeBytes = Number.POSITIVE_INFINITY;
  #reserveBytes = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #isFull = false;
  #refused = 0;

  constructor(context: LogContext, directory: string) {
    this.#context = context;
    this.#directory = directory;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Appends of clients that were refused. */
  get refusedCount(): number {
    return this.#refused;
  }

  /** A client wants to append `bytes`: false when there is no room. */
  takes(bytes: number): boolean {
    this.#freeBytes -= bytes;
    const hasPlenty = this.#freeBytes > DISK_PLENTY_RESERVES * this.#reserveBytes;
    this.#lookAfter(hasPlenty ? DISK_ROOM_INTERVAL_MS : DISK_ROOM_SHORT_INTERVAL_MS);
    if (!this.#isFull) return true;
    this.#refused += 1;
    return false;
  }

  /** About once a second: a full disk may have room again. */
  tick(): void {
    if (this.#isFull) this.#lookAfter(0);
  }

  /** An operation found no room. */
  ranOut(): void {
    this.#lookAfter(0);
  }

  #lookAfter(intervalMs: number): void {
    const nowMs = this.#context.ports.clock.monotonicMs();
    if (nowMs - this.#lookedMs < intervalMs) {
      this.#judge();
      return;
    }
    this.#lookedMs = nowMs;
    try {
      const { freeBytes, totalBytes } = this.#context.ports.disk.space(this.#directory);
      this.#freeBytes = freeBytes;
      this.#reserveBytes = Math.min(DISK_RESERVE_BYTES, totalBytes * DISK_RESERVE_SHARE);
    } catch (error) {
      // Whatever is wrong with the disk, its own work will find.
      if (!(error instanceof DiskError)) throw error;
    }
    this.#judge();
  }

  #judge(): void {
    const bound = this.#isFull ? DISK_RESUME_FACTOR * this.#reserveBytes : this.#reserveBytes;
    const isFull = this.#freeBytes < bound;
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    const { logger } = this.#context;
    const told = { path: this.#directory, freeBytes: this.#freeBytes, reserveBytes: this.#reserveBytes };
    if (isFull) {
      logger.error(
        "the disk of a log directory is full: producing to it is refused until there is room; delete topics or " +
          "records, shorten retention, move replicas to another log directory, or enlarge the disk",
        told,
      );
    } else logger.info("the disk of a log directory has room again: producing goes on", told);
  }
}

/** What a disk says that has no room, or none for this user; it is whole. */
export function isFullDisk({ code, operation }: DiskError): boolean {
  return (code === "ENOSPC" || code === "EDQUOT") && operation !== "sync";
}
