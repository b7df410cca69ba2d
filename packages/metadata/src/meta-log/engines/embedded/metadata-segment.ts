// One segment of the metadata log: `.log` with its `.index` and `.timeindex`, as Kafka lays them out. The
// offset index has an entry for the batch after each 4 KiB; the time index follows it. Indexes are written,
// never read: they are rebuilt from the scan at open, which also makes them right after a crash. Not here:
// which segment is active, when to roll (embedded-meta-log.ts).
import type { Disk, DiskDone, DiskFile } from "@ottla/ports";
import type { Offset } from "@ottla/protocol";
import { INDEX_INTERVAL_BYTES, META_LOG_READ_BYTES_MAX } from "../../../limits.ts";
import { segmentBaseName } from "./file-names.ts";

/** What an index needs of a batch. */
export interface IndexedBatch {
  readonly baseOffset: Offset;
  readonly lastOffset: Offset;
  readonly timestampMs: number;
  readonly bytes: number;
}

const INDEX_ENTRY_BYTES = 8;
const TIME_INDEX_ENTRY_BYTES = 12;

/** An open segment. */
export class MetadataSegment {
  readonly baseOffset: Offset;
  readonly log: DiskFile;
  readonly #index: DiskFile;
  readonly #timeIndex: DiskFile;
  /** Sparse: first offset and position of some batches, rising. */
  readonly #positions: { readonly offset: Offset; readonly position: number }[] = [];
  #size = 0;
  #bytesSinceIndex = 0;
  #indexBytes = 0;
  #timeIndexBytes = 0;
  #maxTimestampMs = -1;
  #maxTimestampOffset: number;
  #timeIndexedMs = -1;
  /** Append time of the first batch; -1 while empty. */
  #firstTimestampMs = -1;

  private constructor(disk: Disk, directory: string, baseOffset: Offset) {
    const path = `${directory}/${segmentBaseName(baseOffset)}`;
    this.baseOffset = baseOffset;
    this.#maxTimestampOffset = baseOffset;
    this.log = disk.open(`${path}.log`, "write");
    this.#index = disk.open(`${path}.index`, "write");
    this.#timeIndex = disk.open(`${path}.timeindex`, "write");
    this.#index.truncate(0);
    this.#timeIndex.truncate(0);
  }

  /** Opens or makes the files; the caller then notes every batch that `scanSegment` finds. */
  static open(disk: Disk, directory: string, baseOffset: Offset): MetadataSegment {
    return new MetadataSegment(disk, directory, baseOffset);
  }

  /** Bytes of the batches noted. */
  get size(): number {
    return this.#size;
  }

  get firstTimestampMs(): number {
    return this.#firstTimestampMs;
  }

  /** Takes note of a batch that lies at the end: index entries, size. */
  note(batch: IndexedBatch): void {
    if (this.#bytesSinceIndex > INDEX_INTERVAL_BYTES) {
      this.#positions.push({ offset: batch.baseOffset, position: this.#size });
      this.#writeIndexEntry(batch.lastOffset, this.#size);
      this.#noteTime(batch);
      this.#writeTimeIndexEntry();
      this.#bytesSinceIndex = 0;
    }
    this.#noteTime(batch);
    if (this.#firstTimestampMs < 0) this.#firstTimestampMs = batch.timestampMs;
    this.#size += batch.bytes;
    this.#bytesSinceIndex += batch.bytes;
  }

  /** A position at or before the batch that holds `offset`. */
  positionBefore(offset: Offset): number {
    return this.#positions.findLast((entry) => entry.offset <= offset)?.position ?? 0;
  }

  /** Writes a batch at the end; it counts once noted. */
  write(batch: Uint8Array): void {
    this.log.write([batch], this.#size);
  }

  sync(done: DiskDone): void {
    this.log.sync(done);
  }

  /** Cuts everything behind the noted batches. */
  cut(): void {
    this.log.truncate(this.#size);
    this.log.syncNow();
  }

  /** Writes all batches once more, so that a sync covers them whatever became of those before. */
  writeAnew(): void {
    const chunk = new Uint8Array(Math.min(META_LOG_READ_BYTES_MAX, this.#size));
    for (let position = 0; position < this.#size; position += chunk.length) {
      const bytes = Math.min(chunk.length, this.#size - position);
      const read = this.log.read(chunk.subarray(0, bytes), position);
      this.log.write([chunk.subarray(0, read)], position);
    }
    this.log.syncNow();
  }

  /** Makes the segment complete: the time index ends with the newest time, all files are on disk. */
  finish(): void {
    this.#writeTimeIndexEntry();
    for (const file of [this.log, this.#index, this.#timeIndex]) file.syncNow();
  }

  close(): void {
    for (const file of [this.log, this.#index, this.#timeIndex]) file.close();
  }

  #noteTime(batch: IndexedBatch): void {
    if (batch.timestampMs <= this.#maxTimestampMs) return;
    this.#maxTimestampMs = batch.timestampMs;
    this.#maxTimestampOffset = batch.lastOffset;
  }

  #writeIndexEntry(offset: Offset, position: number): void {
    const entry = new Uint8Array(INDEX_ENTRY_BYTES);
    const view = new DataView(entry.buffer);
    view.setInt32(0, offset - this.baseOffset);
    view.setInt32(4, position);
    this.#index.write([entry], this.#indexBytes);
    this.#indexBytes += INDEX_ENTRY_BYTES;
  }

  #writeTimeIndexEntry(): void {
    if (this.#maxTimestampMs <= this.#timeIndexedMs) return;
    const entry = new Uint8Array(TIME_INDEX_ENTRY_BYTES);
    const view = new DataView(entry.buffer);
    view.setBigInt64(0, BigInt(this.#maxTimestampMs));
    view.setInt32(8, this.#maxTimestampOffset - this.baseOffset);
    this.#timeIndex.write([entry], this.#timeIndexBytes);
    this.#timeIndexBytes += TIME_INDEX_ENTRY_BYTES;
    this.#timeIndexedMs = this.#maxTimestampMs;
  }
}
