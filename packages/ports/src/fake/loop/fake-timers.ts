// One-shot timers on virtual time. They fire at or, drawn, a little after their time.
import type { TimerHandle, Timers } from "../../timers.ts";
import type { FakeEvent } from "../event-queue.ts";
import type { FakeLife } from "../fake-life.ts";

class FakeTimer implements TimerHandle {
  readonly dueMs: number;
  readonly event: FakeEvent;
  constructor(dueMs: number, event: FakeEvent) {
    this.dueMs = dueMs;
    this.event = event;
  }
}

/** Timers of one life. */
export function createFakeTimers(life: FakeLife): Timers {
  return {
    set(delayMs: number, callback: () => void): TimerHandle {
      if (!(delayMs >= 0)) throw new RangeError(`timer delay ${delayMs} is not ≥ 0`);
      const delayUs = Math.ceil(delayMs * 1000);
      const dueMs = (life.world.nowUs + delayUs) / 1000;
      const lateUs = life.drawUs(life.host.delays.timerLateUs);
      return new FakeTimer(dueMs, life.schedule("timer", delayUs + lateUs, callback));
    },
    clear(handle: TimerHandle): void {
      if (!(handle instanceof FakeTimer)) throw new TypeError("a timer of other Timers");
      handle.event.isCancelled = true;
    },
  };
}
