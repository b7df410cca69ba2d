// P6: who comes to a record that was durable and is damaged is told so, rather than led past it; and what is
// damaged is never shown. Who comes from a hole that compaction left is told there.
import type { Anomaly, Checker, HistoryEvent } from "../history.ts";
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
          told.position < event.to &&
          !history.some((poll) => isBetween(poll, key, told.position, from)),
      );
      // It may have been deleted, with others or on its own account.
      const isDeleted = history.some(
        (start) => start.f === "log-start" && start.key === key && start.offset >= event.to,
      );
      if (!isTold && !isDeleted)
        anomalies.push({ checker, text: `nobody was told that ${key}@${from} is damaged` });
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

/** The final read found a record after `position` and before the damage. */
function isBetween(event: HistoryEvent, key: string, position: number, from: number): boolean {
  if (event.f !== "poll" || event.process !== "final" || event.key !== key) return false;
  return event.records.some(({ offset }) => offset >= position && offset < from);
}
