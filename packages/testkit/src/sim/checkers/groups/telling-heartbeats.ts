// Heartbeats whose answer says something about the group. While a coordinator loads a group, every
// heartbeat is answered without an error, as in Apache Kafka; so one counts only when somebody had an
// answer from the loaded group since the broker started, or its disk failed, last.
import type { GroupHistory, HeartbeatEvent } from "../../group-history.ts";

export function tellingHeartbeats(history: GroupHistory): ReadonlySet<HeartbeatEvent> {
  /** By group: where it was first seen loaded. */
  const loadedAt = new Map<string, number>();
  const telling = new Set<HeartbeatEvent>();
  for (const [at, event] of history.entries()) {
    if (event.f === "node") loadedAt.clear();
    const isAnswer =
      event.f === "sync" || event.f === "offsets" || (event.f === "commit" && event.type === "ok");
    if (isAnswer && !loadedAt.has(event.group)) loadedAt.set(event.group, at);
    if (event.f !== "heartbeat") continue;
    const from = loadedAt.get(event.group);
    if (from !== undefined && from < event.invokedAt) telling.add(event);
  }
  return telling;
}
