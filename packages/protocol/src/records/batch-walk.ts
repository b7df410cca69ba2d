// Walking the batches of a buffer without allocating:
//
//   for (let at = start, next; (next = batchEnd(bytes, at, end)) > 0; at = next) { … }
//
// `batchEnd` trusts the length field only as far as the bytes reach; `batchProblem` then checks one batch's
// size and CRC. Neither looks at records.
import { batchCrcMatches } from "./batch-crc.ts";
import {
  BATCH_HEADER_BYTES,
  batchLength,
  batchMagic,
  batchSizeInBytes,
  HEADER_BYTES_UP_TO_MAGIC,
  LOG_OVERHEAD_BYTES,
  MAGIC_V2,
} from "./batch-header.ts";
import { LEGACY_MIN_SIZE_V0, LEGACY_MIN_SIZE_V1 } from "./legacy/legacy-header.ts";
import { legacyCrcMatches } from "./legacy/legacy-message.ts";
import type { RecordsProblem } from "./records-error.ts";

/** No whole batch lies here: the bytes are at their end or stop inside a batch. */
export const BATCH_INCOMPLETE: number = -1;
/** The length or magic cannot be a batch's: nothing behind can be found. */
export const BATCH_CORRUPT: number = -2;

/** Position behind the batch or legacy message at `at`, `BATCH_INCOMPLETE` or `BATCH_CORRUPT`. */
export function batchEnd(bytes: Uint8Array, at: number, end: number): number {
  const remaining = end - at;
  if (remaining < LOG_OVERHEAD_BYTES) return BATCH_INCOMPLETE;
  const length = batchLength(bytes, at);
  if (length < LEGACY_MIN_SIZE_V0) return BATCH_CORRUPT;
  if (remaining < HEADER_BYTES_UP_TO_MAGIC) return BATCH_INCOMPLETE;
  const magic = batchMagic(bytes, at);
  if (magic < 0 || magic > MAGIC_V2) return BATCH_CORRUPT;
  return length + LOG_OVERHEAD_BYTES > remaining ? BATCH_INCOMPLETE : at + LOG_OVERHEAD_BYTES + length;
}

/**
 * Why the whole batch or legacy message at `at`, found by `batchEnd`, is damaged; null when size and CRC
 * are right.
 */
export function batchProblem(bytes: Uint8Array, at: number): RecordsProblem | null {
  const size = batchSizeInBytes(bytes, at);
  const magic = batchMagic(bytes, at);
  if (magic === MAGIC_V2) {
    if (size < BATCH_HEADER_BYTES) {
      return corrupt(`a record batch of ${size} bytes is smaller than its header of ${BATCH_HEADER_BYTES}`);
    }
    return batchCrcMatches(bytes, at) ? null : corrupt("the CRC of a record batch does not match");
  }
  const sizeMin = LOG_OVERHEAD_BYTES + (magic === 1 ? LEGACY_MIN_SIZE_V1 : LEGACY_MIN_SIZE_V0);
  if (size < sizeMin)
    return corrupt(`a message of magic ${magic} has ${size} bytes, at least ${sizeMin} needed`);
  return legacyCrcMatches(bytes, at)
    ? null
    : corrupt(`the CRC of a message of magic ${magic} does not match`);
}

function corrupt(message: string): RecordsProblem {
  return { error: "CORRUPT_MESSAGE", message };
}
