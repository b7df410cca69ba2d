// The first look at a batch that is cleaned: which of its records stay, and what the batch made of them must
// say about them. Kafka's rules: the last record of a key stays, and everything behind the map; a tombstone
// stays until its batch's delete horizon (KIP-534); a record without a key goes.
import {
  batchBaseOffset,
  batchBaseTimestamp,
  batchCount,
  batchHasDeleteHorizon,
  batchIsControl,
  batchIsLogAppendTime,
  batchMaxTimestamp,
  createRecordCursor,
  NO_TIMESTAMP,
  nextRecord,
  type RecordCursor,
} from "@ottla/protocol";
import { CLEANER_PIECE_RECORDS } from "../../limits.ts";
import { type Cleaning, UncleanableLog } from "../cleaning.ts";
import type { OffsetMap } from "../offset-map/offset-map.ts";
import type { OpenBody } from "./open-batch.ts";

/** What stays of a batch. */
export interface RetainedRecords {
  /** Start of each retained record in the body, its length first, and where the next record starts. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
  /** Every record of the batch stays. */
  readonly isAll: boolean;
  readonly bytes: number;
  readonly hasTombstone: boolean;
  /** Milliseconds, of the first retained record. */
  readonly firstTimestamp: number;
  /** Milliseconds; `NO_TIMESTAMP` when no retained record has one. */
  readonly maxTimestamp: number;
}

/** How records are judged. */
export interface RetentionRules {
  readonly map: OffsetMap;
  /** Wall time of the cleaning. */
  readonly nowMs: number;
}

/** Judges the records of the batch at `at`, opened as `body`. Throws `UncleanableLog`. */
export function* findRetained(
  bytes: Uint8Array,
  at: number,
  body: OpenBody,
  rules: RetentionRules,
): Cleaning<RetainedRecords> {
  const count = countOf(bytes, at, body);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  const cursor = createRecordCursor();
  const batch = new JudgedBatch(bytes, at, body, rules);
  let retained = 0;
  let retainedBytes = 0;
  let hasTombstone = false;
  let firstTimestamp = NO_TIMESTAMP;
  let maxTimestamp = NO_TIMESTAMP;
  let start = body.at;
  for (let index = 1; index <= count; index++) {
    const end = nextRecord(body.bytes, start, body.end, cursor);
    if (end < 0) {
      throw new UncleanableLog(`a record of the batch at offset ${batchBaseOffset(bytes, at)} is damaged`);
    }
    if (batch.keeps(cursor)) {
      const timestamp = batch.timestamp(cursor);
      if (retained === 0) firstTimestamp = timestamp;
      maxTimestamp = Math.max(maxTimestamp, timestamp);
      hasTombstone ||= cursor.valueLength < 0;
      starts[retained] = start;
      ends[retained] = end;
      retained += 1;
      retainedBytes += end - start;
    }
    start = end;
    if (index % CLEANER_PIECE_RECORDS === 0) yield;
  }
  return {
    starts,
    ends,
    count: retained,
    isAll: retained === count,
    bytes: retainedBytes,
    hasTombstone,
    firstTimestamp,
    maxTimestamp,
  };
}

/** A record takes seven bytes at least, so the count bounds the memory that it asks for. */
function countOf(bytes: Uint8Array, at: number, body: OpenBody): number {
  const count = batchCount(bytes, at);
  if (count < 0 || count > (body.end - body.at) / RECORD_BYTES_MIN) {
    throw new UncleanableLog(
      `the batch at offset ${batchBaseOffset(bytes, at)} cannot hold ${count} records`,
    );
  }
  return count;
}

const RECORD_BYTES_MIN = 7;

/** Judges the records of one batch. */
class JudgedBatch {
  readonly #body: OpenBody;
  readonly #map: OffsetMap;
  readonly #baseOffset: number;
  readonly #baseTimestamp: number;
  readonly #logAppendTime: number | null;
  readonly #keepsTombstones: boolean;
  readonly #isControl: boolean;

  constructor(bytes: Uint8Array, at: number, body: OpenBody, rules: RetentionRules) {
    this.#body = body;
    this.#map = rules.map;
    this.#baseOffset = batchBaseOffset(bytes, at);
    this.#baseTimestamp = batchBaseTimestamp(bytes, at);
    this.#logAppendTime = batchIsLogAppendTime(bytes, at) ? batchMaxTimestamp(bytes, at) : null;
    this.#keepsTombstones = !batchHasDeleteHorizon(bytes, at) || rules.nowMs < this.#baseTimestamp;
    this.#isControl = batchIsControl(bytes, at);
  }

  keeps(record: RecordCursor): boolean {
    if (this.#isControl) return true;
    const offset = this.#baseOffset + record.offsetDelta;
    if (offset > this.#map.latestOffset) return true;
    if (record.keyLength < 0 || (record.valueLength < 0 && !this.#keepsTombstones)) return false;
    return offset >= this.#map.get(this.#body.bytes, record.keyAt, record.keyAt + record.keyLength);
  }

  timestamp(record: RecordCursor): number {
    return this.#logAppendTime ?? this.#baseTimestamp + record.timestampDelta;
  }
}
