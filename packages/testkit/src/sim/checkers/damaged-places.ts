// Places whose records were damaged on disk: nobody can give them back.
import type { HistoryEvent, Key } from "../history.ts";

/** Whether an offset of a key is damaged. */
export function damagedPlaces(history: readonly HistoryEvent[]): (key: Key, offset: number) => boolean {
  const damage = history.filter((event) => event.f === "damage");
  return (key, offset) => damage.some((one) => one.key === key && one.from <= offset && offset < one.to);
}
