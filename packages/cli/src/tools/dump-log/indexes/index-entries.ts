// The entries of an offset index and of a time index, as they lie in the file. The last, partial one of a
// file whose size is no multiple does not count.
import { bigInt64At, int32At } from "@ottla/protocol";

const OFFSET_ENTRY_BYTES = 8;
const TIME_ENTRY_BYTES = 12;

export interface OffsetIndexEntry {
  readonly offset: bigint;
  readonly position: number;
}

export interface TimeIndexEntry {
  readonly timestamp: bigint;
  readonly offset: bigint;
}

/** What both kinds of index have in common. */
class IndexView {
  readonly baseOffset: bigint;
  readonly entries: number;
  readonly isWhole: boolean;
  readonly sizeInBytes: number;
  protected readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, baseOffset: bigint, entryBytes: number) {
    this.bytes = bytes;
    this.baseOffset = baseOffset;
    this.sizeInBytes = bytes.length;
    this.entries = Math.floor(bytes.length / entryBytes);
    this.isWhole = bytes.length % entryBytes === 0;
  }
}

/** A `.index` in memory. */
export class OffsetIndexView extends IndexView {
  constructor(bytes: Uint8Array, baseOffset: bigint) {
    super(bytes, baseOffset, OFFSET_ENTRY_BYTES);
  }

  entry(index: number): OffsetIndexEntry {
    const at = index * OFFSET_ENTRY_BYTES;
    return {
      offset: this.baseOffset + BigInt(int32At(this.bytes, at)),
      position: int32At(this.bytes, at + 4),
    };
  }

  /** Position of the last entry at or before the offset; 0 when there is none. */
  positionFor(offset: bigint): number {
    let low = 0;
    let high = this.entries;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.entry(middle).offset <= offset) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : this.entry(low - 1).position;
  }
}

/** A `.timeindex` in memory. */
export class TimeIndexView extends IndexView {
  constructor(bytes: Uint8Array, baseOffset: bigint) {
    super(bytes, baseOffset, TIME_ENTRY_BYTES);
  }

  entry(index: number): TimeIndexEntry {
    const at = index * TIME_ENTRY_BYTES;
    return {
      timestamp: bigInt64At(this.bytes, at),
      offset: this.baseOffset + BigInt(int32At(this.bytes, at + 8)),
    };
  }
}
