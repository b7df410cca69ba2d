// The records of one batch, uncompressed: in place, unfolded on the loop when little, on the pool when much.
// At most one body is open at a time, and none of more than a stored batch may hold.
import type { Zip } from "@ottla/ports";
import {
  BATCH_HEADER_BYTES,
  batchIsCompressed,
  batchSizeInBytes,
  decompressBatchBody,
  decompressBatchBodyLater,
  RecordsError,
} from "@ottla/protocol";
import { STORED_BODY_BYTES_MAX, UNZIP_ON_LOOP_BYTES_MAX, ZIP_ON_LOOP_BYTES_MAX } from "../../limits.ts";
import { type Cleaning, resultOf, UncleanableLog } from "../cleaning.ts";

/** Where the records lie. */
export interface OpenBody {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
}

/** Opens the batch at `at`, whose memory stays as it is until the next batch. Throws `UncleanableLog`. */
export function* openBatch(zip: Zip, bytes: Uint8Array, at: number): Cleaning<OpenBody> {
  const size = batchSizeInBytes(bytes, at);
  if (!batchIsCompressed(bytes, at)) return { bytes, at: at + BATCH_HEADER_BYTES, end: at + size };
  const body =
    (size <= ZIP_ON_LOOP_BYTES_MAX ? openOnLoop(zip, bytes, at) : null) ?? (yield* openLater(zip, bytes, at));
  return { bytes: body, at: 0, end: body.length };
}

/** Null: it unfolds to too much for the loop. */
function openOnLoop(zip: Zip, bytes: Uint8Array, at: number): Uint8Array | null {
  try {
    return decompressBatchBody(bytes, at, zip, UNZIP_ON_LOOP_BYTES_MAX);
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error;
    if (error.error === "MESSAGE_TOO_LARGE") return null;
    throw uncleanable(error);
  }
}

function* openLater(zip: Zip, bytes: Uint8Array, at: number): Cleaning<Uint8Array> {
  const opened = yield* resultOf<Uint8Array | RecordsError>((done) =>
    decompressBatchBodyLater(bytes, at, zip, STORED_BODY_BYTES_MAX, done),
  );
  if (opened instanceof Uint8Array) return opened;
  throw uncleanable(opened);
}

function uncleanable(error: RecordsError): UncleanableLog {
  return new UncleanableLog(`a compressed batch does not open: ${error.message}`, { cause: error });
}
