// Validation of all records of a batch in one pass over its uncompressed body: structure, and the facts and
// rules an append needs. No object per record. What the facts lead to (offset assignment, error answers) is
// decided in package log.
import { batchCount, batchLastOffsetDelta } from "../batch-header.ts";
import { BAD_RECORDS_MAX } from "../limits.ts";
import {
  createRecordCursor,
  nextRecord,
  RECORD_INCOMPLETE,
  RECORD_LENGTH_ILLEGAL,
  type RecordCursor,
} from "../record-cursor.ts";
import type { RecordsProblem } from "../records-error.ts";

/**
 * Rules for each record. Timestamps in ms; use ±Infinity for no bound. A timestamp of −1 ("none") is always
 * allowed.
 */
export interface RecordRules {
  readonly baseTimestamp: number;
  readonly timestampMin: number;
  readonly timestampMax: number;
  readonly isKeyRequired: boolean;
}

/** A record that breaks a rule; `index` counts from 0 in its batch. */
export interface BadRecord {
  readonly index: number;
  readonly reason: "timestamp" | "missing-key";
}

/** What a walk found. Owned by the caller and reused. Valid as far as `problem` is null. */
export interface RecordWalk {
  /** Broken structure, which ends the walk. */
  problem: RecordsProblem | null;
  /** Records read whole. */
  recordCount: number;
  /** Where the next record begins. */
  position: number;
  /** Offset deltas are 0, 1, 2, … */
  areOffsetsSequential: boolean;
  lastOffsetDelta: number;
  /** Of the records' own timestamps, ms; −1 when there is no record. */
  maxTimestamp: number;
  minTimestamp: number;
  /** Index of the first record with `maxTimestamp`. */
  maxTimestampIndex: number;
  hasNullKey: boolean;
  /** Rule breakers, at most `BAD_RECORDS_MAX` of them, in order. */
  readonly badRecords: BadRecord[];
  badRecordCount: number;
  readonly cursor: RecordCursor;
}

export function createRecordWalk(): RecordWalk {
  return {
    problem: null,
    recordCount: 0,
    position: 0,
    areOffsetsSequential: true,
    lastOffsetDelta: -1,
    maxTimestamp: -1,
    minTimestamp: -1,
    maxTimestampIndex: -1,
    hasNullKey: false,
    badRecords: [],
    badRecordCount: 0,
    cursor: createRecordCursor(),
  };
}

/** Walks `count` records that must fill `bytes[start, end)` exactly. True when the structure is right. */
export function walkRecords(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  rules: RecordRules,
  walk: RecordWalk,
): boolean {
  startWalk(start, count, walk);
  walkOn(bytes, end, count, rules, walk, count);
  return walk.problem === null;
}

/** Begins a walk that is done in pieces: `walkOn` with the same arguments until it returns true. */
export function startWalk(start: number, count: number, walk: RecordWalk): void {
  reset(walk);
  walk.position = start;
  if (count < 0) walk.problem = invalid(`the batch's record count is ${count}`);
}

/** Walks on by at most `recordsMax` records. True when the walk has ended, well or with a problem. */
export function walkOn(
  bytes: Uint8Array,
  end: number,
  count: number,
  rules: RecordRules,
  walk: RecordWalk,
  recordsMax: number,
): boolean {
  if (walk.problem !== null) return true;
  const stop = Math.min(count, walk.recordCount + recordsMax);
  const result = walkTo(bytes, end, stop, rules, walk);
  if (result < 0) {
    walk.problem = recordProblem(result, walk.recordCount, end - walk.position);
    return true;
  }
  if (walk.recordCount < count) return false;
  if (walk.position !== end) walk.problem = surplusProblem(count);
  return true;
}

/**
 * Walks up to the record with index `stop`. Answers 0, or the negative result of `nextRecord` for the record
 * at `walk.position`, where the walk then stands.
 */
export function walkTo(
  bytes: Uint8Array,
  end: number,
  stop: number,
  rules: RecordRules,
  walk: RecordWalk,
): number {
  const cursor = walk.cursor;
  const baseTimestamp = rules.baseTimestamp;
  let index = walk.recordCount;
  let maxTimestamp = index === 0 ? Number.NEGATIVE_INFINITY : walk.maxTimestamp;
  let minTimestamp = index === 0 ? Number.POSITIVE_INFINITY : walk.minTimestamp;
  let lastOffsetDelta = walk.lastOffsetDelta;
  let at = walk.position;
  let result = 0;
  for (; index < stop; index++) {
    const next = nextRecord(bytes, at, end, cursor);
    if (next < 0) {
      result = next;
      break;
    }
    at = next;
    lastOffsetDelta = cursor.offsetDelta;
    const timestamp = baseTimestamp + cursor.timestampDelta;
    if (timestamp > maxTimestamp) {
      maxTimestamp = timestamp;
      walk.maxTimestampIndex = index;
    }
    if (timestamp < minTimestamp) minTimestamp = timestamp;
    noteRecord(walk, index, timestamp, rules);
  }
  walk.recordCount = index;
  walk.position = at;
  if (index > 0) {
    walk.lastOffsetDelta = lastOffsetDelta;
    walk.maxTimestamp = maxTimestamp;
    walk.minTimestamp = minTimestamp;
  }
  return result;
}

/** Takes in one record that was read into the walk's cursor elsewhere. */
export function takeRecord(walk: RecordWalk, rules: RecordRules): void {
  const index = walk.recordCount;
  const timestamp = rules.baseTimestamp + walk.cursor.timestampDelta;
  if (index === 0 || timestamp > walk.maxTimestamp) {
    walk.maxTimestamp = timestamp;
    walk.maxTimestampIndex = index;
  }
  if (index === 0 || timestamp < walk.minTimestamp) walk.minTimestamp = timestamp;
  walk.lastOffsetDelta = walk.cursor.offsetDelta;
  noteRecord(walk, index, timestamp, rules);
  walk.recordCount = index + 1;
}

/** What concerns rules and order about the record in the cursor. */
function noteRecord(walk: RecordWalk, index: number, timestamp: number, rules: RecordRules): void {
  const cursor = walk.cursor;
  if (cursor.offsetDelta !== index) walk.areOffsetsSequential = false;
  if ((timestamp < rules.timestampMin || timestamp > rules.timestampMax) && timestamp !== -1) {
    noteBadRecord(walk, index, "timestamp");
  }
  if (cursor.keyLength < 0) {
    walk.hasNullKey = true;
    if (rules.isKeyRequired) noteBadRecord(walk, index, "missing-key");
  }
}

function reset(walk: RecordWalk): void {
  walk.problem = null;
  walk.recordCount = 0;
  walk.position = 0;
  walk.areOffsetsSequential = true;
  walk.lastOffsetDelta = -1;
  walk.maxTimestamp = -1;
  walk.minTimestamp = -1;
  walk.maxTimestampIndex = -1;
  walk.hasNullKey = false;
  walk.badRecords.length = 0;
  walk.badRecordCount = 0;
}

function noteBadRecord(walk: RecordWalk, index: number, reason: BadRecord["reason"]): void {
  walk.badRecordCount += 1;
  if (walk.badRecords.length < BAD_RECORDS_MAX) walk.badRecords.push({ index, reason });
}

/**
 * The problem behind a negative result of `nextRecord` for record `index` with `remaining` bytes in the
 * body.
 */
export function recordProblem(result: number, index: number, remaining: number): RecordsProblem {
  if (result === RECORD_LENGTH_ILLEGAL) {
    return { error: "UNKNOWN_SERVER_ERROR", message: `record ${index}: its length takes more than 5 bytes` };
  }
  const message =
    result === RECORD_INCOMPLETE
      ? `record ${index}: the batch ends inside it, ${remaining} bytes after its start`
      : `record ${index}: its parts do not fit its length`;
  return { error: "INVALID_RECORD", message };
}

/** Bytes that follow the last of `count` records. */
export function surplusProblem(count: number): RecordsProblem {
  return invalid(`bytes follow the last of ${count} records`);
}

/** Why a batch's count and offset range cannot belong to records of a producer; null when they agree. */
export function batchCountProblem(bytes: Uint8Array, at: number): RecordsProblem | null {
  const count = batchCount(bytes, at);
  const lastOffsetDelta = batchLastOffsetDelta(bytes, at);
  if (lastOffsetDelta < 0) return invalid(`the batch's last offset delta is ${lastOffsetDelta}`);
  if (count <= 0) return invalid(`the batch's record count is ${count}`);
  if (count !== lastOffsetDelta + 1) {
    return invalid(`the batch spans ${lastOffsetDelta + 1} offsets and announces ${count} records`);
  }
  return null;
}

function invalid(message: string): RecordsProblem {
  return { error: "INVALID_RECORD", message };
}
