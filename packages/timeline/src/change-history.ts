// The uncommitted changes of one value, oldest first: what it was before each layer that changed it. The
// present value lives with the owner; a value without uncommitted changes has no history at all.

/** One remembered change: `prior` was the value until `layer` began to change it. */
interface PriorValue<Value> {
  readonly layer: number;
  readonly prior: Value;
}

/** Prior values of one key or cell. At most one per layer, layers rising. */
export class ChangeHistory<Value> {
  readonly #priors: PriorValue<Value>[] = [];

  get isEmpty(): boolean {
    return this.#priors.length === 0;
  }

  /** Remembers `prior` for `layer`; false when the layer has changed the value before. */
  remember(layer: number, prior: Value): boolean {
    if (this.#priors.at(-1)?.layer === layer) return false;
    this.#priors.push({ layer, prior });
    return true;
  }

  /** The value as it was at the end of `layer`, given what it is now. */
  at(layer: number, present: Value): Value {
    // From the newest: histories are short, and reads close to the newest snapshot are as common as those at
    // the committed one.
    let value = present;
    for (let i = this.#priors.length - 1; i >= 0; i--) {
      const change = this.#priors[i] as PriorValue<Value>;
      if (change.layer <= layer) break;
      value = change.prior;
    }
    return value;
  }

  forgetOldest(): void {
    this.#priors.shift();
  }

  /** Takes back the newest change and returns what the value was before it. */
  undoNewest(): Value {
    const change = this.#priors.pop();
    if (change === undefined) throw new Error("no change to take back");
    return change.prior;
  }
}
