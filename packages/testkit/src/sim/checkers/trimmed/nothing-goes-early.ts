// Retention by time: where age alone deletes, a log starts behind no record that is younger than
// `retention.ms`; save for those that compaction took from their segment before.
import { type Anomaly, anomaliesPerCheckerMax, type Checker } from "../../history.ts";
import { ackedRecords, type TrimRules } from "./trim-rules.ts";

const checker = "nothing-goes-early";

export function nothingGoesEarly(rules: TrimRules): Checker {
  const { retentionMs, hasSizeRetention, hasDeletions, keys, isCompacted } = rules;
  return (history) => {
    const anomalies: Anomaly[] = [];
    if (retentionMs < 0 || hasSizeRetention || hasDeletions) return anomalies;
    const acked = ackedRecords(history, keys);
    for (const event of history) {
      if (event.f !== "log-start") continue;
      const newest = new Set<number>();
      const records = [...(acked.get(event.key)?.values() ?? [])].filter(
        ({ sentMs }) => sentMs <= event.timeMs,
      );
      for (const { offset, sentMs, recordKey } of records.reverse()) {
        if (isCompacted && newest.has(recordKey)) continue;
        newest.add(recordKey);
        if (offset >= event.offset || sentMs + retentionMs <= event.timeMs) continue;
        const text = `${event.key} starts at ${event.offset}, above ${offset}, sent ${event.timeMs - sentMs} ms before`;
        anomalies.push({ checker, text });
        if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
      }
    }
    return anomalies;
  };
}
