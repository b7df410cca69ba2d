// P2: an offset of a partition holds one record, for everyone and for ever: acknowledged offsets and all
// polls agree.
import { type Anomaly, anomaliesPerCheckerMax, type Checker } from "../history.ts";

const checker = "one-record-per-offset";

export const oneRecordPerOffset: Checker = (history) => {
  const values = new Map<string, Map<number, { value: number; by: string }>>();
  const anomalies: Anomaly[] = [];
  const note = (key: string, offset: number, value: number, by: string): void => {
    let offsets = values.get(key);
    if (offsets === undefined) values.set(key, (offsets = new Map()));
    const before = offsets.get(offset);
    if (before === undefined) offsets.set(offset, { value, by });
    else if (before.value !== value && anomalies.length < anomaliesPerCheckerMax) {
      const text = `${key}@${offset} is ${before.value} for ${before.by} and ${value} for ${by}`;
      anomalies.push({ checker, text });
    }
  };
  for (const event of history) {
    if (event.f === "poll") {
      for (const record of event.records) note(event.key, record.offset, record.value, event.process);
    } else if (event.f === "send" && event.type === "ok" && event.offset !== null) {
      const first = event.offset;
      event.values.forEach((value, index) => note(event.key, first + index, value, event.process));
    }
  }
  return anomalies;
};
