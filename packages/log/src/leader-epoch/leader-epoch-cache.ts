// Where each leader epoch of a partition began, oldest first, kept in `leader-epoch-checkpoint`.
// Invariant: epochs and start offsets both ascend. An entry not yet saved caps the recovery point
// (`unsavedFrom`), so that a recovery scan always finds it again in the batches. An epoch without a record is
// forgotten by the next opening, so a log that has none yet needs no file.
import type { Disk } from "@ottla/ports";
import {
  type EpochEntry,
  encodeLeaderEpochs,
  LEADER_EPOCH_CHECKPOINT,
} from "../checkpoint/leader-epoch-checkpoint.ts";
import { type EpochEndOffset, UNDEFINED_EPOCH, UNDEFINED_EPOCH_END_OFFSET } from "./epoch-end-offset.ts";

/** Leader epochs of one partition. */
export class LeaderEpochCache {
  readonly #disk: Disk;
  #directory: string;
  #entries: EpochEntry[];
  #isDirty = false;
  #isSaving = false;
  #hasFile: boolean;
  /** Start offset of the oldest entry that the file does not have, and of the oldest one being saved. */
  #unsavedFrom = Number.MAX_SAFE_INTEGER;
  #savingFrom = Number.MAX_SAFE_INTEGER;

  constructor(disk: Disk, directory: string, entries: readonly EpochEntry[]) {
    this.#disk = disk;
    this.#directory = directory;
    this.#entries = [];
    this.#hasFile = entries.length > 0;
    for (const entry of entries) this.assign(entry.epoch, entry.startOffset);
    this.#isDirty = this.#entries.length !== entries.length;
    this.#unsavedFrom = Number.MAX_SAFE_INTEGER;
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries;
  }

  /** -1 without entries. */
  get latestEpoch(): number {
    return this.#entries.at(-1)?.epoch ?? UNDEFINED_EPOCH;
  }

  /** Records at and above this offset must stay within reach of a recovery scan. */
  get unsavedFrom(): number {
    return Math.min(this.#unsavedFrom, this.#savingFrom);
  }

  /**
   * `epoch` begins at `startOffset`; known already: nothing changes. Entries that contradict it go (KIP-101).
   */
  assign(epoch: number, startOffset: number): void {
    const last = this.#entries.at(-1);
    if (epoch < 0 || startOffset < 0 || (last !== undefined && last.epoch === epoch)) return;
    if (last !== undefined && (last.epoch > epoch || last.startOffset >= startOffset)) {
      this.#entries = this.#entries.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset);
    }
    this.#entries.push({ epoch, startOffset });
    this.#isDirty = true;
    this.#unsavedFrom = Math.min(this.#unsavedFrom, startOffset);
  }

  /** Epoch of the record at `offset`, -1 when it is older than the oldest entry. */
  epochFor(offset: number): number {
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      const entry = this.#entries[index];
      if (entry !== undefined && entry.startOffset <= offset) return entry.epoch;
    }
    return UNDEFINED_EPOCH;
  }

  /** The largest epoch not above `requested`, and the offset at which it ended. */
  endOffsetFor(requested: number, logEndOffset: number): EpochEndOffset {
    if (requested === UNDEFINED_EPOCH) return UNDEFINED_EPOCH_END_OFFSET;
    if (requested === this.latestEpoch) return { leaderEpoch: requested, endOffset: logEndOffset };
    const higherIndex = this.#entries.findIndex((entry) => entry.epoch > requested);
    const higher = this.#entries[higherIndex];
    if (higher === undefined) return UNDEFINED_EPOCH_END_OFFSET;
    const floor = this.#entries[higherIndex - 1];
    return { leaderEpoch: floor?.epoch ?? requested, endOffset: higher.startOffset };
  }

  /** The log ends at `offset` now. */
  truncateFromEnd(offset: number): void {
    const kept = this.#entries.filter((entry) => entry.startOffset < offset);
    if (kept.length === this.#entries.length) return;
    this.#entries = kept;
    this.#isDirty = true;
  }

  /** The log starts at `offset` now: the epoch of that record starts there, older ones are gone. */
  truncateFromStart(offset: number): void {
    let first = 0;
    while ((this.#entries[first + 1]?.startOffset ?? Number.MAX_SAFE_INTEGER) <= offset) first++;
    const oldest = this.#entries[first];
    if (oldest === undefined || (first === 0 && oldest.startOffset >= offset)) return;
    this.#entries = [
      { epoch: oldest.epoch, startOffset: Math.max(oldest.startOffset, offset) },
      ...this.#entries.slice(first + 1),
    ];
    this.#isDirty = true;
  }

  clear(): void {
    if (this.#entries.length === 0) return;
    this.#entries = [];
    this.#isDirty = true;
  }

  /** Takes over what another copy of the log knows. */
  replaceWith(entries: readonly EpochEntry[]): void {
    const isSame =
      entries.length === this.#entries.length &&
      entries.every(({ epoch, startOffset }, index) => {
        const own = this.#entries[index];
        return own?.epoch === epoch && own.startOffset === startOffset;
      });
    if (isSame) return;
    this.clear();
    for (const { epoch, startOffset } of entries) this.assign(epoch, startOffset);
  }

  /** The partition's directory was renamed. */
  moved(directory: string): void {
    this.#directory = directory;
  }

  /**
   * Starts to save on the pool when something changed. The log ends at `logEndOffset`. A failed save is tried
   * again at the next call.
   */
  saveLater(logEndOffset: number): void {
    if (!this.#isDirty || this.#isSaving || !this.#isWorthFile(logEndOffset)) return;
    this.#isDirty = false;
    this.#isSaving = true;
    this.#hasFile = true;
    this.#savingFrom = this.#unsavedFrom;
    this.#unsavedFrom = Number.MAX_SAFE_INTEGER;
    this.#disk.replaceFileLater(this.#path(), encodeLeaderEpochs(this.#entries), (error) => {
      this.#isSaving = false;
      if (error !== null) {
        this.#isDirty = true;
        this.#unsavedFrom = Math.min(this.#unsavedFrom, this.#savingFrom);
      }
      this.#savingFrom = Number.MAX_SAFE_INTEGER;
    });
  }

  /** Saves before it returns; the log ends at `logEndOffset`. Throws `DiskError`. */
  save(logEndOffset: number): void {
    if ((!this.#isDirty && !this.#isSaving) || !this.#isWorthFile(logEndOffset)) return;
    this.#hasFile = true;
    this.#disk.replaceFile(this.#path(), encodeLeaderEpochs(this.#entries));
    this.#isDirty = false;
    this.#unsavedFrom = Number.MAX_SAFE_INTEGER;
    this.#savingFrom = Number.MAX_SAFE_INTEGER;
  }

  #isWorthFile(logEndOffset: number): boolean {
    return this.#hasFile || this.#entries.some(({ startOffset }) => startOffset < logEndOffset);
  }

  #path(): string {
    return `${this.#directory}/${LEADER_EPOCH_CHECKPOINT}`;
  }
}
