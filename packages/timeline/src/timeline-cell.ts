// One value that can be read as it was at any snapshot not yet forgotten. The value is treated as immutable.
import { ChangeHistory } from "./change-history.ts";
import type { Journaled, SnapshotRegistry } from "./snapshot-registry.ts";

/** A value with snapshots. */
export class TimelineCell<Value> {
  readonly #registry: SnapshotRegistry;
  readonly #history = new ChangeHistory<Value>();
  readonly #journaled: Journaled;
  #newest: Value;

  /** At snapshots older than the cell it reads `initial`. */
  constructor(registry: SnapshotRegistry, initial: Value) {
    this.#registry = registry;
    this.#newest = initial;
    this.#journaled = {
      forgetOldest: () => this.#history.forgetOldest(),
      undoNewest: () => {
        this.#newest = this.#history.undoNewest();
      },
    };
  }

  /** The value at the snapshot at `offset`; without it, the newest. */
  get(offset?: number): Value {
    if (offset === undefined) return this.#newest;
    return this.#history.at(this.#registry.layerAt(offset), this.#newest);
  }

  set(value: Value): void {
    if (this.#history.remember(this.#registry.openLayer, this.#newest)) {
      this.#registry.journal(this.#journaled, null);
    }
    this.#newest = value;
  }
}
