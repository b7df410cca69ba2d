// Replays a coordinator's log into a fresh shard, slice by slice, so that the loop is never held for long.
// Takes a snapshot per slice below the high watermark and one per batch above it: what is not committed yet
// stays speculative.
import type { Pieces, Turn, Zip } from "@ottla/ports";
import {
  batchBaseOffset,
  batchEnd,
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchMagic,
  batchProducerEpoch,
  batchProducerId,
  CONTROL_ABORT,
  CONTROL_COMMIT,
  controlRecordType,
  DecodeError,
  type ErrorSpec,
  errors,
  type KafkaRecord,
  MAGIC_V2,
  RecordsError,
  readRecords,
} from "@ottla/protocol";
import type { SnapshotRegistry } from "@ottla/timeline";
import { LOAD_SLICE_BYTES, LOAD_SLICE_RECORDS, LOADED_BATCH_BYTES_MAX } from "../limits.ts";
import type { CoordinatorLog, CoordinatorReadResult } from "./coordinator-log.ts";
import type { CoordinatorShard, RecordCodec } from "./coordinator-shard.ts";
import type { RuntimeMetrics } from "./runtime-metrics.ts";

export interface ShardLoaderOptions<Rec> {
  readonly log: CoordinatorLog;
  readonly shard: CoordinatorShard<Rec>;
  readonly registry: SnapshotRegistry;
  readonly codec: RecordCodec<Rec>;
  readonly zip: Zip;
  readonly turn: Turn;
  readonly metrics: RuntimeMetrics;
}

/** One load. `done` gets null, or why the log could not be read; not after `cancel`. */
export class ShardLoader<Rec> {
  readonly #options: ShardLoaderOptions<Rec>;
  readonly #done: (error: ErrorSpec | null) => void;
  #nextOffset: number;
  /** Records replayed since the last slice ended for their number. */
  #sliceRecords = 0;
  #isCancelled = false;

  constructor(options: ShardLoaderOptions<Rec>, done: (error: ErrorSpec | null) => void) {
    this.#options = options;
    this.#done = done;
    this.#nextOffset = options.log.logStartOffset;
  }

  /** Behind the last record replayed. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  start(): void {
    this.#options.turn.nextSlice(() => this.#slice());
  }

  cancel(): void {
    this.#isCancelled = true;
  }

  #slice(): void {
    if (this.#isCancelled) return;
    const { log } = this.#options;
    if (this.#nextOffset >= log.logEndOffset) return this.#done(null);
    log.read(this.#nextOffset, LOAD_SLICE_BYTES, (result) => this.#read(result));
  }

  #read(result: CoordinatorReadResult): void {
    if (this.#isCancelled) {
      if (result.kind === "batches") result.release();
      return;
    }
    switch (result.kind) {
      case "end":
        return this.#done(null);
      case "failed":
        return this.#done(result.error);
      case "batches":
        this.#replaySlice(result, this.#replayBatches(joined(result.bytes)), this.#nextOffset);
    }
  }

  /** Some of what was read; `fromOffset` is where that began. */
  #replaySlice(
    result: CoordinatorReadResult & { kind: "batches" },
    work: Pieces<void>,
    fromOffset: number,
  ): void {
    if (this.#isCancelled) return result.release();
    let error: ErrorSpec | null = null;
    try {
      if (work.next().done !== true) {
        this.#options.turn.nextSlice(() => this.#replaySlice(result, work, fromOffset));
        return;
      }
    } catch (cause) {
      if (!(cause instanceof RecordsError)) throw cause;
      error = errors.CORRUPT_MESSAGE;
    }
    result.release();
    this.#snapshot();
    if (error === null && this.#nextOffset === fromOffset) error = errors.CORRUPT_MESSAGE;
    if (error !== null) return this.#done(error);
    this.#options.turn.nextSlice(() => this.#slice());
  }

  *#replayBatches(parts: readonly Uint8Array[]): Pieces<void> {
    for (const bytes of parts) yield* this.#replayPart(bytes);
  }

  *#replayPart(bytes: Uint8Array): Pieces<void> {
    const { log, zip, metrics } = this.#options;
    for (let at = 0, next = 0; ; at = next) {
      next = batchEnd(bytes, at, bytes.length);
      if (next <= 0) return;
      if (batchMagic(bytes, at) < MAGIC_V2) {
        // Formats of before 2017, which no coordinator of a release that can be upgraded from has written.
        metrics.damagedRecords++;
        this.#nextOffset = Math.max(this.#nextOffset, batchBaseOffset(bytes, at) + 1);
        continue;
      }
      if (batchLastOffset(bytes, at) < this.#nextOffset) continue;
      const records = readRecords(bytes, at, zip, LOADED_BATCH_BYTES_MAX);
      if (batchIsControl(bytes, at)) this.#replayControl(bytes, at, records[0]);
      else yield* this.#replayRecords(bytes, at, records);
      this.#nextOffset = batchLastOffset(bytes, at) + 1;
      if (this.#nextOffset >= log.highWatermark) this.#snapshot();
    }
  }

  #replayControl(bytes: Uint8Array, at: number, record: KafkaRecord | undefined): void {
    const type = controlRecordType(record?.key ?? null);
    if (type !== CONTROL_COMMIT && type !== CONTROL_ABORT) return;
    this.#options.shard.replayEndTransaction(batchProducerId(bytes, at), type === CONTROL_COMMIT);
  }

  *#replayRecords(bytes: Uint8Array, at: number, records: readonly KafkaRecord[]): Pieces<void> {
    const { shard, codec, metrics } = this.#options;
    const isTransactional = batchIsTransactional(bytes, at);
    const producerId = isTransactional ? batchProducerId(bytes, at) : -1;
    const producerEpoch = isTransactional ? batchProducerEpoch(bytes, at) : -1;
    const firstOffset = Math.max(this.#nextOffset, batchBaseOffset(bytes, at));
    for (const { key, value, offset } of records) {
      if (offset < firstOffset) continue;
      metrics.loadedRecords++;
      if (++this.#sliceRecords >= LOAD_SLICE_RECORDS) {
        this.#sliceRecords = 0;
        yield;
      }
      let record: Rec | null;
      try {
        if (key === null) throw new DecodeError("a record without a key");
        record = codec.decode(key, value);
      } catch (cause) {
        if (!(cause instanceof DecodeError)) throw cause;
        metrics.damagedRecords++;
        continue;
      }
      if (record === null) metrics.skippedRecords++;
      else shard.replay(record, { offset, producerId, producerEpoch });
    }
  }

  #snapshot(): void {
    const { registry, log } = this.#options;
    if (this.#nextOffset <= registry.newestOffset) return;
    registry.snapshot(this.#nextOffset);
    registry.commit(log.highWatermark);
  }
}

/** Batches do not span parts when there is one part; several are put together. */
function joined(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  if (parts.length <= 1) return parts;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return [whole];
}
