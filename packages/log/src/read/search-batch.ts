// The first record of a batch that is late enough. A compressed body that is large, or unfolds to much, is
// opened piece by piece on the pool, in the lanes of appends: what was stored may be a bomb, and a search
// ends where it has found. Not here: which batch (list-offsets.ts).
import {
  BATCH_HEADER_BYTES,
  type BodyPieces,
  batchBaseOffset,
  batchBaseTimestamp,
  batchBody,
  batchCompression,
  batchCount,
  batchIsCompressed,
  batchIsLogAppendTime,
  batchMagic,
  batchMaxTimestamp,
  batchPartitionLeaderEpoch,
  batchSizeInBytes,
  decompressBatchBody,
  errors,
  MAGIC_V2,
  openBody,
  RecordPieces,
  RecordsError,
} from "@ottla/protocol";
import {
  RECORDS_PER_SLICE,
  STORED_BODY_BYTES_MAX,
  UNZIP_NARROW_BYTES_MAX,
  UNZIP_ON_LOOP_BYTES_MAX,
  ZIP_ON_LOOP_BYTES_MAX,
} from "../limits.ts";
import type { LogContext } from "../log-context.ts";
import { NO_TIMESTAMP_OFFSET, type TimestampDone, type TimestampResult } from "./timestamp-offset.ts";

/** What to look for. */
export interface TimestampSearch {
  readonly timestampMs: number;
  readonly fromOffset: number;
}

/** `done` runs before the return, or in a later turn when the batch has to be opened on the pool. */
export function searchBatch(
  context: LogContext,
  batch: Uint8Array,
  search: TimestampSearch,
  done: TimestampDone,
): void {
  if (batchMagic(batch, 0) !== MAGIC_V2) {
    const offset = batchBaseOffset(batch, 0);
    done({ kind: "found", found: { offset, timestamp: search.timestampMs, leaderEpoch: -1 } });
    return;
  }
  const isCompressed = batchIsCompressed(batch, 0);
  if (isCompressed && batchSizeInBytes(batch, 0) - BATCH_HEADER_BYTES > ZIP_ON_LOOP_BYTES_MAX) {
    searchInPieces(context, batch, search, done);
    return;
  }
  let body: Uint8Array;
  try {
    body = decompressBatchBody(batch, 0, context.ports.zip, UNZIP_ON_LOOP_BYTES_MAX);
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error;
    if (error.error === "MESSAGE_TOO_LARGE") searchInPieces(context, batch, search, done);
    else done(corruptBatch(error));
    return;
  }
  const records = new BatchSearch(batch, search);
  done(records.take(body, Number.POSITIVE_INFINITY) ?? records.end());
}

function searchInPieces(
  context: LogContext,
  batch: Uint8Array,
  search: TimestampSearch,
  done: TimestampDone,
): void {
  const { zip, turn } = context.ports;
  let pieces: BodyPieces;
  try {
    pieces = openBody(batchCompression(batch, 0), batchBody(batch, 0), zip, STORED_BODY_BYTES_MAX);
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error;
    done(corruptBatch(error));
    return;
  }
  const width = pieces.heldBytes > UNZIP_NARROW_BYTES_MAX ? "wide" : "narrow";
  context.unzipLanes.enter(width, (leave) => {
    const records = new BatchSearch(batch, search);
    const end = (result: TimestampResult): void => {
      pieces.close();
      leave();
      done(result);
    };
    const searchOn = (piece: Uint8Array): void => {
      const result = records.take(piece, RECORDS_PER_SLICE);
      if (result !== null) end(result);
      else if (records.isPieceUsedUp) pieces.next(arrived);
      else turn.nextSlice(() => searchOn(piece));
    };
    const arrived = (piece: Uint8Array | null | RecordsError): void => {
      if (piece instanceof Uint8Array) searchOn(piece);
      else end(piece === null ? records.end() : corruptBatch(piece));
    };
    pieces.next(arrived);
  });
}

/** The search through one body. */
class BatchSearch {
  readonly #batch: Uint8Array;
  readonly #search: TimestampSearch;
  readonly #records = new RecordPieces();
  readonly #appendTime: number | null;
  #index = 0;
  isPieceUsedUp = false;

  constructor(batch: Uint8Array, search: TimestampSearch) {
    this.#batch = batch;
    this.#search = search;
    this.#appendTime = batchIsLogAppendTime(batch, 0) ? batchMaxTimestamp(batch, 0) : null;
  }

  /** Looks at up to `recordsMax` records of the piece; null when the search goes on. */
  take(piece: Uint8Array, recordsMax: number): TimestampResult | null {
    const batch = this.#batch;
    const { timestampMs, fromOffset } = this.#search;
    const { cursor } = this.#records;
    const baseOffset = batchBaseOffset(batch, 0);
    const baseTimestamp = batchBaseTimestamp(batch, 0);
    const count = batchCount(batch, 0);
    this.isPieceUsedUp = false;
    for (let looked = 0; looked < recordsMax && this.#index < count; looked++) {
      const next = this.#records.next(piece);
      if (next === "damaged") return this.#damaged();
      if (next === "used-up") {
        this.isPieceUsedUp = true;
        return null;
      }
      this.#index += 1;
      const offset = baseOffset + cursor.offsetDelta;
      const timestamp = this.#appendTime ?? baseTimestamp + cursor.timestampDelta;
      if (timestamp >= timestampMs && offset >= fromOffset) {
        return {
          kind: "found",
          found: { offset, timestamp, leaderEpoch: batchPartitionLeaderEpoch(batch, 0) },
        };
      }
    }
    return this.#index < count ? null : { kind: "found", found: NO_TIMESTAMP_OFFSET };
  }

  /** No further piece comes. */
  end(): TimestampResult {
    const isWhole = this.#index >= batchCount(this.#batch, 0);
    return isWhole ? { kind: "found", found: NO_TIMESTAMP_OFFSET } : this.#damaged();
  }

  #damaged(): TimestampResult {
    const at = batchBaseOffset(this.#batch, 0);
    return corruptBatch(new Error(`record ${this.#index} of the batch at ${at} is damaged`));
  }
}

/** The answer when a batch cannot be read. */
export function corruptBatch(cause: Error): TimestampResult {
  return { kind: "failed", error: errors.CORRUPT_MESSAGE, message: cause.message };
}
