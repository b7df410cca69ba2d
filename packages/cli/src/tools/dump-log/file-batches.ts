// The batches of a log file from one position to another, one after the other, as Kafka's readers find them:
// a size below the smallest message ends the tool, a batch that the end cuts off ends the walk. Memory: one
// read of READ_AHEAD_BYTES, or one batch.
import type { DiskFile } from "@ottla/ports";
import {
  BATCH_HEADER_BYTES,
  batchLength,
  HEADER_BYTES_UP_TO_MAGIC,
  LEGACY_MIN_SIZE_V0,
  LOG_OVERHEAD_BYTES,
} from "@ottla/protocol";
import { JavaFailure } from "./java-failure.ts";
import { READ_AHEAD_BYTES } from "./limits.ts";

/** One batch or legacy message: it begins at `at` of `bytes`, which are valid until the next step. */
export interface FileBatch {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly sizeInBytes: number;
  /** In the file. */
  readonly position: number;
}

/** Walks the batches within `[start, end)` of the file, which the user knows as `name`. */
export function* fileBatches(
  file: DiskFile,
  start: number,
  end: number,
  name: string = file.path,
): Generator<FileBatch, void, void> {
  let buffer: Uint8Array = new Uint8Array(Math.max(0, Math.min(READ_AHEAD_BYTES, end - start)));
  let bufferAt = start;
  let buffered = 0;
  const need = (position: number, bytes: number): number => {
    if (position < bufferAt || position + bytes > bufferAt + buffered) {
      if (bytes > buffer.length) buffer = new Uint8Array(bytes);
      bufferAt = position;
      buffered = file.read(buffer.subarray(0, Math.min(buffer.length, end - position)), position);
    }
    return position - bufferAt;
  };
  for (let position = start; position < end - HEADER_BYTES_UP_TO_MAGIC; ) {
    const headerAt = need(position, HEADER_BYTES_UP_TO_MAGIC);
    const size = batchLength(buffer, headerAt);
    if (size < LEGACY_MIN_SIZE_V0) {
      throw new JavaFailure(
        "org.apache.kafka.common.errors.CorruptRecordException",
        `Found record size ${size} smaller than minimum record overhead (${LEGACY_MIN_SIZE_V0}) in file ${name}.`,
      );
    }
    const sizeInBytes = size + LOG_OVERHEAD_BYTES;
    if (position > end - sizeInBytes) return;
    // Of a batch that says it is smaller than its header, the header is shown all the same.
    const at = need(position, Math.max(sizeInBytes, Math.min(BATCH_HEADER_BYTES, end - position)));
    yield { bytes: buffer, at, sizeInBytes, position };
    position += sizeInBytes;
  }
}
