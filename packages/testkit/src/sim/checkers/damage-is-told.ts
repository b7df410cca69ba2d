// P6: who comes to a record that was durable and is damaged is told so, rather than led past it; and what is
// damaged is never shown.
import type { Anomaly, Checker } from "../history.ts";
import { damagedPlaces } from "./damaged-places.ts";

const checker = "damage-is-told";

export const damageIsTold: Checker = (history) => {
  const anomalies: Anomaly[] = [];
  const isDamaged = damagedPlaces(history);
  let hasBegun = false;
  for (const event of history) {
    if (event.f === "damage") {
      hasBegun = true;
      const { key, from } = event;
      const isTold = history.some(
        (told) =>
          told.f === "damage-told" &&
          told.process === "final" &&
          told.key === key &&
          told.position >= from &&
          told.position < event.to,
      );
      if (!isTold) anomalies.push({ checker, text: `nobody was told that ${key}@${from} is damaged` });
    }
    if (!hasBegun || event.f !== "poll") continue;
    for (const { offset } of event.records) {
      if (isDamaged(event.key, offset))
        anomalies.push({
          checker,
          text: `${event.process} was shown ${event.key}@${offset}, which is damaged`,
        });
    }
  }
  return anomalies;
};
