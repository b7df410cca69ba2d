// What the controller has decided and not yet written: one append is in flight, everything decided meanwhile
// leaves with the next. Whoever waits for an offset hears when it is committed, in order, or that it never
// will be. Not here: deciding, state.
import type { Clock } from "@ottla/ports";
import type { Offset } from "@ottla/protocol";
import { META_LOG_BATCH_BYTES_MAX } from "../limits.ts";
import type { MetaLog } from "../meta-log/meta-log.ts";
import { appendResolved } from "../meta-log/resolved-append.ts";
import { recordBytesMax } from "../records/metadata-batch.ts";

/** Bytes of records that fit one append with its header. */
export const APPEND_RECORD_BYTES_MAX: number = META_LOG_BATCH_BYTES_MAX - 1024;

/** Somebody whose answer depends on an offset. Exactly one of the three runs, once. */
export interface CommitWaiter {
  /** Monotonic. */
  readonly deadlineMs: number;
  committed(): void;
  expired(): void;
  lost(): void;
}

interface Chunk {
  readonly frames: readonly Uint8Array[];
  readonly bytes: number;
}

interface PlacedWaiter {
  readonly offset: number;
  readonly waiter: CommitWaiter;
}

export interface AppendQueueOptions {
  readonly metaLog: MetaLog;
  readonly clock: Clock;
  readonly epoch: number;
  /** Where this controller's first append goes. */
  readonly tail: Offset;
  /** Unique for ever; the queue adds a number. */
  readonly appendIdPrefix: string;
  /** Called before the waiters of these offsets. */
  readonly onCommitted: (lastOffset: Offset) => void;
  /** The last call: nothing more will be written. */
  readonly onLost: (cause: Error) => void;
}

/** The queue of one active controller. */
export class AppendQueue {
  readonly #options: AppendQueueOptions;
  readonly #chunks: Chunk[] = [];
  #waiters: PlacedWaiter[] = [];
  #tail: number;
  #lastQueuedOffset: number;
  #isAppending = false;
  #appends = 0;
  #isLost = false;

  constructor(options: AppendQueueOptions) {
    this.#options = options;
    this.#tail = options.tail;
    this.#lastQueuedOffset = options.tail - 1;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /** Bytes that the frames take in an append. */
  static bytesOf(frames: readonly Uint8Array[]): number {
    return frames.reduce((sum, frame) => sum + recordBytesMax(frame.length), 0);
  }

  /** Adds the records of a decision. Atomic ones must fit one append. */
  push(frames: readonly Uint8Array[], { atomic }: { readonly atomic: boolean }): void {
    if (frames.length === 0) return;
    if (atomic) this.#chunks.push({ frames, bytes: AppendQueue.bytesOf(frames) });
    else
      for (const frame of frames) this.#chunks.push({ frames: [frame], bytes: recordBytesMax(frame.length) });
    this.#lastQueuedOffset += frames.length;
    this.#flush();
  }

  /** Waits for everything pushed so far; when all of it is committed already, `committed` runs at once. */
  wait(waiter: CommitWaiter): void {
    if (this.#isLost) waiter.lost();
    else if (this.#lastQueuedOffset < this.#tail) waiter.committed();
    else this.#waiters.push({ offset: this.#lastQueuedOffset, waiter });
  }

  /** Tells those who waited too long. What they asked for may still happen. */
  expire(nowMs: number): void {
    const isOver = ({ waiter }: PlacedWaiter): boolean => waiter.deadlineMs <= nowMs;
    if (!this.#waiters.some(isOver)) return;
    const expired = this.#waiters.filter(isOver);
    this.#waiters = this.#waiters.filter((placed) => !isOver(placed));
    for (const { waiter } of expired) waiter.expired();
  }

  /** Drops everything that is not written. */
  lose(cause: Error): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#chunks.length = 0;
    const waiters = this.#waiters.splice(0);
    this.#options.onLost(cause);
    for (const { waiter } of waiters) waiter.lost();
  }

  #flush(): void {
    if (this.#isAppending || this.#isLost || this.#chunks.length === 0) return;
    this.#isAppending = true;
    this.#appends += 1;
    const { metaLog, clock, epoch, appendIdPrefix } = this.#options;
    const batch = {
      kind: "records",
      epoch,
      records: this.#takeFrames(),
      timestampMs: clock.wallMs(),
    } as const;
    const appendId = `${appendIdPrefix}-${this.#appends}`;
    appendResolved(metaLog, { expectedTail: this.#tail as Offset, appendId, batch }, (result) => {
      this.#isAppending = false;
      if (this.#isLost) return;
      if (result.kind === "lost") return this.lose(result.cause);
      this.#tail = result.lastOffset + 1;
      // First what was decided meanwhile leaves: waiters may take a while.
      this.#flush();
      this.#options.onCommitted(result.lastOffset);
      this.#tellCommitted(result.lastOffset);
    });
  }

  #takeFrames(): Uint8Array[] {
    const frames: Uint8Array[] = [];
    let bytes = 0;
    let taken = 0;
    for (const chunk of this.#chunks) {
      bytes += chunk.bytes;
      if (taken > 0 && bytes > APPEND_RECORD_BYTES_MAX) break;
      for (const frame of chunk.frames) frames.push(frame);
      taken += 1;
    }
    this.#chunks.splice(0, taken);
    return frames;
  }

  #tellCommitted(offset: Offset): void {
    const open = this.#waiters.findIndex((placed) => placed.offset > offset);
    const ready = this.#waiters.splice(0, open < 0 ? this.#waiters.length : open);
    for (const { waiter } of ready) waiter.committed();
  }
}
