// The snapshots that a set of timeline structures share: one per appended offset that is not committed yet,
// and the committed one below them all. A journal remembers which key of which structure changed between two
// snapshots, so that committing and reverting cost what changed, never the size of the state. Memory: the
// uncommitted changes alone.

/** A structure that can give up or take back one of its changes. */
export interface Journaled {
  /** Forgets the oldest remembered change of `key`: it is committed. */
  forgetOldest(key: unknown): void;
  /** Takes back the newest change of `key`. */
  undoNewest(key: unknown): void;
}

interface Change {
  readonly owner: Journaled;
  readonly key: unknown;
}

/** The changes between two snapshots. Layers are numbered without gaps; a snapshot is the end of a layer. */
interface Layer {
  readonly number: number;
  /** Offset of the snapshot that ends the layer; of the open layer, which no snapshot has ended, infinite. */
  offset: number;
  readonly changes: Change[];
}

/** Owner of the snapshots. Offsets are integers that rise from snapshot to snapshot; gaps are fine. */
export class SnapshotRegistry {
  #committedOffset: number;
  #committedLayer = 0;
  /** Layers above the committed snapshot, oldest first; the last one is open. Never empty. */
  readonly #layers: Layer[] = [{ number: 1, offset: Number.POSITIVE_INFINITY, changes: [] }];

  /** The empty state counts as committed at `committedOffset`. */
  constructor(committedOffset: number = -1) {
    this.#committedOffset = committedOffset;
  }

  /** Offset of the committed snapshot, the oldest that can be read or reverted to. */
  get committedOffset(): number {
    return this.#committedOffset;
  }

  /** Offset of the newest snapshot; the committed one when there is no other. */
  get newestOffset(): number {
    return this.#layers.at(-2)?.offset ?? this.#committedOffset;
  }

  /** Changes made since the newest snapshot that no snapshot covers. */
  get hasOpenChanges(): boolean {
    return this.#open.changes.length > 0;
  }

  /** Makes the present state the snapshot at `offset`, which must be above every earlier one. */
  snapshot(offset: number): void {
    if (!Number.isSafeInteger(offset) || offset <= this.newestOffset) {
      throw new RangeError(`snapshot at ${offset} is not above the newest, ${this.newestOffset}`);
    }
    const open = this.#open;
    open.offset = offset;
    this.#layers.push({ number: open.number + 1, offset: Number.POSITIVE_INFINITY, changes: [] });
  }

  /**
   * Commits the newest snapshot at or below `offset` and forgets those below it. No effect when that one is
   * committed already.
   */
  commit(offset: number): void {
    if (!Number.isFinite(offset)) throw new RangeError(`cannot commit up to ${offset}`);
    let count = 0;
    for (const layer of this.#layers) {
      if (layer.offset > offset) break;
      count++;
    }
    for (const layer of this.#layers.splice(0, count)) {
      for (const { owner, key } of layer.changes) owner.forgetOldest(key);
      this.#committedLayer = layer.number;
      this.#committedOffset = layer.offset;
    }
  }

  /**
   * Takes back every change after the newest snapshot at or below `offset`, and returns that snapshot's
   * offset. Throws when the committed snapshot is above `offset`: what is committed stays.
   */
  revertTo(offset: number): number {
    if (!(offset >= this.#committedOffset)) {
      throw new RangeError(`cannot revert to ${offset}: ${this.#committedOffset} is committed`);
    }
    let keep = this.#layers.length;
    while (keep > 0 && (this.#layers[keep - 1] as Layer).offset > offset) keep--;
    const dropped = this.#layers.splice(keep);
    for (const layer of dropped.reverse()) {
      for (let i = layer.changes.length - 1; i >= 0; i--) {
        const { owner, key } = layer.changes[i] as Change;
        owner.undoNewest(key);
      }
    }
    const number = (this.#layers.at(-1)?.number ?? this.#committedLayer) + 1;
    this.#layers.push({ number, offset: Number.POSITIVE_INFINITY, changes: [] });
    return this.newestOffset;
  }

  /** Number of the layer that writes go to now. For timeline structures. */
  get openLayer(): number {
    return this.#open.number;
  }

  /** Notes the first change of `key` in the open layer. For timeline structures. */
  journal(owner: Journaled, key: unknown): void {
    this.#open.changes.push({ owner, key });
  }

  /** Number of the layer that ends with the newest snapshot at or below `offset`. For timeline structures. */
  layerAt(offset: number): number {
    if (offset === this.#committedOffset) return this.#committedLayer;
    if (!(offset > this.#committedOffset)) {
      throw new RangeError(`no snapshot is kept at ${offset}: ${this.#committedOffset} is committed`);
    }
    let low = 0;
    let high = this.#layers.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#layers[middle] as Layer).offset <= offset) low = middle + 1;
      else high = middle;
    }
    return (this.#layers[low] as Layer).number - 1;
  }

  get #open(): Layer {
    return this.#layers.at(-1) as Layer;
  }
}
