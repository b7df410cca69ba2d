// "Something changed": what a poll waits for. Whoever waits names the last change it has seen, so that a
// change between its look and its wait is not lost.
import type { TimerHandle, Timers } from "@ottla/ports";

export class Signal {
  readonly #timers: Timers;
  #version = 0;
  readonly #waiting = new Set<() => void>();
  readonly #later = new Set<TimerHandle>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Number of changes so far. */
  get version(): number {
    return this.#version;
  }

  notify(): void {
    this.#version += 1;
    for (const wake of [...this.#waiting]) wake();
  }

  /** Notifies after `delayMs`: something may be tried again then. */
  notifyAfter(delayMs: number): void {
    const timer = this.#timers.set(delayMs, () => {
      this.#later.delete(timer);
      this.notify();
    });
    this.#later.add(timer);
  }

  /** Wakes everybody, and forgets what was to come later. */
  close(): void {
    for (const timer of this.#later) this.#timers.clear(timer);
    this.#later.clear();
    this.notify();
  }

  /** Resolves when there is a change after `seen`, at the latest after `timeoutMs`. */
  wait(seen: number, timeoutMs: number): Promise<void> {
    if (this.#version !== seen || timeoutMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#timers.set(timeoutMs, () => wake());
      const wake = (): void => {
        this.#timers.clear(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }
}
