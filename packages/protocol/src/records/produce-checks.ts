// What a ProduceRequest's records must be before any log sees them: exactly one record batch of magic 2 per
// partition (Produce 3 and up), and zstd only from version 7 on (KIP-110). Damage inside the batch is found
// later.
import { batchCompression, batchMagic, MAGIC_V2 } from "./batch-header.ts";
import { BATCH_CORRUPT, batchEnd } from "./batch-walk.ts";
import { COMPRESSION_ZSTD } from "./compression/compression.ts";
import type { RecordsProblem } from "./records-error.ts";

const ZSTD_VERSION_MIN = 7;

/**
 * Why one partition's records of a Produce request of `version` are refused; null when they may go on to
 * the log.
 */
export function produceRecordsProblem(records: Uint8Array | null, version: number): RecordsProblem | null {
  const size = records?.length ?? 0;
  const firstEnd = records ? batchEnd(records, 0, size) : 0;
  if (firstEnd === BATCH_CORRUPT) return corrupt();
  if (!records || firstEnd <= 0) {
    return invalid(
      `Produce requests with version ${version} must have at least one record batch per partition`,
    );
  }
  if (batchMagic(records, 0) !== MAGIC_V2) {
    return invalid(
      `Produce requests with version ${version} may only hold record batches with magic ${MAGIC_V2}`,
    );
  }
  if (version < ZSTD_VERSION_MIN && batchCompression(records, 0) === COMPRESSION_ZSTD) {
    return {
      error: "UNSUPPORTED_COMPRESSION_TYPE",
      message: `Produce requests with version ${version} must not use zstd`,
    };
  }
  const secondEnd = batchEnd(records, firstEnd, size);
  if (secondEnd === BATCH_CORRUPT) return corrupt();
  if (secondEnd > 0) {
    return invalid(
      `Produce requests with version ${version} must have exactly one record batch per partition`,
    );
  }
  return null;
}

function invalid(message: string): RecordsProblem {
  return { error: "INVALID_RECORD", message };
}

function corrupt(): RecordsProblem {
  return { error: "CORRUPT_MESSAGE", message: "the bytes are no record batch" };
}
