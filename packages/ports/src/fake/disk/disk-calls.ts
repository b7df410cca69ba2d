// The gate that every call of a simulated `Disk` passes: a call is a point where the simulation may crash the
// node or make the call fail.
import { type DiskDone, DiskError } from "../../disk.ts";
import { type FakeLife, NodeCrashed } from "../fake-life.ts";

/** What a call does. */
export interface DiskEffect<Result> {
  readonly run: () => Result;
  /**
   * Does a drawn part of it, for a call that fails or crashes half-way. Without it such a call has no effect.
   */
  readonly fail?: () => void;
  /** What a call does that only says it was done. Without it such a call is done. */
  readonly lie?: () => Result;
}

/** The calls of one life. */
export class DiskCalls {
  readonly #life: FakeLife;

  constructor(life: FakeLife) {
    this.#life = life;
  }

  /** A blocking call. Throws `DiskError`, or `NodeCrashed` when it is the node's last. */
  now<Result>(operation: string, path: string, effect: DiskEffect<Result>): Result {
    return this.#pass("call", operation, path, effect);
  }

  /** A call whose effect comes later, on the pool. `completed` gets the result or the error. */
  later<Result>(
    operation: string,
    path: string,
    effect: DiskEffect<Result>,
    completed: (result: Result | DiskError) => void,
  ): void {
    const entered = this.#attempt(() => this.#pass("call", operation, path, { run: () => null }));
    const { poolUs } = this.#life.host.delays;
    this.#life.schedule(`disk-${operation}`, this.#life.drawUs(poolUs), () => {
      if (entered instanceof DiskError) {
        effect.fail?.();
        completed(entered);
        return;
      }
      completed(this.#attempt(() => this.#pass("effect", operation, path, effect)));
    });
  }

  #attempt<Result>(call: () => Result): Result | DiskError {
    try {
      return call();
    } catch (error) {
      if (error instanceof DiskError) return error;
      throw error;
    }
  }

  #pass<Result>(
    phase: "call" | "effect",
    operation: string,
    path: string,
    effect: DiskEffect<Result>,
  ): Result {
    const life = this.#life;
    life.assertAlive();
    const node = life.host.name;
    life.world.note(`disk-${phase}-${operation}`, node, life.host.storage.callCount);
    const verdict = life.host.storage.judge({ node, operation, path, phase });
    if (verdict === "go") return effect.run();
    if (verdict === "lie") return (effect.lie ?? effect.run)();
    if (typeof verdict === "object") {
      effect.fail?.();
      throw new DiskError(operation, path, verdict.code);
    }
    this.#someOf(effect, verdict === "kill" && operation === "sync");
    life.world.crash(node, { how: verdict === "kill" ? "kill" : "power" });
    throw new NodeCrashed(node);
  }

  /**
   * With `isWhole` all or nothing: the death of a process makes no sync fail, what it wrote stays with the
   * system.
   */
  #someOf<Result>(effect: DiskEffect<Result>, isWhole: boolean): void {
    const drawn = this.#life.world.random.below(3);
    if (drawn === 0) this.#attempt(effect.run);
    else if (drawn === 1 && !isWhole) effect.fail?.();
  }
}

/** Turns the completion of a call without a value into its `DiskDone`. */
export function asDone(done: DiskDone): (result: unknown) => void {
  return (result) => done(result instanceof DiskError ? result : null);
}
