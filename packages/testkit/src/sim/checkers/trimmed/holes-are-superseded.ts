// Compaction: where a reader is led past an acknowledged record, a later one of the same key had been sent,
// or it was a tombstone that had stood long enough. Offsets and order of what is left are judged by
// one-record-per-offset.ts and gapless-reads.ts.
import {
  type Anomaly,
  anomaliesPerCheckerMax,
  type Checker,
  type HistoryEvent,
  type PollEvent,
} from "../../history.ts";
import { damagedPlaces } from "../damaged-places.ts";
import { type AckedRecord, ackedRecords, type TrimRules } from "./trim-rules.ts";

const checker = "holes-are-superseded";

export function holesAreSuperseded(rules: TrimRules): Checker {
  return (history) => (rules.isCompacted ? judge(history, rules) : []);
}

function judge(history: readonly HistoryEvent[], rules: TrimRules): Anomaly[] {
  const acked = ackedRecords(history, rules.keys);
  const isDamaged = damagedPlaces(history);
  const anomalies: Anomaly[] = [];
  for (const event of history) {
    if (event.f !== "poll") continue;
    const records = acked.get(event.key) ?? new Map<number, AckedRecord>();
    const present = new Set(event.records.map(({ offset }) => offset));
    for (let offset = event.from; offset < event.next; offset++) {
      const missing = records.get(offset);
      if (missing === undefined || present.has(offset) || isDamaged(event.key, offset)) continue;
      const problem = problemOf(missing, records, event, rules);
      if (problem === null) continue;
      anomalies.push({ checker, text: `${event.process} was led past ${event.key}@${offset}: ${problem}` });
      if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
    }
  }
  return anomalies;
}

function problemOf(
  missing: AckedRecord,
  records: ReadonlyMap<number, AckedRecord>,
  { timeMs }: PollEvent,
  { deleteRetentionMs }: TrimRules,
): string | null {
  const { recordKey, offset, value, isTombstone, sentMs } = missing;
  for (const later of records.values()) {
    if (later.offset > offset && later.recordKey === recordKey && later.sentMs <= timeMs) return null;
  }
  if (!isTombstone) return `${value} is the last of key ${recordKey}`;
  if (timeMs >= sentMs + deleteRetentionMs) return null;
  return `the tombstone ${value} of key ${recordKey} was ${Math.round(timeMs - sentMs)} ms old`;
}
