// A map that can be read as it was at any snapshot not yet forgotten. Reads and writes of the newest state
// are those of a plain `Map` plus one look-up; a write remembers the prior value once per key and layer.
// Values are treated as immutable: put a changed copy. The order of iteration is not specified.
import { ChangeHistory } from "./change-history.ts";
import type { Journaled, SnapshotRegistry } from "./snapshot-registry.ts";

/** Stands for "the key was not there". */
const ABSENT = Symbol("absent");
type Absent = typeof ABSENT;

/** A map with snapshots. Every `offset` argument reads at that snapshot; without it, the newest state. */
export class TimelineMap<Key, Value> {
  readonly #registry: SnapshotRegistry;
  readonly #newest = new Map<Key, Value>();
  /** Only keys with uncommitted changes. */
  readonly #histories = new Map<Key, ChangeHistory<Value | Absent>>();
  readonly #journaled: Journaled;

  constructor(registry: SnapshotRegistry) {
    this.#registry = registry;
    this.#journaled = {
      forgetOldest: (key) => this.#forgetOldest(key as Key),
      undoNewest: (key) => this.#undoNewest(key as Key),
    };
  }

  get(key: Key, offset?: number): Value | undefined {
    if (offset === undefined) return this.#newest.get(key);
    const value = this.#at(key, this.#registry.layerAt(offset));
    return value === ABSENT ? undefined : value;
  }

  has(key: Key, offset?: number): boolean {
    if (offset === undefined) return this.#newest.has(key);
    return this.#at(key, this.#registry.layerAt(offset)) !== ABSENT;
  }

  set(key: Key, value: Value): void {
    this.#remember(key);
    this.#newest.set(key, value);
  }

  /** True when the key was there. */
  delete(key: Key): boolean {
    if (!this.#newest.has(key)) return false;
    this.#remember(key);
    this.#newest.delete(key);
    return true;
  }

  clear(): void {
    for (const key of this.#newest.keys()) this.#remember(key);
    this.#newest.clear();
  }

  /** Entries of the newest state. */
  get size(): number {
    return this.#newest.size;
  }

  /** Entries at a snapshot. Costs the number of keys with uncommitted changes. */
  sizeAt(offset: number): number {
    const layer = this.#registry.layerAt(offset);
    let size = this.#newest.size;
    for (const key of this.#histories.keys()) {
      const isThere = this.#at(key, layer) !== ABSENT;
      size += Number(isThere) - Number(this.#newest.has(key));
    }
    return size;
  }

  *entries(offset?: number): IterableIterator<[Key, Value]> {
    if (offset === undefined) {
      yield* this.#newest;
      return;
    }
    const layer = this.#registry.layerAt(offset);
    for (const key of this.#newest.keys()) {
      const value = this.#at(key, layer);
      if (value !== ABSENT) yield [key, value];
    }
    for (const key of this.#histories.keys()) {
      if (this.#newest.has(key)) continue;
      const value = this.#at(key, layer);
      if (value !== ABSENT) yield [key, value];
    }
  }

  *keys(offset?: number): IterableIterator<Key> {
    for (const [key] of this.entries(offset)) yield key;
  }

  *values(offset?: number): IterableIterator<Value> {
    for (const [, value] of this.entries(offset)) yield value;
  }

  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return this.entries();
  }

  #present(key: Key): Value | Absent {
    const value = this.#newest.get(key);
    return value !== undefined || this.#newest.has(key) ? (value as Value) : ABSENT;
  }

  #at(key: Key, layer: number): Value | Absent {
    const present = this.#present(key);
    const history = this.#histories.get(key);
    return history === undefined ? present : history.at(layer, present);
  }

  #remember(key: Key): void {
    let history = this.#histories.get(key);
    if (history === undefined) {
      history = new ChangeHistory<Value | Absent>();
      this.#histories.set(key, history);
    }
    if (history.remember(this.#registry.openLayer, this.#present(key))) {
      this.#registry.journal(this.#journaled, key);
    }
  }

  #forgetOldest(key: Key): void {
    const history = this.#historyOf(key);
    history.forgetOldest();
    if (history.isEmpty) this.#histories.delete(key);
  }

  #undoNewest(key: Key): void {
    const history = this.#historyOf(key);
    const prior = history.undoNewest();
    if (prior === ABSENT) this.#newest.delete(key);
    else this.#newest.set(key, prior);
    if (history.isEmpty) this.#histories.delete(key);
  }

  #historyOf(key: Key): ChangeHistory<Value | Absent> {
    const history = this.#histories.get(key);
    if (history === undefined) throw new Error("a journaled key has no history");
    return history;
  }
}
