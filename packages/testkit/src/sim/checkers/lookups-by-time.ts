// ListOffsets by timestamp answers with the first offset whose record is not older. Records between the
// answer of old and the end of today may have come later, so an answer is judged by the final read alone: no
// earlier record may fit, and the record itself must. Where records go, only the first of both holds.
import { type Anomaly, anomaliesPerCheckerMax, type Checker, type HistoryEvent } from "../history.ts";
import { damagedPlaces } from "./damaged-places.ts";

const checker = "lookups-by-time";

export function lookupsByTime(recordsGo: boolean): Checker {
  return (history) => judge(history, recordsGo);
}

function judge(history: readonly HistoryEvent[], recordsGo: boolean): Anomaly[] {
  const timestamps = new Map<string, Map<number, number>>();
  for (const event of history) {
    if (event.f !== "poll" || event.process !== "final") continue;
    let offsets = timestamps.get(event.key);
    if (offsets === undefined) timestamps.set(event.key, (offsets = new Map()));
    for (const { offset, timestampMs } of event.records) offsets.set(offset, timestampMs);
  }
  const isDamaged = damagedPlaces(history);
  const anomalies: Anomaly[] = [];
  for (const event of history) {
    if (event.f !== "lookup" || anomalies.length >= anomaliesPerCheckerMax) continue;
    const { key, timestampMs, offset, process } = event;
    const asked = `${process} asked for ${timestampMs} in ${key} and got ${offset}`;
    const offsets = timestamps.get(key) ?? new Map<number, number>();
    const first = [...offsets.keys()]
      .sort((a, b) => a - b)
      .find((at) => (offsets.get(at) ?? 0) >= timestampMs);
    // The timestamp is that of a record that was read, so there is an answer.
    const isWrong = recordsGo ? first !== undefined && first < offset : first !== offset;
    if (isWrong && !isDamaged(key, offset))
      anomalies.push({ checker, text: `${asked}, ${first} is the first` });
  }
  return anomalies;
}
