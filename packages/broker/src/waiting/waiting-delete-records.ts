// A DeleteRecords whose log starts have moved here, and which waits until the low watermark of each partition
// has followed. Each partition settles its own part; the last one, or the
// timeout, ends the wait. Invariant: `done` runs once unless the wait was cancelled. Not here: moving the log
// start (partition/).
import { type ErrorSpec, errors, type Offset } from "@ottla/protocol";
import type { Partition } from "../partition/partition.ts";
import { AckWait } from "./ack-wait.ts";
import { TimerTask } from "./timing-wheel.ts";
import type { WaitingRequests } from "./waiting-requests.ts";

/** Where a partition's outcome goes: its part of the response. */
export interface DeletedTarget {
  errorCode: number;
  lowWatermark: bigint;
}

/** One partition whose records are to be gone on every replica. */
export interface DeletedRecords {
  readonly partition: Partition;
  readonly requiredOffset: Offset;
  readonly target: DeletedTarget;
}

/** The partitions of one DeleteRecords. */
export class WaitingDeleteRecords extends TimerTask {
  readonly #done: () => void;
  readonly #waits: DeletedWait[] = [];
  #left = 0;

  constructor(done: () => void) {
    super();
    this.#done = done;
  }

  /** `done` may run before the return. */
  start(deleted: readonly DeletedRecords[], timeoutMs: number, waiting: WaitingRequests): void {
    // One more than the waits, so that those settled at once do not end it before all were asked for.
    this.#left = deleted.length + 1;
    for (const records of deleted) {
      records.target.errorCode = errors.REQUEST_TIMED_OUT.code;
      records.target.lowWatermark = BigInt(records.partition.lowWatermark);
      const wait = new DeletedWait(records, this);
      this.#waits.push(wait);
      records.partition.awaitDeleted(wait);
    }
    if (this.#left > 1) waiting.setTimeout(this, timeoutMs);
    this.settledOne();
  }

  settledOne(): void {
    this.#left -= 1;
    if (this.#left > 0) return;
    super.cancel();
    this.#done();
  }

  override timedOut(): void {
    this.#unlink();
    this.#done();
  }

  /** The client is gone: nobody is told any more. */
  override cancel(): void {
    super.cancel();
    this.#unlink();
  }

  #unlink(): void {
    for (const wait of this.#waits) wait.unlink();
  }
}

class DeletedWait extends AckWait {
  readonly #records: DeletedRecords;
  readonly #request: WaitingDeleteRecords;

  constructor(records: DeletedRecords, request: WaitingDeleteRecords) {
    super(records.requiredOffset);
    this.#records = records;
    this.#request = request;
  }

  override settled(error: ErrorSpec): void {
    const { target, partition } = this.#records;
    target.errorCode = error.code;
    target.lowWatermark = error === errors.NONE ? BigInt(partition.lowWatermark) : -1n;
    this.#request.settledOne();
  }
}
