// How far the records of a topic shrink, so that a batch may take more than batch.size before compression.
// Falls slowly and rises fast: a batch that turns out too large costs more than one that is too small. The
// steps are Apache Kafka's.

const IMPROVING_STEP = 0.005;
const DETERIORATING_STEP = 0.05;
/** What a batch is reckoned larger than the estimate says. */
const CAUTION = 1.05;

/** The estimate for one topic. */
export class CompressionRatio {
  #ratio = 1;

  /** A batch of `before` bytes became `after`. */
  observe(before: number, after: number): void {
    const seen = after / before;
    this.#ratio =
      seen > this.#ratio
        ? Math.max(this.#ratio + DETERIORATING_STEP, seen)
        : Math.max(this.#ratio - IMPROVING_STEP, seen);
  }

  /** Bytes that make about `bytes` when compressed: a whole multiple of it, at most `bytesMax`. */
  bytesBefore(bytes: number, bytesMax: number): number {
    const times = Math.floor(1 / (this.#ratio * CAUTION));
    return Math.max(bytes, Math.min(times * bytes, bytesMax - (bytesMax % bytes)));
  }
}
