// The last offset of each key in the dirty part of a log: open addressing over the keys' hashes in two typed
// arrays, so that millions of keys are two objects. Invariant: `latestOffset` is the last offset that was
// looked at; the map says nothing about records behind it.
import { CLEANER_LOAD_FACTOR_MAX } from "../../limits.ts";
import { hashKey } from "./key-hash.ts";

/** Bytes of a slot: hash and offset. As in Apache Kafka, so that a buffer of one size holds as many keys. */
export const OFFSET_MAP_SLOT_BYTES = 24;
const HASH_WORDS = 4;

/** How much of its buffer a map may use. */
export interface OffsetMapBounds {
  /** Bytes that the slots may take. */
  readonly bytesMax: number;
  /** Share of the slots that may be taken, above 0, to 1. */
  readonly loadFactor: number;
}

/** Keys to offsets. */
export class OffsetMap {
  readonly entriesMax: number;
  readonly slots: number;
  readonly #seed: number;
  readonly #hashes: Int32Array;
  /** Offset plus one; 0: free. */
  readonly #offsets: Float64Array;
  readonly #hash = new Int32Array(HASH_WORDS);
  #size = 0;
  latestOffset = -1;

  /** A map for at most `keysMax` keys within `bounds`: no more memory is taken than they need. */
  constructor(keysMax: number, bounds: OffsetMapBounds, seed: number) {
    const loadFactor = Math.min(bounds.loadFactor, CLEANER_LOAD_FACTOR_MAX);
    const slotsMax = Math.max(2, Math.floor(bounds.bytesMax / OFFSET_MAP_SLOT_BYTES));
    this.slots = Math.min(slotsMax, Math.ceil(keysMax / loadFactor) + 2);
    this.entriesMax = Math.max(1, Math.floor(this.slots * loadFactor));
    this.#seed = seed;
    this.#hashes = new Int32Array(this.slots * HASH_WORDS);
    this.#offsets = new Float64Array(this.slots);
  }

  get size(): number {
    return this.#size;
  }

  /** No further key may be put. */
  get isFull(): boolean {
    return this.#size >= this.entriesMax;
  }

  /** Share of the slots in use, 0 to 1. */
  get utilization(): number {
    return this.#size / this.slots;
  }

  /** The key in `bytes[at … end)` is at `offset`, above every offset put before. */
  put(bytes: Uint8Array, at: number, end: number, offset: number): void {
    const slot = this.#slotOf(bytes, at, end);
    if (this.#offsets[slot] === 0) {
      this.#hashes.set(this.#hash, slot * HASH_WORDS);
      this.#size += 1;
    }
    this.#offsets[slot] = offset + 1;
    this.latestOffset = Math.max(this.latestOffset, offset);
  }

  /** The last offset of the key; -1 when it is not known. */
  get(bytes: Uint8Array, at: number, end: number): number {
    return this.#offsets[this.#slotOf(bytes, at, end)]! - 1;
  }

  /** The slot of the key, or the free one where it belongs. There always is a free one. */
  #slotOf(bytes: Uint8Array, at: number, end: number): number {
    const hash = this.#hash;
    hashKey(bytes, at, end, this.#seed, hash);
    let slot = (hash[0]! >>> 0) % this.slots;
    while (this.#offsets[slot] !== 0 && !this.#isAt(slot)) {
      slot += 1;
      if (slot === this.slots) slot = 0;
    }
    return slot;
  }

  #isAt(slot: number): boolean {
    const at = slot * HASH_WORDS;
    const hashes = this.#hashes;
    const hash = this.#hash;
    return (
      hashes[at] === hash[0] &&
      hashes[at + 1] === hash[1] &&
      hashes[at + 2] === hash[2] &&
      hashes[at + 3] === hash[3]
    );
  }
}
