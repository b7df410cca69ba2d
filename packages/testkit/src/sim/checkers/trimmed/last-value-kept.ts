// The final read, which began at the log's start, ends with the last acknowledged value of each key; with
// nothing where that is a tombstone. Only a reader that takes as long as tombstones stay may miss one.
import {
  type Anomaly,
  anomaliesPerCheckerMax,
  type Checker,
  type HistoryEvent,
  type Key,
} from "../../history.ts";
import { damagedPlaces } from "../damaged-places.ts";
import { type AckedRecord, ackedRecords, type TrimRules } from "./trim-rules.ts";

const checker = "last-value-kept";

interface FinalRead {
  /** Where the log started for it. */
  readonly start: number;
  readonly timesMs: ReadonlyMap<number, number>;
  readonly endMs: number;
}

export function lastValueKept(rules: TrimRules): Checker {
  return (history) => judge(history, rules).slice(0, anomaliesPerCheckerMax);
}

function judge(history: readonly HistoryEvent[], rules: TrimRules): Anomaly[] {
  const isDamaged = damagedPlaces(history);
  const anomalies: Anomaly[] = [];
  for (const [key, records] of ackedRecords(history, rules.keys)) {
    const read = finalRead(history, key);
    const last = new Map<number, AckedRecord>();
    for (const record of records.values()) last.set(record.recordKey, record);
    for (const record of records.values()) {
      const { offset, value, recordKey } = record;
      if (offset < read.start || read.timesMs.has(offset) || isDamaged(key, offset)) continue;
      const isLast = last.get(recordKey) === record;
      if (rules.isCompacted && (!isLast || isForgotten(record, records, read, rules))) continue;
      anomalies.push({
        checker,
        text: `${value} of key ${recordKey}, acknowledged at ${key}@${offset}, is gone`,
      });
    }
  }
  return anomalies;
}

function finalRead(history: readonly HistoryEvent[], key: Key): FinalRead {
  const timesMs = new Map<number, number>();
  let start = 0;
  let endMs = 0;
  for (const event of history) {
    if (event.f !== "log-start" && event.f !== "poll") continue;
    if (event.process !== "final" || event.key !== key) continue;
    endMs = event.timeMs;
    if (event.f === "log-start") start = Math.max(start, event.offset);
    else for (const { offset } of event.records) timesMs.set(offset, event.timeMs);
  }
  return { start, timesMs, endMs };
}

/** A tombstone may be gone with all before it. */
function isForgotten(
  tombstone: AckedRecord,
  records: ReadonlyMap<number, AckedRecord>,
  read: FinalRead,
  { deleteRetentionMs }: TrimRules,
): boolean {
  if (!tombstone.isTombstone) return false;
  for (const { offset, recordKey } of records.values()) {
    if (recordKey !== tombstone.recordKey || offset >= tombstone.offset) continue;
    const readMs = read.timesMs.get(offset);
    if (readMs !== undefined && read.endMs - readMs < deleteRetentionMs / SLOW_READ_SHARE) return false;
  }
  return true;
}

/** A reader that takes this share of the time of tombstones counts as slow. */
const SLOW_READ_SHARE = 4;
