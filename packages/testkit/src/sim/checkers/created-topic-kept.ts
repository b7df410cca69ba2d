// P7 in this world: a topic whose creation was acknowledged is there from then on, with the id that was told.
import { type Anomaly, type Checker } from "../history.ts";

const checker = "created-topic-kept";

export const createdTopicKept: Checker = (history) => {
  const ids = new Map<string, string>();
  const anomalies: Anomaly[] = [];
  for (const event of history) {
    if (event.f !== "topic") continue;
    const before = ids.get(event.topic);
    if (before !== undefined && event.topicId !== before) {
      const text = `${event.topic} was ${before} and is ${event.topicId} for ${event.process}`;
      anomalies.push({ checker, text });
    }
    ids.set(event.topic, event.topicId);
  }
  return anomalies;
};
