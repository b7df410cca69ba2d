// The structural half of validating a produced or replicated v2 batch: CRC is batch-walk.ts, policy and
// outcomes are package log. A caller with a large compressed body decompresses it with
// `decompressBatchBodyLater` and comes here with the result.
import type { Zip } from "@ottla/ports";
import { BATCH_HEADER_BYTES, batchCount, batchIsCompressed, batchSizeInBytes } from "./batch-header.ts";
import { decompressBatchBody } from "./read-records.ts";
import { RecordsError } from "./records-error.ts";
import { type RecordRules, type RecordWalk, walkRecords } from "./walk/record-walk.ts";

/** Walks the records of the batch at `at` in its uncompressed `body`; see `walkRecords`. */
export function validateBatchBody(
  bytes: Uint8Array,
  at: number,
  body: Uint8Array,
  rules: RecordRules,
  walk: RecordWalk,
): boolean {
  return walkRecords(body, 0, body.length, batchCount(bytes, at), rules, walk);
}

/** As `validateBatchBody`, decompressing on the loop. A body that does not decompress is `walk.problem`. */
export function validateBatchRecords(
  bytes: Uint8Array,
  at: number,
  zip: Zip,
  bytesMax: number,
  rules: RecordRules,
  walk: RecordWalk,
): boolean {
  if (!batchIsCompressed(bytes, at)) {
    const end = at + batchSizeInBytes(bytes, at);
    return walkRecords(bytes, at + BATCH_HEADER_BYTES, end, batchCount(bytes, at), rules, walk);
  }
  let body: Uint8Array;
  try {
    body = decompressBatchBody(bytes, at, zip, bytesMax);
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error;
    walkRecords(bytes, at, at, 0, rules, walk);
    walk.problem = error;
    return false;
  }
  return validateBatchBody(bytes, at, body, rules, walk);
}
