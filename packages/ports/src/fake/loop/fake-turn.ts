// Ends of turns in a simulated node. A turn ends some microseconds after the first request for it, so that
// other events of the node may fall into the same turn.
import type { Turn } from "../../turn.ts";
import type { FakeLife } from "../fake-life.ts";

/** The turns of one life. */
export class FakeTurn implements Turn {
  readonly #life: FakeLife;
  #queue: (() => void)[] = [];
  #endUs = 0;

  constructor(life: FakeLife) {
    this.#life = life;
  }

  atEnd(callback: () => void): void {
    this.#queue.push(callback);
    if (this.#queue.length > 1) return;
    const delayUs = this.#life.drawUs(this.#life.host.delays.turnEndUs);
    this.#endUs = this.#life.world.nowUs + delayUs;
    this.#life.schedule("turn-end", delayUs, () => this.#end());
  }

  nextSlice(callback: () => void): void {
    // The end of this turn comes first.
    const afterEndUs = Math.max(this.#endUs - this.#life.world.nowUs, 0) + 1;
    const delayUs = afterEndUs + this.#life.drawUs(this.#life.host.delays.turnEndUs);
    this.#life.schedule("slice", delayUs, callback);
  }

  #end(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const callback of queue) callback();
  }
}
