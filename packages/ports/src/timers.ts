// One-shot timers on monotonic time. The broker arms very few of them: its own timing wheel sits on top.

/** A timer that has been set; only `Timers.clear` takes it. */
export interface TimerHandle {
  readonly dueMs: number;
}

/** Sets and clears one-shot timers. */
export interface Timers {
  /**
   * Runs `callback` in a later turn, at least `delayMs` milliseconds (≥ 0) from now. A set timer does not
   * keep the process alive unless the timers were made so.
   */
  set(delayMs: number, callback: () => void): TimerHandle;
  /** Forgets the timer; no effect when it has run or was cleared. */
  clear(handle: TimerHandle): void;
}
