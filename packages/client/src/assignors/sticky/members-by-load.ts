// Members in order of how many partitions they have, fewest first, then by index. A member's place changes
// only through `update`, which does the change itself.

export class MembersByLoad {
  readonly #order: number[];
  readonly #load: (member: number) => number;

  constructor(members: Iterable<number>, load: (member: number) => number) {
    this.#load = load;
    this.#order = [...members].sort((left, right) => this.#compare(left, right));
  }

  get first(): number | undefined {
    return this.#order[0];
  }

  get last(): number | undefined {
    return this.#order.at(-1);
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#order[Symbol.iterator]();
  }

  /** Changes the loads of `members` by `change` and puts them where they belong now. */
  update(members: readonly number[], change: () => void): void {
    for (const member of members) this.remove(member);
    change();
    for (const member of members) this.#order.splice(this.#placeOf(member), 0, member);
  }

  remove(member: number): void {
    const place = this.#placeOf(member);
    if (this.#order[place] === member) this.#order.splice(place, 1);
  }

  #placeOf(member: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#order[middle]!, member) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(left: number, right: number): number {
    return this.#load(left) - this.#load(right) || left - right;
  }
}
