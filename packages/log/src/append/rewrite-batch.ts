// A batch with the same header and records under another codec. The CRC is stale: the stamping of timestamps
// follows.
import {
  ATTRIBUTES_AT,
  BATCH_HEADER_BYTES,
  batchHasDeleteHorizon,
  batchIsControl,
  batchIsLogAppendTime,
  batchIsTransactional,
  encodeBatchAttributes,
  LENGTH_AT,
  LOG_OVERHEAD_BYTES,
  setInt16,
  setInt32,
} from "@ottla/protocol";

/** The batch at `at` with `body`, which is its records compressed with `codec`. */
export function rewriteBatch(bytes: Uint8Array, at: number, codec: number, body: Uint8Array): Uint8Array {
  const rewritten = new Uint8Array(BATCH_HEADER_BYTES + body.length);
  rewritten.set(bytes.subarray(at, at + BATCH_HEADER_BYTES));
  rewritten.set(body, BATCH_HEADER_BYTES);
  setInt32(rewritten, LENGTH_AT, rewritten.length - LOG_OVERHEAD_BYTES);
  const attributes = encodeBatchAttributes({
    compression: codec,
    isLogAppendTime: batchIsLogAppendTime(bytes, at),
    isTransactional: batchIsTransactional(bytes, at),
    isControl: batchIsControl(bytes, at),
    hasDeleteHorizon: batchHasDeleteHorizon(bytes, at),
  });
  setInt16(rewritten, ATTRIBUTES_AT, attributes);
  return rewritten;
}
