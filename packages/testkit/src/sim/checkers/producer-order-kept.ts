// P3, second half: what one idempotent producer sent to a partition stands there in the order of its sends.
import { type Anomaly, anomaliesPerCheckerMax, type Checker } from "../history.ts";

const checker = "producer-order-kept";

export const producerOrderKept: Checker = (history) => {
  const rank = new Map<number, { process: string; order: number }>();
  let order = 0;
  for (const event of history) {
    if (event.f !== "send" || event.type !== "invoke") continue;
    for (const value of event.values) rank.set(value, { process: event.process, order: order++ });
  }
  const anomalies: Anomaly[] = [];
  const last = new Map<string, { order: number; value: number }>();
  for (const event of history) {
    if (event.f !== "poll" || event.process !== "final") continue;
    for (const record of event.records) {
      const sent = rank.get(record.value);
      if (sent === undefined) {
        anomalies.push({
          checker,
          text: `${event.key}@${record.offset} holds ${record.value}, which nobody sent`,
        });
        continue;
      }
      const line = `${event.key} ${sent.process}`;
      const before = last.get(line);
      if (before !== undefined && before.order > sent.order) {
        anomalies.push({
          checker,
          text: `${event.key}: ${sent.process} sent ${record.value} before ${before.value}`,
        });
      }
      last.set(line, { order: sent.order, value: record.value });
      if (anomalies.length >= anomaliesPerCheckerMax) return anomalies;
    }
  }
  return anomalies;
};
