// The uncommitted changes of one value, oldest first: what it was before each layer that changed it. The
// present value lives with the owner; a value without uncommitted changes has no history at all.

/** One remembered change: `prior` was the value until `layer` began to change it. */
interface PriorValue<Value> {
  readonly layer: number;
  readonly prior: Value;
}

/**
 * Prior values of one key or cell. At most one per layer, layers rising. Most have one change, kept without a
 * list.
 */
export class ChangeHistory<Value> {
  /** The newest change. 0: none; layers count from 1. */
  #layer = 0;
  #prior: Value | undefined;
  /** The changes before it; null: never one. */
  #older: PriorValue<Value>[] | null = null;

  get isEmpty(): boolean {
    return this.#layer === 0;
  }

  /** Remembers `prior` for `layer`; false when the layer has changed the value before. */
  remember(layer: number, prior: Value): boolean {
    if (this.#layer === layer) return false;
    if (this.#layer !== 0) {
      this.#older ??= [];
      this.#older.push({ layer: this.#layer, prior: this.#prior as Value });
    }
    this.#layer = layer;
    this.#prior = prior;
    return true;
  }

  /** The value as it was at the end of `layer`, given what it is now. */
  at(layer: number, present: Value): Value {
    // From the newest: histories are short, and reads close to the newest snapshot are as common as those at
    // the committed one.
    if (this.#layer <= layer) return present;
    let value = this.#prior as Value;
    if (this.#older === null) return value;
    for (let i = this.#older.length - 1; i >= 0; i--) {
      const change = this.#older[i] as PriorValue<Value>;
      if (change.layer <= layer) break;
      value = change.prior;
    }
    return value;
  }

  forgetOldest(): void {
    if (this.#older !== null && this.#older.length > 0) this.#older.shift();
    else this.#clear();
  }

  /** Takes back the newest change and returns what the value was before it. */
  undoNewest(): Value {
    if (this.#layer === 0) throw new Error("no change to take back");
    const prior = this.#prior as Value;
    const older = this.#older?.pop();
    if (older === undefined) this.#clear();
    else {
      this.#layer = older.layer;
      this.#prior = older.prior;
    }
    return prior;
  }

  #clear(): void {
    this.#layer = 0;
    this.#prior = undefined;
  }
}
