// The end of a turn is the event loop's check phase: `setImmediate` runs there, after the poll phase served
// every readable socket. One immediate per turn drains the queue as it stood when the run began; what is
// asked for meanwhile waits for the next turn, so that end-of-turn work that makes more of itself never
// starves the sockets.
import type { Turn } from "../turn.ts";

class NodeTurn implements Turn {
  #queue: (() => void)[] = [];
  #isScheduled = false;
  /**
   * True while code of ours runs in the check phase, from where `setImmediate` already means the next turn.
   */
  #isInCheckPhase = false;

  atEnd(callback: () => void): void {
    this.#queue.push(callback);
    this.#schedule();
  }

  nextSlice(callback: () => void): void {
    const slice = () => this.#inCheckPhase(callback);
    if (this.#isInCheckPhase) setImmediate(slice);
    // From a socket or timer, this turn's check phase is still to come: a slice belongs to the one after.
    else setImmediate(() => setImmediate(slice));
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#inCheckPhase(() => this.#run()));
  }

  #run(): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#isScheduled = false;
    let index = 0;
    try {
      for (; index < queue.length; index++) queue[index]?.();
    } finally {
      // A throw ends the process unless its owner decided otherwise; then what stood behind it still runs.
      if (index < queue.length) {
        this.#queue = queue.slice(index + 1).concat(this.#queue);
        if (this.#queue.length > 0) this.#schedule();
      }
    }
  }

  #inCheckPhase(callback: () => void): void {
    this.#isInCheckPhase = true;
    try {
      callback();
    } finally {
      this.#isInCheckPhase = false;
    }
  }
}

/** The turns of the event loop. */
export function createNodeTurn(): Turn {
  return new NodeTurn();
}

/**
 * Resolves when every promise reaction that can run without I/O has run. For simulations whose code awaits.
 */
export function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
