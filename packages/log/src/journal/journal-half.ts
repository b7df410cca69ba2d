// One half of the sync journal: where its next group goes, whose bytes it holds, and which of those logs have
// not had their own files synced since. Invariant: a half is used again only when `unsynced` is empty and its
// header of the next generation is durable.
import { JOURNAL_PAGE_BYTES } from "../limits.ts";
import type { PartitionLog } from "../partition-log.ts";

/** A half. */
export class JournalHalf {
  /** Where the half starts in the journal's file. */
  readonly start: number;
  readonly bytes: number;
  generation = 0;
  /** The next group's sequence number, and where it goes, counted from `start`. */
  sequence = 0;
  position: number = JOURNAL_PAGE_BYTES;
  /** Keys of the logs with runs in it, as long as a crash would find those. */
  readonly present: Set<string> = new Set<string>();
  /** The end of each log's newest run in it that the log's file may not have. Insertion order is age. */
  readonly unsynced: Map<PartitionLog, number> = new Map();
  /** Size of `unsynced` when the other half came into use. */
  unsyncedAtSwitch = 0;
  /** Empty, and its header is durable. */
  isArmed = false;

  constructor(start: number, bytes: number) {
    this.start = start;
    this.bytes = bytes;
  }

  get room(): number {
    return this.bytes - this.position;
  }

  get isReleased(): boolean {
    return this.unsynced.size === 0;
  }

  /** The header of `generation` is durable: nothing of older ones will be found. */
  arm(): void {
    this.sequence = 0;
    this.position = JOURNAL_PAGE_BYTES;
    this.present.clear();
    this.isArmed = true;
  }

  /** `log` has a run up to `endOffset` in the next group. */
  note(log: PartitionLog, endOffset: number): void {
    this.present.add(log.journalKey);
    this.unsynced.delete(log);
    this.unsynced.set(log, endOffset);
  }

  /** The log's own file holds everything below `endOffset`. */
  synced(log: PartitionLog, endOffset: number): void {
    const journaled = this.unsynced.get(log);
    if (journaled !== undefined && journaled <= endOffset) this.unsynced.delete(log);
  }
}
