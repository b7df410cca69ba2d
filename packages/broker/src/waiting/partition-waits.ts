// What waits of one request for several partitions have in common: each partition settles its own part, the
// last one, or the timeout, ends the wait. Invariant: `done` runs once unless the wait was cancelled;
// afterwards nothing of it is in any list. Not here: what is waited for and where an outcome goes
// (waiting-produce.ts, waiting-delete-records.ts).
import type { AckWait } from "./ack-wait.ts";
import { TimerTask } from "./timing-wheel.ts";
import type { WaitingRequests } from "./waiting-requests.ts";

/** The waits of one request. */
export class PartitionWaits extends TimerTask {
  readonly #done: () => void;
  readonly #waits: AckWait[] = [];
  /** One more than the waits, so that those settled at once do not end it before all were asked for. */
  #left = 1;

  constructor(done: () => void) {
    super();
    this.#done = done;
  }

  /** One more wait, which tells its outcome by `settledOne`. */
  add(wait: AckWait): void {
    this.#left += 1;
    this.#waits.push(wait);
  }

  /** All were asked for. `done` may run before the return. `timeoutMs` null: the wait ends with the turn. */
  start(timeoutMs: number | null, waiting: WaitingRequests): void {
    if (this.#left > 1 && timeoutMs !== null) waiting.setTimeout(this, timeoutMs);
    this.settledOne();
  }

  settledOne(): void {
    this.#left -= 1;
    if (this.#left > 0) return;
    super.cancel();
    this.#done();
  }

  override timedOut(): void {
    this.forgetWaits();
    this.#done();
  }

  /** The client is gone: nobody is told any more. */
  override cancel(): void {
    super.cancel();
    this.forgetWaits();
  }

  /** Nothing of it is in any list any more. */
  protected forgetWaits(): void {
    for (const wait of this.#waits) wait.unlink();
  }
}
