// Ids for idempotent producers, handed out of blocks that the controller gives to one broker each, so that no
// id is ever given twice. One block is asked for at a time: ahead of need when most of the present one is
// used. Invariant: whoever asks is answered once; when the controller refuses a block all who wait are told
// to try again. Not here: how the controller is asked (data-plane.ts).
import { type ErrorSpec, errors, type ProducerId } from "@ottla/protocol";
import { producerIdLimits } from "../limits.ts";

/** Ids from `start` on, `length` of them. */
export interface ProducerIdBlock {
  readonly start: number;
  readonly length: number;
}

/** Asks the controller; `done` runs once, in a later turn. */
export type AllocateBlock = (done: (result: ProducerIdBlock | ErrorSpec) => void) => void;

/** The ids of one broker. */
export class ProducerIdPool {
  readonly #allocate: AllocateBlock;
  readonly #waiting: ((result: ProducerId | ErrorSpec) => void)[] = [];
  #next = 0;
  #end = 0;
  #prefetchAt = 0;
  #prefetched: ProducerIdBlock | null = null;
  #isAllocating = false;

  constructor(allocate: AllocateBlock) {
    this.#allocate = allocate;
  }

  /** A fresh id, or COORDINATOR_LOAD_IN_PROGRESS; `done` may run before the return. */
  next(done: (result: ProducerId | ErrorSpec) => void): void {
    if (this.#next < this.#end || this.#prefetched !== null) {
      done(this.#take());
    } else if (this.#waiting.length >= producerIdLimits.waitingMax) {
      done(errors.COORDINATOR_LOAD_IN_PROGRESS);
    } else {
      this.#waiting.push(done);
      this.#ask();
    }
  }

  #take(): ProducerId {
    if (this.#next >= this.#end && this.#prefetched !== null) {
      this.#begin(this.#prefetched);
      this.#prefetched = null;
    }
    const id = this.#next;
    this.#next += 1;
    if (this.#next >= this.#prefetchAt && this.#prefetched === null) this.#ask();
    return id as ProducerId;
  }

  #begin(block: ProducerIdBlock): void {
    this.#next = block.start;
    this.#end = block.start + block.length;
    this.#prefetchAt = block.start + Math.floor(block.length * producerIdLimits.prefetchShare);
  }

  #ask(): void {
    if (this.#isAllocating) return;
    this.#isAllocating = true;
    this.#allocate((result) => {
      this.#isAllocating = false;
      if ("code" in result) {
        for (const waiter of this.#waiting.splice(0)) waiter(errors.COORDINATOR_LOAD_IN_PROGRESS);
        return;
      }
      this.#prefetched = result;
      while (this.#waiting.length > 0 && (this.#next < this.#end || this.#prefetched !== null)) {
        this.#waiting.shift()?.(this.#take());
      }
      if (this.#waiting.length > 0) this.#ask();
    });
  }
}
