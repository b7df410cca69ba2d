// Which logs of one directory get the fdatasync of their own file when: the one whose appends wait longest
// first, one in flight per log, a bounded number in flight in all (the pool has other work too). What is
// appended while a log syncs joins its next sync; so a few in flight at once and no more, as long as nobody
// waits long, make fewer and larger syncs, each of which costs a processor the same. Where there is room
// left, files are synced that nobody waits for, so that the sync journal can begin anew.

import type { Clock, DiskError } from "@ottla/ports";
import {
  JOURNAL_SPARE_SYNCS_MAX,
  JOURNAL_SPARE_SYNCS_STUCK_MAX,
  SYNC_PATIENCE_MS,
  SYNCS_PATIENT_MIN,
} from "../limits.ts";

/** Something with written bytes to make durable. */
export interface Syncable {
  /** True when a sync would make more durable. */
  readonly isSyncNeeded: boolean;
  /** 0: its creation is not durable, a part of which is shared with others whose sync is in flight. */
  readonly fileSyncedEndOffset: number;
  /** `done` runs in a later turn, or before the return when there was nothing to do. */
  sync(done: (error: DiskError | null) => void): void;
}

/** Told when a sync ended. */
export interface SyncEvents<Log> {
  synced(log: Log): void;
  failed(error: DiskError): void;
}

/** Knows files whose sync nobody waits for. */
export interface SpareSyncs<Log> {
  /** True when something else waits for one of them. */
  readonly isStuck: boolean;
  /** Null when none is due. */
  nextToSync(isRunning: (log: Log) => boolean): Log | null;
}

/** Orders the syncs of one directory. */
export class SyncQueue<Log extends Syncable> {
  readonly #clock: Clock;
  readonly #inFlightMax: number;
  readonly #events: SyncEvents<Log>;
  /** Since when they wait, which is also their order. */
  readonly #waiting = new Map<Log, number>();
  readonly #running = new Set<Log>();
  readonly #spares: SpareSyncs<Log> | null;
  #spareRunning = 0;
  #isStopped = false;

  constructor(clock: Clock, inFlightMax: number, events: SyncEvents<Log>, spares: SpareSyncs<Log> | null) {
    this.#clock = clock;
    this.#inFlightMax = inFlightMax;
    this.#events = events;
    this.#spares = spares;
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#running.size === 0;
  }

  /** Everything `log` has written by now becomes durable as soon as it is its turn. */
  request(log: Log): void {
    if (this.#isStopped) return;
    if (!this.#waiting.has(log)) this.#waiting.set(log, this.#clock.monotonicMs());
    this.#start();
  }

  /** Files may be due that nobody waits for. */
  spare(): void {
    if (!this.#isStopped) this.#start();
  }

  /** A failed fdatasync is never tried again: nobody knows what it lost. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.clear();
  }

  #start(): void {
    const patientSinceMs = this.#clock.monotonicMs() - SYNC_PATIENCE_MS;
    for (const [log, sinceMs] of this.#waiting) {
      if (this.#running.size >= this.#inFlightMax) return;
      if (this.#running.has(log)) continue;
      // Those after it wait less; the end of a sync in flight asks again.
      const gathers = sinceMs > patientSinceMs && log.fileSyncedEndOffset > 0;
      if (gathers && this.#running.size >= SYNCS_PATIENT_MIN) break;
      this.#waiting.delete(log);
      if (!log.isSyncNeeded) continue;
      this.#running.add(log);
      log.sync((error) => this.#finished(log, error));
    }
    this.#startSpare();
  }

  #startSpare(): void {
    const spares = this.#spares;
    if (spares === null) return;
    while (!this.#isStopped && this.#running.size < this.#inFlightMax) {
      const runningMax = spares.isStuck ? JOURNAL_SPARE_SYNCS_STUCK_MAX : JOURNAL_SPARE_SYNCS_MAX;
      if (this.#spareRunning >= runningMax) return;
      const log = spares.nextToSync((other) => this.#running.has(other));
      if (log === null) return;
      this.#running.add(log);
      this.#spareRunning += 1;
      log.sync((error) => {
        this.#spareRunning -= 1;
        this.#finished(log, error);
      });
    }
  }

  #finished(log: Log, error: DiskError | null): void {
    this.#running.delete(log);
    if (error === null) this.#events.synced(log);
    else this.#events.failed(error);
    this.#start();
  }
}
