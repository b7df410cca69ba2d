// A set that can be read as it was at any snapshot not yet forgotten. A map without values; see
// timeline-map.ts.
import type { SnapshotRegistry } from "./snapshot-registry.ts";
import { TimelineMap } from "./timeline-map.ts";

/** A set with snapshots. Every `offset` argument reads at that snapshot; without it, the newest state. */
export class TimelineSet<Item> {
  readonly #items: TimelineMap<Item, true>;

  constructor(registry: SnapshotRegistry) {
    this.#items = new TimelineMap(registry);
  }

  has(item: Item, offset?: number): boolean {
    return this.#items.has(item, offset);
  }

  /** True when the item is new. */
  add(item: Item): boolean {
    if (this.#items.has(item)) return false;
    this.#items.set(item, true);
    return true;
  }

  /** True when the item was there. */
  delete(item: Item): boolean {
    return this.#items.delete(item);
  }

  clear(): void {
    this.#items.clear();
  }

  /** Items of the newest state. */
  get size(): number {
    return this.#items.size;
  }

  /** Items at a snapshot. Costs the number of items with uncommitted changes. */
  sizeAt(offset: number): number {
    return this.#items.sizeAt(offset);
  }

  values(offset?: number): IterableIterator<Item> {
    return this.#items.keys(offset);
  }

  [Symbol.iterator](): IterableIterator<Item> {
    return this.values();
  }
}
