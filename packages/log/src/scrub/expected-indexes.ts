// The indexes that a segment should have, gathered while its batches are walked, and whether those it has
// agree: every entry of the offset index is the end and place of a batch, every entry of the time index a
// largest timestamp so far. Other entries than ours are right too, Apache Kafka's say.
import type { Pieces } from "@ottla/ports";
import { endsPiece } from "@ottla/ports";
import type { LogSegment } from "../segment/log-segment.ts";

/** A sound batch, as the walk meets it. */
export interface MetBatch {
  readonly position: number;
  readonly bytes: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
}

/** The indexes of one segment. */
export class ExpectedIndexes {
  readonly #segment: LogSegment;
  readonly #intervalBytes: number;
  readonly #offsets: Iterator<readonly [number, number]>;
  readonly #times: Iterator<readonly [number, number]>;
  #nextOffset: readonly [number, number] | undefined;
  #nextTime: readonly [number, number] | undefined;
  readonly #rightOffsets: [offset: number, position: number][] = [];
  readonly #rightTimes: [timestamp: number, offset: number][] = [];
  #bytesSinceEntry = 0;
  #maxTimestamp = -1;
  #offsetOfMax: number;
  #isWrong = false;

  constructor(segment: LogSegment, intervalBytes: number) {
    this.#segment = segment;
    this.#intervalBytes = intervalBytes;
    this.#offsets = segment.offsetIndex[Symbol.iterator]();
    this.#times = segment.timeIndex[Symbol.iterator]();
    this.#nextOffset = this.#offsets.next().value;
    this.#nextTime = this.#times.next().value;
    this.#offsetOfMax = segment.baseOffset;
  }

  met(batch: MetBatch): void {
    this.#compare(batch);
    if (batch.maxTimestamp > this.#maxTimestamp) {
      this.#maxTimestamp = batch.maxTimestamp;
      this.#offsetOfMax = batch.lastOffset;
    }
    if (this.#bytesSinceEntry > this.#intervalBytes) {
      this.#rightOffsets.push([batch.lastOffset, batch.position]);
      this.#rightTimes.push([this.#maxTimestamp, this.#offsetOfMax]);
      this.#bytesSinceEntry = 0;
    }
    this.#bytesSinceEntry += batch.bytes;
    this.#compareTime(batch);
  }

  /** All batches were met. True: entries are left, or contradict the batches. */
  get areWrong(): boolean {
    return this.#isWrong || this.#nextOffset !== undefined || this.#nextTime !== undefined;
  }

  /** Look-ups meanwhile find a part of the new entries, which only makes them walk further. */
  *rebuild(): Pieces<void> {
    const { offsetIndex, timeIndex } = this.#segment;
    offsetIndex.clear();
    timeIndex.clear();
    let entries = 0;
    for (const [index, [offset, position]] of this.#rightOffsets.entries()) {
      offsetIndex.append(offset, position);
      const [timestamp, timeOffset] = this.#rightTimes[index] as [number, number];
      if (timestamp >= 0) timeIndex.maybeAppend(timestamp, timeOffset);
      if (endsPiece(++entries)) yield;
    }
    if (this.#maxTimestamp >= 0) timeIndex.maybeAppend(this.#maxTimestamp, this.#offsetOfMax);
    this.#segment.flushIndexes();
  }

  #compare({ position, lastOffset }: MetBatch): void {
    const next = this.#nextOffset;
    if (next === undefined || next[1] > position) return;
    if (next[1] !== position || next[0] !== lastOffset) this.#isWrong = true;
    this.#nextOffset = this.#offsets.next().value;
  }

  #compareTime({ lastOffset }: MetBatch): void {
    const next = this.#nextTime;
    if (next === undefined || next[1] > lastOffset) return;
    if (next[0] !== this.#maxTimestamp) this.#isWrong = true;
    this.#nextTime = this.#times.next().value;
  }
}
