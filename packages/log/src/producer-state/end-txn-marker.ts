// The one record of a transaction marker: key int16 version, int16 type (0 abort, 1 commit); value int16
// version, int32 coordinator epoch. Other control batches (leader change, snapshot header …) concern no
// producer.
import { BATCH_HEADER_BYTES, batchCount, int16At, int32At, readVarint, readVarlong } from "@ottla/protocol";

/** How a transaction ended. */
export interface TransactionMarker {
  readonly isCommit: boolean;
  readonly coordinatorEpoch: number;
}

const ABORT = 0;
const COMMIT = 1;

/**
 * The marker in the control batch at `at` that ends at `end`; null when it is none, or when compaction left
 * it empty.
 */
export function readTransactionMarker(bytes: Uint8Array, at: number, end: number): TransactionMarker | null {
  if (batchCount(bytes, at) < 1 || at + BATCH_HEADER_BYTES >= end) return null;
  const cursor = { bytes, offset: at + BATCH_HEADER_BYTES, end };
  readVarint(cursor);
  cursor.offset += 1;
  readVarlong(cursor);
  readVarint(cursor);
  const keyBytes = readVarint(cursor);
  const keyAt = cursor.offset;
  if (keyBytes < 4 || keyAt + keyBytes >= end) return null;
  const type = int16At(bytes, keyAt + 2);
  if (type !== ABORT && type !== COMMIT) return null;
  cursor.offset = keyAt + keyBytes;
  const valueBytes = readVarint(cursor);
  if (valueBytes < 6 || cursor.offset + valueBytes > end) return null;
  return { isCommit: type === COMMIT, coordinatorEpoch: int32At(bytes, cursor.offset + 2) };
}
