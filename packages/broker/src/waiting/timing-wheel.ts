// Timeouts of everything that waits: a hashed wheel of 1 ms slots with one real timer armed for the next slot
// in use, so that setting and cancelling cost a list operation each, however many requests wait. Invariant: a
// task runs at most once, never before its time, and not after `cancel`. Not here: what a timeout means
// (waiting-produce.ts, waiting-fetch.ts).
import type { Clock, TimerHandle, Timers } from "@ottla/ports";
import { Linked, LinkedList } from "./linked-list.ts";

/** Something to do at a time. */
export abstract class TimerTask extends Linked<TimerTask> {
  /** Tick of the wheel; meaningful while it is in a list. */
  dueTick = 0;

  abstract timedOut(): void;

  /** No effect when it ran or was never set. */
  cancel(): void {
    this.unlink();
  }
}

const slotCount = 1024;
const slotMask = slotCount - 1;

/** The wheel; a tick is a millisecond of monotonic time. */
export class TimingWheel {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #slots: LinkedList<TimerTask>[] = Array.from(
    { length: slotCount },
    () => new LinkedList<TimerTask>(),
  );
  /** All ticks up to this one have run. */
  #doneTick: number;
  #armed: TimerHandle | null = null;
  #armedTick = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
    this.#doneTick = Math.floor(clock.monotonicMs());
  }

  /**
   * Runs the task once, at least `delayMs` (not below 0) from now, in a later turn. The task is not set
   * already.
   */
  set(task: TimerTask, delayMs: number): void {
    const due = Math.ceil(this.#clock.monotonicMs() + Math.max(0, delayMs));
    task.dueTick = Math.max(due, this.#doneTick + 1);
    this.#slot(task.dueTick).append(task);
    if (task.dueTick < this.#armedTick) this.#arm(task.dueTick);
  }

  /** Drops all tasks without running them. */
  close(): void {
    for (const slot of this.#slots) while (slot.first !== null) slot.remove(slot.first);
    this.#disarm();
  }

  readonly #fired = (): void => {
    this.#armed = null;
    this.#armedTick = Number.POSITIVE_INFINITY;
    const nowTick = Math.floor(this.#clock.monotonicMs());
    // After a long pause each slot is looked at once.
    const from = Math.max(this.#doneTick + 1, nowTick - slotCount + 1);
    const due: TimerTask[] = [];
    for (let tick = from; tick <= nowTick; tick += 1) this.#collect(this.#slot(tick), nowTick, due);
    this.#doneTick = Math.max(this.#doneTick, nowTick);
    for (const task of due) {
      // A task that ran before it may have cancelled it.
      if (task.list !== this.#slot(task.dueTick) || task.dueTick > nowTick) continue;
      task.unlink();
      task.timedOut();
    }
    this.#armNext();
  };

  #collect(slot: LinkedList<TimerTask>, nowTick: number, due: TimerTask[]): void {
    for (let task = slot.first; task !== null; task = task.next) if (task.dueTick <= nowTick) due.push(task);
  }

  #armNext(): void {
    for (let tick = this.#doneTick + 1; tick <= this.#doneTick + slotCount; tick += 1) {
      if (tick >= this.#armedTick) return;
      // A slot may hold tasks of later rounds only; then the timer fires for nothing, once a round.
      if (!this.#slot(tick).isEmpty) {
        this.#arm(tick);
        return;
      }
    }
  }

  #arm(tick: number): void {
    this.#disarm();
    this.#armedTick = tick;
    this.#armed = this.#timers.set(Math.max(0, tick - this.#clock.monotonicMs()), this.#fired);
  }

  #disarm(): void {
    if (this.#armed !== null) this.#timers.clear(this.#armed);
    this.#armed = null;
    this.#armedTick = Number.POSITIVE_INFINITY;
  }

  #slot(tick: number): LinkedList<TimerTask> {
    return this.#slots[tick & slotMask] as LinkedList<TimerTask>;
  }
}
